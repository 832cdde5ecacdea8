"""The journal in words: one sentence for every kind of event, and the rows of an order's timeline.

The journal holds ids and plain words, never names: who a visit or an offer is about is looked up when it is shown, and
only to those who may know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.dispatching.queries import set_aside_words
from app.kernel.access import Actor, may
from app.kernel.clock import local
from app.language import current_language
from app.oversight.event_words import SENTENCES
from app.privacy.masks import name as masked
from app.privacy.queries import View, view_at_desk
from app.rating.words import EVIDENCE, MARKS, OUTCOMES
from app.words import enumerated
from models import Assignment, Event, Offer, Order, Reserve, Volunteer, db
from models.kinds import EventKind, Role

K = EventKind
CAUSES: dict[str, Any] = {
    "review": _l("审核超过时限"),
    "nobody_came": _l("居民说还没有人来"),
    "check_in": _l("到时间没有签到"),
    "check_out": _l("到时间没有签退"),
    "bad_mark": _l("评价不满意"),
    "not_done": _l("居民说没有做"),
    "half_done": _l("居民说只做了一半"),
    "volunteer_word": _l("志愿者反映情况"),
    "safety": _l("志愿者求助：不安全"),
    "record_questioned": _l("志愿者对记录有疑问"),
    "reopened": _l("居民重开了单子"),
    "disputed": _l("有人提出申诉"),
    "transferred": _l("单子转走了"),
    "merged": _l("单子合并了"),
    "amended": _l("单子的内容改了"),
    "started": _l("服务已经开始"),
    "cancelled": _l("单子取消了"),
    "staffed": _l("人已经找齐"),
    "taken": _l("别人先接了"),
    "escalated": _l("升级给上一级"),
    "low_risk_approved_at_once": _l("低风险，按规则当场通过"),
    "intake": _l("电话代录时核实过"),
    "busy": _l("那段时间接了别的单"),
    "overtaken": _l("情况变了"),
    "by_hand": _l("调度员收回"),
    "undone": _l("发出前撤销了"),
    "moved": _l("调度员改了安排"),
    "split": _l("单子分成了两张"),
    "replanned": _l("一天的单重新排过"),
    "plan_undone": _l("一天的安排撤回了"),
    "window_over": _l("服务时间已经过了"),
    "nobody_eligible": _l("没有合适的人"),
    "taken_by_others": _l("合适的人都在做别的单"),
}
"""Codes that events carry as their cause, rule or reason, in words."""
ORIGINS: dict[str, Any] = {
    "dispatch": _l("系统派单"),
    "hand": _l("调度员指定"),
    "reserve": _l("候补优先"),
    "claim": _l("志愿者自己接的"),
}
FIELDS: dict[str, Any] = {
    "words": _l("说明"),
    "window_from": _l("时间"),
    "window_until": _l("时间"),
    "duration_minutes": _l("时长"),
    "access_notes": _l("上门注意"),
    "contact_phone": _l("联系电话"),
    "item": _l("服务项目"),
    "office": _l("站点"),
    "positions": _l("人数"),
}

GOOD = {K.ORDER_APPROVE, K.ORDER_STAFF, K.ORDER_FINISH, K.ORDER_CLOSE, K.OFFER_ACCEPT, K.ASSIGNMENT_MAKE,
        K.ASSIGNMENT_CHECK_OUT, K.FOLLOW_UP_RESOLVE, K.HOURS_APPROVE}  # fmt: skip
BAD = {K.ORDER_REJECT, K.ORDER_GIVE_UP, K.ORDER_MISS, K.ORDER_DISPUTE, K.ORDER_LATE, K.ASSIGNMENT_MISS,
       K.ASSIGNMENT_UNSAFE, K.FOLLOW_UP_OPEN}  # fmt: skip
BUSY = {K.ORDER_OFFER, K.OFFER_MAKE, K.ORDER_START, K.ASSIGNMENT_CHECK_IN, K.ASSIGNMENT_DEPART, K.ORDER_RETRY}
WAIT = {K.ORDER_RETURN, K.ORDER_ESCALATE, K.ORDER_UNPLACED, K.ASSIGNMENT_HAND_BACK, K.ORDER_UNSTAFF, K.ORDER_REOPEN}

FOR_ANYBODY = frozenset(
    {
        K.ORDER_PLACE, K.ORDER_RETURN, K.ORDER_RESUBMIT, K.ORDER_REJECT, K.ORDER_MERGE, K.ORDER_TRANSFER,
        K.ORDER_RECEIVE, K.ORDER_APPROVE, K.ORDER_OFFER, K.ORDER_STAFF, K.ORDER_UNSTAFF, K.ORDER_GIVE_UP,
        K.ORDER_RETRY, K.ORDER_START, K.ORDER_FINISH, K.ORDER_RATE, K.ORDER_CLOSE, K.ORDER_CANCEL, K.ORDER_MISS,
        K.ORDER_REOPEN, K.ORDER_DISPUTE, K.ORDER_RESOLVE, K.ORDER_AMEND, K.RATING_ASK,
        K.ASSIGNMENT_DEPART, K.ASSIGNMENT_CHECK_IN, K.ASSIGNMENT_CHECK_OUT, K.ASSIGNMENT_HAND_BACK,
    }
)  # fmt: skip
"""What the resident and the volunteers of an order see of it too: how far it has come, never who declined or what the
desk noted."""


class Line(TypedDict):
    """A row for the timeline macro."""

    at: datetime
    text: str
    who: str
    tone: str
    detail: str


def sentence(event: Event, whom: str | None = None) -> str:
    """What happened, in one sentence; `whom` is the volunteer it is about, where the reader may know the name."""
    said = str(SENTENCES[EventKind(event.kind)])
    return said % {"whom": whom or _("一位志愿者")} if "%(whom)s" in said else said


def detail(event: Event) -> str:
    """The particulars of an event in words: reasons, causes, evidence, amounts."""
    told = event.particulars or {}
    parts = [
        said(CAUSES, told.get("reason") or told.get("words") or told.get("resolution")),
        said(CAUSES, told.get("cause") or told.get("missing") or told.get("why") or _more(told)),
        said(ORIGINS, told.get("origin")),
        said(EVIDENCE, told.get("evidence")),
        said(MARKS, told.get("stars")),
        said(OUTCOMES, told.get("outcome")),
        _fields(told.get("fields")),
        _set_aside(told.get("despite")),
        *_named(told),
    ]
    return " · ".join(part for part in parts if part)


def _more(told: Mapping[str, Any]) -> Any:
    return told.get("rule") or told.get("by") or told.get("verdict")


def _named(told: Mapping[str, Any]) -> list[str]:
    """The particulars that need a sentence of their own."""
    return [
        _("%(minutes)s 分钟", minutes=told["minutes"]) if told.get("minutes") is not None else "",
        _("转到%(office)s", office=told["office"]) if told.get("office") else "",
        _("原来在%(office)s", office=told["came_from"]) if told.get("came_from") else "",
        _("并入 %(number)s", number=told["into"]) if told.get("into") else "",
        _("分出 %(number)s", number=told["split_into"]) if told.get("split_into") else "",
        _("从 %(number)s 分出来", number=told["split_from"]) if told.get("split_from") else "",
        _("%(number)s 并了进来", number=told["merged"]) if told.get("merged") else "",
        _("没有人评价，到期自动办结") if told.get("unrated") else "",
        _("还差 %(n)s 人，先这样开始", n=told["open_positions"]) if told.get("partly") else "",
        _("手机没信号，%(time)s 的事后来才报上来", time=_told_at(told)) if told.get("reported_late") else "",
        _("从通知里的链接答复") if told.get("by_link") else "",
    ]


def _told_at(told: Mapping[str, Any]) -> str:
    return f"{local(datetime.fromisoformat(str(told.get('happened_at')))):%m-%d %H:%M}"


def said(words: Mapping[Any, Any], code: Any) -> str:
    """The words for a code; what is no code stands for itself."""
    if code is None or isinstance(code, dict | list):
        return ""
    return str(words.get(code, code))


def _fields(names: Any) -> str:
    listed = names if isinstance(names, list) else []
    return enumerated(dict.fromkeys(str(FIELDS[name]) for name in listed if name in FIELDS))


def _set_aside(rules: Any) -> str:
    """What a coordinator was told of and asked in spite of."""
    found = set_aside_words([str(rule) for rule in rules], current_language()) if isinstance(rules, list) else []
    return _("破例：%(words)s", words=enumerated(found)) if found else ""


def tone(kind: str) -> str:
    """The colour of an event's dot."""
    for colour, kinds in (("good", GOOD), ("bad", BAD), ("busy", BUSY), ("wait", WAIT)):
        if kind in kinds:
            return colour
    return ""


