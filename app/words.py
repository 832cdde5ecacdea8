"""How statuses, times and amounts are said to people; the tone beside a word picks its colour and shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import format_date, format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel import clock
from models.kinds import Urgency

STATUS_WORDS: dict[str, dict[str, tuple[Any, str]]] = {
    "order": {
        "submitted": (_l("待审核"), "wait"),
        "returned": (_l("已退回"), "wait"),
        "rejected": (_l("已拒绝"), "bad"),
        "merged": (_l("已合并"), "calm"),
        "transferred": (_l("已转办"), "busy"),
        "open": (_l("待派单"), "wait"),
        "offering": (_l("派单中"), "busy"),
        "staffed": (_l("已接单"), "brand"),
        "serving": (_l("服务中"), "busy"),
        "served": (_l("待评价"), "brand"),
        "rated": (_l("已评价"), "good"),
        "closed": (_l("已办结"), "good"),
        "unfilled": (_l("无人接单"), "bad"),
        "cancelled": (_l("已取消"), "calm"),
        "no_show": (_l("未到场"), "bad"),
        "reopened": (_l("已重开"), "wait"),
        "disputed": (_l("申诉中"), "bad"),
    },
    "offer": {
        "sent": (_l("等您答复"), "wait"),
        "seen": (_l("已看过，等答复"), "wait"),
        "accepted": (_l("已接单"), "good"),
        "declined": (_l("这次不行"), "calm"),
        "expired": (_l("已过时"), "calm"),
        "withdrawn": (_l("已收回"), "calm"),
    },
    "assignment": {
        "accepted": (_l("已接单"), "brand"),
        "on_the_way": (_l("在路上"), "busy"),
        "checked_in": (_l("服务中"), "busy"),
        "checked_out": (_l("已做完"), "good"),
        "confirmed": (_l("已确认"), "good"),
        "handed_back": (_l("已交回"), "calm"),
        "cancelled": (_l("已取消"), "calm"),
        "no_show": (_l("未到场"), "bad"),
    },
}

URGENCY_WORDS = {Urgency.URGENT: _l("急"), Urgency.NORMAL: _l("普通"), Urgency.PLANNED: _l("预约")}


def init_app(app: Flask) -> None:
    """Makes the words known to templates, as functions and as filters."""
    helpers = {
        function.__name__: function
        for function in (
            enumerated,
            spoken,
            field_word,
            status_word,
            inside,
            when,
            when_day,
            ago,
            duration,
            hours,
            distance,
            isotime,
            messages,
            name_number,
        )
    }
    values = {"now": clock.now, "today": clock.today, "get_locale": get_locale, "urgency_words": URGENCY_WORDS}
    app.jinja_env.globals.update(helpers, **values)
    app.jinja_env.filters.update(helpers)


def status_word(kind: str, status: str) -> tuple[str, str]:
    """The plain word for a status and its tone; `kind` is order, offer or assignment."""
    word, tone = STATUS_WORDS[kind][str(status)]
    return str(word), tone


FIELD_WORDS = {
    "reason": _l("原因"),
    "resolution": _l("怎么处理的"),
    "words": _l("说明"),
    "note": _l("备注"),
    "minutes": _l("分钟数"),
    "code": _l("四位服务码"),
    "at": _l("时间"),
    "office_id": _l("社区"),
    "volunteer_id": _l("志愿者"),
    "into": _l("并入哪一单"),
    "house": _l("门牌"),
    "label": _l("叫法"),
    "name": _l("姓名"),
    "phone": _l("手机号"),
    "contact_name": _l("联系人"),
    "contact_phone": _l("联系电话"),
    "access_notes": _l("怎么进门"),
    "title": _l("要办的事"),
    "stars": _l("评分"),
}


def field_word(name: str) -> str:
    """What a field is called where its own form is not at hand."""
    return str(FIELD_WORDS.get(name, _("这一项")))


SPOKEN = {
    "普通话": _l("普通话"),
    "杭州话": _l("杭州话"),
    "宁波话": _l("宁波话"),
    "温州话": _l("温州话"),
    "绍兴话": _l("绍兴话"),
    "粤语": _l("粤语"),
    "手语": _l("手语"),
    "英语": _l("英语"),
}
"""Languages that volunteers speak and residents may ask for: as kept, and as told."""


def spoken(languages: Iterable[str]) -> list[str]:
    """Their names in the reader's language."""
    return [str(SPOKEN.get(one, one)) for one in languages]


