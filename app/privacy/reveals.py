"""Looking at somebody's details: asked for with a reason, counted, written down before the value is shown.

Each look is a row, told to whom it is about; the journal's entry is written in the same transaction. Values are read
only after it has been committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.kernel import locks
from app.kernel.access import Actor, require
from app.kernel.clock import now, today
from app.kernel.errors import Invalid, OwnEntry, TooManyLooks, WrongState
from app.kernel.idempotency import once
from app.kernel.journal import record
from app.kernel.settings import setting
from app.kernel.transaction import command
from app.notices.service import tell
from app.privacy.queries import view_at_desk
from app.privacy.table import KEPT_AT_DESK, Level
from app.privacy.watching import watch_over
from models import Account, Assignment, Office, Order, Resident, Reveal, RoleGrant, Volunteer, db
from models.kinds import EventKind, LookReason, LookWay, NoticeKind, Role
from models.reveal import LOOKING
from models.states import ASSIGNMENT_BUSY

ABOUT_VOLUNTEER = ("volunteer_phone",)
ABOUT_ORDER = tuple(field for field in KEPT_AT_DESK if field not in ABOUT_VOLUNTEER)
APPROVED_FOR = timedelta(minutes=60)
"""So long after a second person's yes a minor's details may be looked at, once."""
ASKED_FOR = timedelta(hours=24)
"""A question nobody has answered by then is void."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@command
def reveal(
    order_id: str,
    *,
    fields: Sequence[str],
    reason: str,
    actor: Actor,
    words: str = "",
    key: str | None = None,
    way: LookWay = LookWay.ONE,
) -> Reveal:
    """Look at who and where of an order. With a minor the row waits for a colleague's yes (`shown_at` is empty).

    Raises Invalid for fields that are not for asking, TooManyLooks beyond the hour's or the day's number.
    """
    content = [order_id, sorted(fields), reason, words]
    row_id, _again = once(key, actor, "reveal", content, lambda: _look(order_id, fields, reason, words, actor, way).id)
    return db.session.get_one(Reveal, row_id)


