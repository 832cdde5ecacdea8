"""How long what is kept, and the nightly clearing away. Each kind: a setting of the office with a floor and a ceiling.

A kind is a rule that finds what is over its time and clears it, part by part. `--dry-run` only counts. What was
cleared is journalled, kind by kind, as numbers.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, false, func, or_, select, update

from app.kernel import pictures
from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.journal import record
from app.kernel.redaction import redact
from app.kernel.settings import DEFAULTS
from app.kernel.transaction import command
from app.privacy import erasure
from app.privacy.forgetting import blank_order, blank_visits, without_words
from app.privacy.idle import ask_for_idle
from app.privacy.scrubbing import scrub
from models import (
    Assignment,
    Erasure,
    Event,
    FollowUp,
    HoursEntry,
    Notification,
    Offer,
    Office,
    OfficeSetting,
    Order,
    Outbox,
    Rating,
    Reveal,
    Visit,
    db,
)
from models.kinds import EventKind, HoursStatus
from models.states import ORDER_FINAL

log = logging.getLogger(__name__)
AT_ONCE = 200
NAMELESS = "—"
SAID = (Rating.words, Assignment.reason, Offer.decline_reason, HoursEntry.reason)
"""Where people write what they like about a visit."""
ORPHAN_AGE = timedelta(days=1)
"""A picture that no row names is left for a day: its row may be on the way."""


@dataclass(frozen=True)
class Kind:
    """One kind of data: which setting holds its days (None: no setting), and how it is cleared."""

    name: str
    setting: str | None
    clear: Callable[[bool], int]


def periods(name: str) -> dict[str, int]:
    """Office id → the days that hold for it: its own, else its nearest ancestor's, else the default. Two queries."""
    rows = select(OfficeSetting.office_id, OfficeSetting.value).where(OfficeSetting.name == name)
    set_here = {row.office_id: row.value for row in db.session.execute(rows)}
    found = {}
    for office_id, path in db.session.execute(select(Office.id, Office.path)):
        lineage = [part for part in path.split("/") if part]
        found[office_id] = next((int(set_here[key]) for key in reversed(lineage) if key in set_here), DEFAULTS[name])
    return found


def _over(name: str, office: Any, moment: Any) -> Any:
    """SQL: the moment lies longer back than the row's office keeps such rows."""
    by_days: defaultdict[int, list[str]] = defaultdict(list)
    for office_id, days in periods(name).items():
        by_days[days].append(office_id)
    usual = max(by_days, key=lambda days: len(by_days[days]), default=DEFAULTS[name])
    odd = [office_id for days, ids in by_days.items() if days != usual for office_id in ids]
    rules = [and_(office.not_in(odd), moment < _ago(usual))]
    rules += [and_(office.in_(ids), moment < _ago(days)) for days, ids in by_days.items() if days != usual]
    return or_(false(), *rules)


def _ago(days: int) -> datetime:
    return now() - timedelta(days=days)


def _in_parts(found: Any, clear: Callable[[list[str]], None], dry_run: bool) -> int:
    """Count what a query of ids finds; unless it is a dry run, clear it in transactions of some hundred rows."""
    if dry_run:
        return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    done = 0
    while ids := list(db.session.scalars(found.limit(AT_ONCE))):
        db.session.rollback()
        clear(ids)
        done += len(ids)
    return done


# ---------- the kinds ----------


def _orders(dry_run: bool) -> int:
    """Who, where and what was said of orders that are long over; type, area and times stay."""
    over = _over("keep_order_days", Order.office_id, func.coalesce(Order.closed_at, Order.window_until))
    held = or_(
        Order.address_sealed.is_not(None), Order.contact_phone_sealed.is_not(None), Order.words_sealed.is_not(None),
        Order.access_notes_sealed.is_not(None),
    )  # fmt: skip
    return _in_parts(select(Order.id).where(Order.status.in_(ORDER_FINAL), held, over), _clear_orders, dry_run)


def _clear_orders(ids: list[str]) -> None:
    """The rows, then their pictures: one that is left behind by a crash between belongs to no order, and is swept."""
    pictures.remove(_blank_orders(ids))


@command
def _blank_orders(ids: list[str]) -> list[str]:
    names: list[str] = []
    for order in db.session.scalars(
        select(Order).where(Order.id.in_(ids)).order_by(Order.id).with_for_update(of=Order)
    ):
        names += blank_order(order, NAMELESS)
        said = db.session.scalars(select(FollowUp).where(FollowUp.order_id == order.id))
        for row in said:
            row.words = row.resolution = ""
        rows = list(db.session.scalars(select(Event).where(Event.order_id == order.id).order_by(Event.number)))
        redact(order, rows, actor=SYSTEM, keep=without_words)
    return names


def _words(dry_run: bool) -> int:
    """Words of ratings, and why somebody said no, left, or had hours corrected; marks, times and minutes stay."""
    ended = func.coalesce(Order.closed_at, Order.window_until)
    over = and_(Order.status.in_(ORDER_FINAL), _over("keep_words_days", Order.office_id, ended))
    decided = HoursEntry.status != HoursStatus.PENDING, _over("keep_words_days", Order.office_id, HoursEntry.created_at)
    of_visit = select(HoursEntry.id).join(Assignment, Assignment.id == HoursEntry.assignment_id)
    ours: dict[Any, Any] = {
        table: select(table.id).join(Order, Order.id == table.order_id).where(over)
        for table in (Rating, Assignment, Offer)
    }
    ours[HoursEntry] = of_visit.join(Order, Order.id == Assignment.order_id).where(*decided)
    return sum(_in_parts(ours[column.class_].where(column != ""), _blank(column), dry_run) for column in SAID)