def enumerated(items: Iterable[Any]) -> str:
    """甲、乙、丙; in English with commas."""
    return _("、").join(str(item) for item in items)


def when_day(day: date) -> str:
    """今天, 明天, 昨天, 11月23日 周一; with the year where it is another one."""
    if isinstance(day, datetime):
        day = clock.local(day).date()
    today = clock.today()
    if near := _near_days().get((day - today).days):
        return near
    # Translators: these two are date patterns; in English "EEE d MMM" and "EEE d MMM y".
    pattern = _("M月d日 EEE") if day.year == today.year else _("y年M月d日 EEE")
    return format_date(day, pattern, rebase=False)


def when(start: datetime, end: datetime | None = None) -> str:
    """今天 14:00, or 今天 14:00–15:00; an end on another day is said in full, midnight as 24:00."""
    said = f"{when_day(start)} {clock.local(start):%H:%M}"
    if end is None:
        return said
    first, last = clock.local(start), clock.local(end)
    if last.date() == first.date():
        return f"{said}–{last:%H:%M}"
    if f"{last:%H:%M}" == "00:00" and last.date() - first.date() == timedelta(days=1):
        return f"{said}–24:00"
    return f"{said} – {when_day(end)} {last:%H:%M}"


def _near_days() -> dict[int, str]:
    return {0: _("今天"), 1: _("明天"), 2: _("后天"), -1: _("昨天")}


def inside(said: str) -> str:
    """What `when` or `when_day` gave, within a sentence: "Today 14:00" begins small there, "Mon 23 Nov" does not."""
    return said[:1].lower() + said[1:] if said.startswith(tuple(_near_days().values())) else said


def ago(moment: datetime) -> str:
    """刚刚, 5 分钟前, 3 小时前, then the date."""
    minutes = int((clock.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return _("刚刚")
    if minutes < 60:
        return ngettext("%(num)s 分钟前", "%(num)s 分钟前", minutes)
    if minutes < 60 * 24:
        return ngettext("%(num)s 小时前", "%(num)s 小时前", minutes // 60)
    return when(moment)


def duration(minutes: int) -> str:
    """45 分钟, 2 小时, 1 小时 30 分."""
    whole, rest = divmod(int(minutes), 60)
    if not whole:
        return ngettext("%(num)s 分钟", "%(num)s 分钟", rest)
    if not rest:
        return ngettext("%(num)s 小时", "%(num)s 小时", whole)
    return _("%(hours)s 小时 %(minutes)s 分", hours=whole, minutes=rest)


def hours(minutes: float) -> str:
    """Credited time: 1.5 小时."""
    return _("%(number)s 小时", number=format_decimal(round(minutes / 60, 1)))


def distance(metres: float) -> str:
    """850 米, 1.2 公里; never more exact than a volunteer needs."""
    if metres < 1000:
        return _("%(number)s 米", number=max(50, round(metres / 50) * 50))
    return _("%(number)s 公里", number=format_decimal(round(metres / 1000, 1)))


def isotime(moment: datetime) -> str:
    """For the datetime attribute of <time>."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def messages(found: Any) -> list[str]:
    """The sentences in one field's errors, flat: marshmallow nests those of lists and inner fields."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, (list, tuple)):
        return [sentence for part in found for sentence in messages(part)]
    return [str(found)] if found else []


def name_number(name: object) -> int:
    """A number that stays with a name, so that somebody's circle has the same colour everywhere."""
    return sum(ord(letter) for letter in str(name))