def _look(order_id: str, fields: Sequence[str], reason: str, words: str, actor: Actor, way: LookWay) -> Reveal:
    order = locks.locked_order(order_id)
    require(actor, "reveal.make", order)
    seen = view_at_desk(order, actor)
    wanted = [field for field in ABOUT_ORDER if field in fields and seen.level(field) == Level.REVEAL]
    if not wanted:
        raise Invalid({"fields": [_("请选要看什么。")]})
    _told(reason, words)
    row = _approved(order, wanted, actor)
    if row is None:
        row = _row(
            actor, order.office, order=order, resident_id=order.resident_id,
            fields=wanted, reason=reason, words=words, stage=order.status, way=way,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        if is_minor(order.resident, order.office):
            return _ask(row, actor)
    return _show(row, order.office, actor)


@command
def reveal_volunteer(
    volunteer_id: str,
    *,
    reason: str,
    actor: Actor,
    words: str = "",
    order_id: str | None = None,
    key: str | None = None,
) -> Reveal:
    """Look at a volunteer's telephone number, about an order where there is one."""
    content = [volunteer_id, order_id, reason, words]
    row_id, _again = once(
        key, actor, "reveal.volunteer", content, lambda: _look_at(volunteer_id, reason, words, order_id, actor).id
    )
    return db.session.get_one(Reveal, row_id)


def _look_at(volunteer_id: str, reason: str, words: str, order_id: str | None, actor: Actor) -> Reveal:
    order = locks.locked_order(order_id) if order_id else None
    volunteer = locks.locked(Volunteer, volunteer_id)
    if order is not None and not _works_on(order, volunteer):
        order = None  # somebody else's order says nothing about them, and the look belongs to their own office
    require(actor, "reveal.make", order or volunteer)
    _told(reason, words)
    office = order.office if order is not None else volunteer.office
    row = _row(
        actor, office, order=order, volunteer_id=volunteer.id, reason=reason,
        fields=list(ABOUT_VOLUNTEER), words=words, stage=order.status if order else "",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return _show(row, office, actor)


def _row(actor: Actor, office: Office, **about: Any) -> Reveal:
    """A look by the actor, as what they are to the people of this office at this moment."""
    role = next((role for role in LOOKING if actor.covers(office.path, role)), Role.COORDINATOR)
    return Reveal(actor_id=actor.account_id, role=role, office_id=office.id, asked_at=now(), **about)


def _works_on(order: Order, volunteer: Volunteer) -> bool:
    held = select(Assignment.id).where(
        Assignment.order_id == order.id,
        Assignment.volunteer_id == volunteer.id,
        Assignment.status.in_(ASSIGNMENT_BUSY),
    )
    return db.session.scalar(held.limit(1)) is not None


def _told(reason: str, words: str) -> None:
    if reason not in set(LookReason) - {LookReason.CALLER}:
        raise Invalid({"reason": [_("请选为什么要看。")]})
    if reason == LookReason.OTHER and len(words.strip()) < 2:
        raise Invalid({"words": [_("请写一句为什么。")]})


def _show(row: Reveal, office: Office, actor: Actor) -> Reveal:
    """The look itself: within the limits, journalled, watched over."""
    locks.locked(Account, str(actor.account_id))  # two looks of one person at once are counted one after the other
    _within_limits(office, actor)
    row.shown_at = now()
    record(row, EventKind.REVEAL_SHOW, actor=actor, fields=row.fields, reason=row.reason, way=str(row.way))
    db.session.flush()
    watch_over(actor, office)
    return row


def _within_limits(office: Office, actor: Actor) -> None:
    for name, span, most in (
        ("hour", HOUR, setting(office, "reveals_per_hour")),
        ("day", DAY, setting(office, "reveals_per_day")),
    ):
        if looks(actor, now() - span) >= most:
            raise TooManyLooks(limit=int(most), per=name)


def looks(actor: Actor, since: Any, *ways: str) -> int:
    """How many people's details the actor has looked at since then; callers looked up by number count apart."""
    counted = ways or (LookWay.ONE, LookWay.BULK)
    found = select(func.count()).where(
        Reveal.actor_id == actor.account_id, Reveal.shown_at > since, Reveal.way.in_(counted)
    )
    return db.session.scalar(found) or 0


# ---------- a second person's yes ----------


def is_minor(resident: Resident, office: Office) -> bool:
    """Whether somebody may be no older than the office's limit; only the year of birth is known, so rather yes."""
    limit = setting(office, "minor_until")
    return bool(limit) and resident.birth_year is not None and today().year - resident.birth_year <= limit


def _ask(row: Reveal, actor: Actor) -> Reveal:
    """Wait for a colleague: every other coordinator of the office is told."""
    record(row, EventKind.REVEAL_ASK, actor=actor, fields=row.fields, reason=row.reason)
    held = select(RoleGrant.account_id).filter_by(role=Role.COORDINATOR, office_id=row.office_id)
    for account_id in db.session.scalars(held.where(RoleGrant.account_id != row.actor_id)):
        tell(account_id, NoticeKind.REVEAL_ASKED, order=row.order)
    return row


def _approved(order: Order, wanted: list[str], actor: Actor) -> Reveal | None:
    """The actor's question about this order that a colleague has said yes to, and that has not been used."""
    found = select(Reveal).where(
        Reveal.order_id == order.id, Reveal.actor_id == actor.account_id, Reveal.shown_at.is_(None),
        Reveal.approved_at > now() - APPROVED_FOR,
    )  # fmt: skip
    rows = db.session.scalars(found.order_by(Reveal.approved_at.desc()))
    return next((row for row in rows if set(wanted) <= set(row.fields)), None)


def of_a_colleague(reveal_id: str, act: str, actor: Actor, why_not: str) -> Reveal:
    """Somebody else's look, held with its order; OwnEntry in these words for one's own."""
    asked = db.session.get(Reveal, reveal_id)
    if asked is not None and asked.order_id:
        locks.locked_order(asked.order_id)
    row = locks.locked(Reveal, reveal_id)
    require(actor, act, row)
    if row.actor_id == actor.account_id:
        raise OwnEntry(why_not)
    return row


@command
def approve(reveal_id: str, *, actor: Actor) -> Reveal:
    """A second person's yes; never one's own. Raises OwnEntry, WrongState where it is too late."""
    row = of_a_colleague(reveal_id, "reveal.approve", actor, _("要看的人不能自己同意，请同事来看。"))
    if row.approved_at is not None:
        return row
    if row.shown_at is not None or row.asked_at <= now() - ASKED_FOR:
        raise WrongState()
    row.approved_by_id, row.approved_at = actor.account_id, now()
    record(row, EventKind.REVEAL_APPROVE, actor=actor)
    return row


# ---------- callers ----------


@command
def note_lookup(residents: Sequence[Resident], *, actor: Actor) -> None:
    """A caller was looked up by their number: whoever was found is told so. Raises TooManyLooks."""
    if not residents:
        return
    locks.locked(Account, str(actor.account_id))
    most = setting(residents[0].office, "lookups_per_hour")
    if looks(actor, now() - HOUR, LookWay.LOOKUP) + len(residents) > most:
        raise TooManyLooks(limit=int(most), per="hour")
    for resident in residents:
        row = _row(
            actor, resident.office, resident_id=resident.id, way=LookWay.LOOKUP,
            fields=["caller"], reason=LookReason.CALLER, shown_at=now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        record(row, EventKind.REVEAL_LOOKUP, actor=actor)