def _blank(column: Any) -> Callable[[list[str]], None]:
    table = column.class_

    @command
    def blank(ids: list[str]) -> None:
        if table is HoursEntry:
            _redact_late(ids)
        db.session.execute(update(table).where(table.id.in_(ids)).values({column.key: ""}))

    return blank


def _redact_late(entries: list[str]) -> None:
    """What the journal says of hours decided after everything else of their order had been blanked."""
    visits = select(HoursEntry.assignment_id).where(HoursEntry.id.in_(entries))
    orders = select(Assignment.order_id).where(Assignment.id.in_(visits))
    locked = select(Order).where(Order.id.in_(orders)).order_by(Order.id).with_for_update(of=Order)
    for order in db.session.scalars(locked).all():
        about = select(Event).where(Event.order_id == order.id, Event.subject_id.in_(visits)).order_by(Event.number)
        redact(order, list(db.session.scalars(about)), actor=SYSTEM, keep=without_words)


def _evidence(dry_run: bool) -> int:
    """How far from the door somebody checked in, and their note; that they were there stays."""
    over = _over("keep_evidence_days", Order.office_id, Visit.checked_in_at)
    held = or_(
        Visit.note_sealed.is_not(None), Visit.check_in_distance_m.is_not(None), Visit.check_in_accuracy_m.is_not(None)
    )
    found = select(Visit.id).join(Assignment, Assignment.id == Visit.assignment_id).join(Order).where(held, over)
    return _in_parts(found, _clear_evidence, dry_run)


@command
def _clear_evidence(ids: list[str]) -> None:
    blank_visits(Visit.id.in_(ids))


def _notices(dry_run: bool) -> int:
    """Inbox lines, once everything outside has been told."""
    waiting = exists().where(Outbox.notification_id == Notification.id, Outbox.spread_at.is_(None))
    old = Notification.created_at < _ago(max(periods("keep_notice_days").values(), default=0))
    return _in_parts(select(Notification.id).where(old, ~waiting), _drop(Notification), dry_run)


def _looks(dry_run: bool) -> int:
    """The record of who looked at whose details."""
    over = _over("keep_look_days", Reveal.office_id, Reveal.asked_at)
    return _in_parts(select(Reveal.id).where(over), _drop(Reveal), dry_run)


def _requests(dry_run: bool) -> int:
    """Requests to be erased that were done or taken back long ago."""
    ended = func.coalesce(Erasure.done_at, Erasure.withdrawn_at)
    old = ended < _ago(max(periods("keep_look_days").values(), default=0))
    return _in_parts(select(Erasure.id).where(old), _drop(Erasure), dry_run)


def _drop(table: Any) -> Callable[[list[str]], None]:
    @command
    def drop(ids: list[str]) -> None:
        db.session.execute(delete(table).where(table.id.in_(ids)))

    return drop


def _photos(dry_run: bool) -> int:
    """Picture files that no row names (any more)."""
    done = 0
    for part in _parts(pictures.files()):
        known = pictures.named([file.name for file in part])
        for file in part:
            if file.name in known or file.stat().st_mtime > (now() - ORPHAN_AGE).timestamp():
                continue
            done += 1
            if not dry_run:
                file.unlink(missing_ok=True)
    return done


def _parts(files: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(files), AT_ONCE):
        yield files[start : start + AT_ONCE]


def _accounts(dry_run: bool) -> int:
    """Accounts long unused: their people are told, and erased a month later unless they come back."""
    return ask_for_idle(
        max(periods("keep_account_days").values(), default=DEFAULTS["keep_account_days"]), dry_run=dry_run
    )


KINDS = (
    Kind("accounts", "keep_account_days", _accounts),
    Kind("erasures", None, lambda dry_run: erasure.erase_due(dry_run=dry_run)),
    Kind("orders", "keep_order_days", _orders),
    Kind("words", "keep_words_days", _words),
    Kind("evidence", "keep_evidence_days", _evidence),
    Kind("notices", "keep_notice_days", _notices),
    Kind("looks", "keep_look_days", _looks),
    Kind("requests", "keep_look_days", _requests),
    Kind("photos", None, _photos),
)


def run(*, dry_run: bool = False) -> dict[str, int]:
    """Clear away whatever is over its time; gives how many of each kind, which is also journalled."""
    counts: dict[str, int] = {}
    for kind in KINDS:
        counts[kind.name] = kind.clear(dry_run)
        db.session.rollback()
    if not dry_run:
        _write_down(counts)
        scrub()
    return counts


@command
def _write_down(counts: dict[str, int]) -> None:
    root = db.session.scalar(select(Office).where(Office.parent_id.is_(None)).order_by(Office.id).limit(1))
    if root is not None:
        record(root, EventKind.RETENTION_RUN, actor=SYSTEM, **dict[str, Any](counts))
