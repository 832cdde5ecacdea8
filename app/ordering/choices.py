"""What people choose from when they order, in the page's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel import clock
from app.ordering.demands import positions_range
from app.people.choices import LANGUAGES
from app.words import spoken
from models import ServiceItem
from models.kinds import Sex

DAYS = ("now", "today", "tomorrow", "other")
PARTS = ("morning", "afternoon", "evening", "hour")
COMMON = "普通话"
"""Everybody speaks it, so nobody needs to ask for it."""

CATEGORY_ICONS = {
    "policy": "policy", "culture": "culture", "tutoring": "tutoring", "teaching": "tutoring", "health": "health",
    "science": "science", "law": "law", "sanitation": "sanitation", "cleaning": "sanitation", "relief": "relief",
}  # fmt: skip

CANCEL_REASONS = (_l("不需要了"), _l("时间不合适"), _l("填错了"), _l("已经有人帮我了"), _l("其他原因"))


def days() -> list[tuple[str, str, str]]:
    """尽快, 今天, 明天, 选日子; each with a hint."""
    return [
        ("now", _("尽快"), _("马上开始找人")),
        ("today", _("今天"), ""),
        ("tomorrow", _("明天"), ""),
        ("other", _("选日子"), ""),
    ]


def parts() -> list[tuple[str, str, str]]:
    return [
        ("morning", _("上午"), "8:00–12:00"),
        ("afternoon", _("下午"), "12:00–18:00"),
        ("evening", _("晚上"), "18:00–21:00"),
        ("hour", _("说准几点"), _("比如医院预约的时间")),
    ]


def languages() -> list[tuple[str, str]]:
    others = [language for language in LANGUAGES if language != COMMON]
    return list(zip(others, spoken(others), strict=True))


def sexes() -> list[tuple[str, str]]:
    return [("", _("都可以")), (str(Sex.FEMALE), _("女志愿者")), (str(Sex.MALE), _("男志愿者"))]


def cancel_reasons() -> list[tuple[str, str]]:
    return [(str(reason), str(reason)) for reason in CANCEL_REASONS]


def people_wanted(item: ServiceItem | None) -> tuple[int, int] | None:
    """How few and how many volunteers the pages let one ask for; None where one is always enough."""
    if item is not None and item.positions == 1:
        return None
    least, most = positions_range(item)
    return least, min(most, 20)


def first_day() -> str:
    return clock.today().isoformat()
