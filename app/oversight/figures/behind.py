"""The orders behind a number: their numbers, kinds, statuses, offices and times; nothing about anybody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.kernel.clock import local
from app.offices.queries import in_english, named
from app.oversight.figures import measures
from app.oversight.figures.measures import LISTED, Span
from app.oversight.figures.sqltime import minutes_between
from app.oversight.figures.summary import RULES
from app.oversight.figures.tables import FREE
from app.oversight.worklists import page
from app.privacy.masks import name as masked
from app.words import status_word
from models import Office, Order, ServiceCategory, ServiceItem, Visit, Volunteer, db
from models.assignment import Assignment

_CODE = re.compile(r"[\w-]{1,40}")
ROWS = 50
MOST = 20_000
"""Rows of one CSV."""


@dataclass(frozen=True)
class Asked:
    """Which of the orders: a set of measures.LISTED, a category of the menu, why nobody was found."""

    which: str = "all"
    kind: str = ""
    reason: str = ""

    def parts(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def asked_of(given: Any) -> Asked:
    """What the query string asks for; a set that opens no list is the set of all."""
    which, kind, reason = (given.get(name, "") for name in ("which", "kind", "reason"))
    return Asked(
        which if which in LISTED else "all", kind if _CODE.fullmatch(kind) else "",
        reason if reason == FREE or reason in RULES else "",
    )  # fmt: skip


def words(asked: Asked) -> str:
    """What the list is, in words."""
    said: dict[str, str] = {
        "all": _("点的单子"), "met": _("做到的单子"), "unmet": _("没做到的单子"), "unfilled": _("没有人接的单子"),
        "pending": _("还没结果或取消的单子"),
        "accepted": _("有人接了的单子，等得久的在前"), "on_time": _("准时上门的单子"), "late": _("没准时上门的单子"),
        "rated": _("有评价的单子"), "refused": _("有人说过“这次不行”的单子"),
    }  # fmt: skip
    return said[asked.which]


def _found(span: Span, asked: Asked) -> Any:
    spent = minutes_between(Order.opened_at, Order.staffed_at).label("waited")
    found = (
        span.orders(
            Order.id, Order.number, Order.status, Order.created_at, Order.served_at, spent,
            ServiceItem.name, ServiceItem.name_en, Office.name.label("office_name"), Office.name_en.label("office_en"),
        )
        .outerjoin(ServiceItem, Order.item_id == ServiceItem.id)
        .outerjoin(ServiceCategory, ServiceItem.category_id == ServiceCategory.id)
        .where(measures.which(asked.which))
    )  # fmt: skip
    if asked.kind:
        found = found.where(func.coalesce(ServiceCategory.code, FREE) == asked.kind)
    if asked.reason:
        wanted = "" if asked.reason == FREE else asked.reason
        ids = [key for key, _path, rule in measures.causes(span) if rule == wanted]
        found = found.where(Order.id.in_(ids[:MOST]))
    return found.order_by(spent.desc(), Order.id) if asked.which == "accepted" else found.order_by(
        Order.created_at.desc(), Order.id
    )  # fmt: skip


def orders(span: Span, asked: Asked, number: int) -> tuple[Sequence[Any], int, int]:
    """One page of the orders behind a number, the latest first, with the page's number and how many pages there are."""
    return page(_found(span, asked), number, ROWS)


def order_sheet(span: Span, asked: Asked) -> list[list[Any]]:
    """The same as rows for a spreadsheet; the first MOST of them."""
    head = [_("单号"), _("服务"), _("状态"), _("站点"), _("点单时间"), _("做完时间"), _("多久有人接（分钟）")]
    return [head] + [
        [
            row.number, kind_words(row), status_word("order", row.status)[0], office_words(row), _at(row.created_at),
            _at(row.served_at), None if row.waited is None else round(row.waited),
        ]
        for row in db.session.execute(_found(span, asked).limit(MOST))
    ]  # fmt: skip


def kind_words(row: Any) -> str:
    """The menu item's name; what somebody wrote in their own words is not told here."""
    return str((in_english() and row.name_en) or row.name or _("自己写的"))


def office_words(row: Any) -> str:
    return str((in_english() and row.office_en) or row.office_name)


def _at(moment: Any) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def active_people(span: Span, number: int) -> tuple[Sequence[Any], int, int]:
    """The volunteers who began a visit in the period, by office and name: a list, not a ranking."""
    begins, ends = span.period.begins, span.period.ends
    active = (
        select(Assignment.volunteer_id)
        .join(Visit, Visit.assignment_id == Assignment.id)
        .where(Visit.checked_in_at >= begins, Visit.checked_in_at < ends)
    )
    found = (
        select(Volunteer.id, Volunteer.name, Volunteer.team, Office)
        .join(Office, Volunteer.office_id == Office.id)
        .where(Volunteer.id.in_(active), span.scope.holds())
        .order_by(Office.path, Volunteer.name, Volunteer.id)
    )
    return page(found, number, ROWS)


def people_sheet(span: Span, exact: Any) -> list[list[Any]]:
    """The same for a spreadsheet; names masked where the reader only watches."""
    rows: list[list[Any]] = [[_("志愿者"), _("队伍"), _("站点")]]
    number, pages = 1, 1
    while number <= pages and len(rows) <= MOST:
        found, number, pages = active_people(span, number)
        for row in found:
            rows.append([row.name if exact(row.Office.path) else masked(row.name), row.team, named(row.Office)])
        number += 1
    return rows