def timeline(order: Order, actor: Actor) -> list[Line]:
    """Every event of an order, newest first, as much of it as this actor may know."""
    found = select(Event).where(Event.order_id == order.id).order_by(Event.version.desc())
    by_desk = may(actor, "board.see", order)
    exact = actor.is_system or actor.covers(order.office.path, Role.COORDINATOR)
    names = _volunteers(order.id) if by_desk else {}
    seen = view_at_desk(order, actor)
    return [
        _line(event, names.get(event.subject_id), seen if by_desk else None, exact)
        for event in db.session.scalars(found)
        if by_desk or event.kind in FOR_ANYBODY
    ]


def _line(event: Event, whom: str | None, seen: View | None, exact: bool) -> Line:
    hidden = event.kind == K.ORDER_NOTE and not exact
    return Line(
        at=event.at,
        text=sentence(event, whom if exact or not whom else masked(whom)),
        who=_who(event, seen),
        tone=tone(event.kind),
        detail=_("只有调度员能看") if hidden else detail(event),
    )


def _who(event: Event, seen: View | None) -> str:
    """Who did it: colleagues and volunteers by name, whoever is served masked; for the desk only."""
    if event.actor_id is None:
        return _("系统")
    return seen.account_name(event.actor_id, event.actor_name) if seen is not None else ""


def _volunteers(order_id: str) -> dict[str, str]:
    """The volunteers' names behind an order's offers, reserves and visits, by the id of those."""
    names: dict[str, str] = {}
    for table in (Offer, Assignment, Reserve):
        held = (
            select(table.id, Volunteer.name)
            .join(Volunteer, table.volunteer_id == Volunteer.id)
            .where(table.order_id == order_id)
        )
        names.update(db.session.execute(held).all())
    return names
