"""Who looked: the list a person reads about themselves, and the office's board of looks per person and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.kernel.access import WATCH, Actor, within
from app.kernel.clock import local, midnight, now, today
from app.privacy.reveals import ABOUT_VOLUNTEER, ASKED_FOR
from models import Office, Order, Reveal, Volunteer, db
from models.kinds import LookReason, LookWay, Role

MOST = 200
DAYS = 14
SHOWN_FOR = timedelta(seconds=60)
"""How long a look shows what was asked for."""
QUIET_FROM, QUIET_UNTIL = 21, 7
"""Looks at these hours of the local day are marked on the office's board."""

REASONS: dict[LookReason, Any] = {
    LookReason.CALL: _l("打电话联系"),
    LookReason.VISIT: _l("上门找地址"),
    LookReason.VERIFY: _l("核实需要"),
    LookReason.LATE: _l("没按时到，要找人"),
    LookReason.SAFETY: _l("担心有人不安全"),
    LookReason.COMPLAINT: _l("处理投诉或回访"),
    LookReason.CALLER: _l("接到您的来电"),
    LookReason.OTHER: _l("别的原因"),
}
FIELDS: dict[str, Any] = {
    "contact_name": _l("姓名"),
    "contact_phone": _l("电话"),
    "address": _l("地址"),
    "place": _l("位置"),
    "access_notes": _l("怎么进门"),
    "volunteer_phone": _l("电话"),
    "caller": _l("来电的号码"),
}
ROLES: dict[str, Any] = {
    Role.COORDINATOR: _l("调度员"),
    Role.SUPERVISOR: _l("监督员"),
    Role.ADMINISTRATOR: _l("管理员"),
}


def reasons() -> list[tuple[str, str]]:
    """What somebody at the desk may choose from."""
    return [(str(code), str(words)) for code, words in REASONS.items() if code != LookReason.CALLER]


@dataclass(frozen=True)
class Look:
    """One look as the person it was about reads it: the office and role of who looked, never the name."""

    at: Any
    office: Office
    role: str
    fields: list[str]
    reason: str
    words: str
    order: Order | None


def about(actor: Actor) -> list[Look]:
    """Who looked at this person's details, as a resident and as a volunteer, the latest first."""
    own = [
        column == key
        for column, key in ((Reveal.resident_id, actor.resident_id), (Reveal.volunteer_id, actor.volunteer_id))
        if key is not None
    ]
    if not own:
        return []
    found = select(Reveal).where(or_(*own), Reveal.shown_at.is_not(None)).order_by(Reveal.shown_at.desc()).limit(MOST)
    rows = db.session.scalars(found.options(joinedload(Reveal.office), joinedload(Reveal.order)))
    return [
        Look(
            row.shown_at, row.office, str(ROLES[Role(row.role)]),
            [str(FIELDS[field]) for field in row.fields if field in FIELDS],
            str(REASONS[LookReason(row.reason)]), row.words, row.order,
        )
        for row in rows
    ]  # fmt: skip


# ---------- the office ----------


@dataclass(frozen=True)
class Board:
    """Looks per person and day, and the single looks behind them."""

    days: list[date]
    people: list[tuple[str, dict[date, int], int]]
    rows: Sequence[Reveal]
    waiting: Sequence[Reveal]


def board(actor: Actor) -> Board:
    """What was looked at in the actor's offices in the last two weeks."""
    days = [today() - timedelta(days=back) for back in range(DAYS)]
    here = within(Office.path, actor.paths(*WATCH, Role.ADMINISTRATOR))
    found = select(Reveal).join(Reveal.office).where(here).options(joinedload(Reveal.actor), joinedload(Reveal.order))
    shown = found.where(Reveal.shown_at >= midnight(days[-1])).order_by(Reveal.shown_at.desc())
    rows = db.session.scalars(shown).all()
    counts: dict[str, dict[date, int]] = {}
    names: dict[str, str] = {}
    for row in rows:
        names[row.actor_id] = row.actor.name
        day = local(row.shown_at).date() if row.shown_at else days[0]
        mine = counts.setdefault(row.actor_id, {})
        mine[day] = mine.get(day, 0) + 1
    people = [(names[key], by_day, sum(by_day.values())) for key, by_day in counts.items()]
    asked = found.where(
        Reveal.shown_at.is_(None), Reveal.approved_at.is_(None), Reveal.asked_at > now() - ASKED_FOR,
        within(Office.path, actor.paths(Role.COORDINATOR)),
    )  # fmt: skip
    waiting = db.session.scalars(asked.order_by(Reveal.asked_at)).all()
    return Board(days, sorted(people, key=lambda one: -one[2]), rows[:MOST], waiting)


def at_odd_hours(row: Reveal) -> bool:
    hour = local(row.shown_at or row.asked_at).hour
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def is_lookup(row: Reveal) -> bool:
    return row.way == LookWay.LOOKUP


# ---------- the values of one look ----------


def values(row: Reveal, actor: Actor) -> list[tuple[str, str, str]]:
    """(field, its name, its value) of a look that has just been committed; for whoever asked, and nobody else.

    A repeat of the same request shows it for as long as the page did: after that it would be a look nobody counted.
    """
    if row.shown_at is None or row.actor_id != actor.account_id or row.shown_at + SHOWN_FOR <= now():
        return []
    return [(field, str(FIELDS[field]), value) for field in row.fields if (value := _value(row, field))]


def _value(row: Reveal, field: str) -> str:
    if field in ABOUT_VOLUNTEER:
        volunteer = db.session.get(Volunteer, row.volunteer_id)
        return volunteer.account.phone if volunteer is not None else ""
    order = row.order
    if order is None:
        return ""
    return f"{order.lat:.6f}, {order.lon:.6f}" if field == "place" else str(getattr(order, field))
