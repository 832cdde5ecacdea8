"""What erasing a person does to each table. Call it inside a command; the key is destroyed with it.

Rows stay where others count on them (hours, times, areas, who did what to which order), under a pseudonym. What names
the person, where they live, how they are reached and what was said in free words goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, null, or_, select, update

from app.dispatching.frozen import text_of
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.redaction import redact
from app.privacy.persons import Person
from models import (
    Account,
    Assignment,
    AuthSession,
    Availability,
    AvailabilityException,
    Block,
    Credential,
    DispatchRun,
    Event,
    FollowUp,
    Guardian,
    HoursEntry,
    IdempotencyKey,
    KnownDevice,
    Offer,
    Order,
    Rating,
    RecoveryCode,
    ResetCode,
    Resident,
    Reveal,
    RoleGrant,
    SavedAddress,
    SavedView,
    SecondFactor,
    SubjectKey,
    Visit,
    Volunteer,
    VolunteerSkill,
    db,
)
from models.sealed import forget_keys

NO_PASSWORD = "!"  # noqa: S105 - no hash at all, so no password fits
WORDS = frozenset({"reason", "words", "note", "why", "resolution", "detail", "name"})
"""Particulars of the journal in which people write what they like."""
Deletable = type[Any]


def forget(who: Person, actor: Actor) -> list[str]:
    """Erase the person; gives the names of photo files to remove once this is committed."""
    pseudonym = who.pseudonym
    photos: list[str] = []
    orders = _order_ids(who)
    if who.resident is not None:
        photos = _served(who.resident, orders, pseudonym)
    if who.volunteer is not None:
        photos += _helped(who.volunteer, pseudonym)
    if who.account is not None:
        _asked_for_others(who.account, pseudonym)
    _forget_snapshots([*orders, *([who.volunteer.id] if who.volunteer is not None else [])])
    _redact_journal(who, orders, actor)
    if who.account is not None:
        _signed_in(who.account, pseudonym)
    db.session.flush()
    destroy_keys(who.subject_ids)
    return photos


def destroy_keys(subject_ids: Iterable[str]) -> None:
    """From here on nobody can open what was sealed for these people, here or in any copy without their keys."""
    session = db.session()
    known = set(session.scalars(select(SubjectKey.subject_id).where(SubjectKey.subject_id.in_(list(subject_ids)))))
    for subject_id in subject_ids:
        if subject_id not in known:
            session.add(SubjectKey(subject_id=subject_id, version="", wrapped=None, destroyed_at=now()))
    gone = update(SubjectKey).where(SubjectKey.subject_id.in_(known))
    session.execute(gone.values(wrapped=None, destroyed_at=now()))
    forget_keys(session)


def _order_ids(who: Person) -> list[str]:
    if who.resident is None:
        return []
    return list(db.session.scalars(select(Order.id).where(Order.resident_id == who.resident.id)))


# ---------- somebody who was served ----------


def _served(resident: Resident, orders: list[str], pseudonym: str) -> list[str]:
    resident.name, resident.phone, resident.access_notes = pseudonym, "", ""
    resident.birth_year, resident.priority_group = None, ""
    _drop(SavedAddress, SavedAddress.resident_id == resident.id)
    _drop(Block, Block.resident_id == resident.id)
    _blank_words_of(Reveal, Reveal.resident_id == resident.id, "words")
    photos = []
    for order in db.session.scalars(select(Order).where(Order.id.in_(orders))):
        photos += blank_order(order, pseudonym)
        order.sex_wish, order.languages, order.needs_wheelchair = None, [], False
    visited = select(Assignment.id).where(Assignment.order_id.in_(orders))
    _blank_said(Rating.order_id.in_(orders), FollowUp.order_id.in_(orders))
    _blank_words_of(Assignment, Assignment.order_id.in_(orders), "reason")
    _blank_words_of(HoursEntry, HoursEntry.assignment_id.in_(visited), "reason")
    _blank_words_of(Offer, Offer.order_id.in_(orders), "decline_reason")
    _forget_the_way(Offer.order_id.in_(orders))
    return photos


def blank_order(order: Order, name: str) -> list[str]:
    """Take out of an order who, where and what was said; type, area and times stay. Gives its photos' file names."""
    order.words = order.contact_phone = order.address = order.access_notes = ""
    order.contact_name, order.reason = name, ""
    order.title = order.item.name if order.item is not None else "—"
    order.lat, order.lon = order.office.lat, order.office.lon
    photos = [photo.filename for photo in order.photos]
    order.photos = []
    held = select(Assignment.id).where(Assignment.order_id == order.id)
    blank_visits(Visit.assignment_id.in_(held))
    return photos


def blank_visits(which: Any) -> None:
    """Take the note and the fix out of visits; that they were, and by which evidence, stays."""
    gone: dict[str, Any] = {"note_sealed": None, "check_in_distance_m": None, "check_in_accuracy_m": None}
    db.session.execute(update(Visit).where(which).values(gone))


# ---------- somebody who helped ----------


def _helped(volunteer: Volunteer, pseudonym: str) -> list[str]:
    photos = [volunteer.portrait.filename] if volunteer.portrait is not None else []
    volunteer.portrait = None
    volunteer.name, volunteer.team, volunteer.sex, volunteer.birth_year = pseudonym, "", None, None
    volunteer.lat, volunteer.lon = volunteer.office.lat, volunteer.office.lon
    volunteer.languages, volunteer.is_verified, volunteer.is_paused = [], False, True
    volunteer.on_duty_until = volunteer.quiet_from = volunteer.quiet_until = None
    volunteer.version += 1
    for table in (Credential, Availability, AvailabilityException, VolunteerSkill, Block):
        _drop(table, table.volunteer_id == volunteer.id)
    db.session.flush()
    db.session.expire(volunteer, ["skills", "credentials", "availability", "exceptions"])
    held = select(Assignment.id).where(Assignment.volunteer_id == volunteer.id)
    served = select(Assignment.order_id).where(Assignment.volunteer_id == volunteer.id)
    blank_visits(Visit.assignment_id.in_(held))
    _blank_said(Rating.assignment_id.in_(held), FollowUp.order_id.in_(served))
    _blank_words_of(Assignment, Assignment.volunteer_id == volunteer.id, "reason")
    _blank_words_of(HoursEntry, HoursEntry.volunteer_id == volunteer.id, "reason")
    _blank_words_of(Offer, Offer.volunteer_id == volunteer.id, "decline_reason")
    _forget_the_way(Offer.volunteer_id == volunteer.id)
    _blank_words_of(Reveal, Reveal.volunteer_id == volunteer.id, "words")
    return photos


# ---------- somebody with an account ----------


def _asked_for_others(account: Account, pseudonym: str) -> None:
    """Orders for other people that carry the caller's own name or number."""
    for order in db.session.scalars(select(Order).where(Order.requester_id == account.id)):
        if account.phone and order.contact_phone == account.phone:
            order.contact_phone = ""
        if order.contact_name == account.name:
            order.contact_name = pseudonym


def _signed_in(account: Account, pseudonym: str) -> None:
    account.name, account.phone, account.password_hash, account.is_active = pseudonym, "", NO_PASSWORD, False
    account.text_size = ""
    for table in (AuthSession, SecondFactor, RecoveryCode, KnownDevice, ResetCode, RoleGrant, SavedView):
        _drop(table, table.account_id == account.id)
    _drop(IdempotencyKey, IdempotencyKey.actor_id == account.id)
    guarded = update(Guardian).where(Guardian.account_id == account.id)
    db.session.execute(guarded.values(name="—", relation=""))


# ---------- all over ----------


def _drop(table: Deletable, which: Any) -> None:
    db.session.execute(delete(table).where(which))


def _blank_words_of(table: Any, which: Any, *columns: str) -> None:
    db.session.execute(update(table).where(which).values(dict.fromkeys(columns, "")))


def _forget_the_way(which: Any) -> None:
    """How far it was from door to door: several ways from known doors meet at the one that is to be forgotten.

    The answer model's figures and the engine's reasons hold the metres too. What a coordinator set aside stays.
    """
    db.session.execute(update(Offer).where(which).values({"features": null(), "distance_m": 0, "travel_minutes": 0}))
    for offer in db.session.scalars(select(Offer).where(which)):
        offer.terms = {name: said for name, said in offer.terms.items() if name == "despite"}


def _blank_said(ratings: Any, follow_ups: Any) -> None:
    _blank_words_of(Rating, ratings, "words")
    _blank_words_of(FollowUp, follow_ups, "words", "resolution")


def _forget_snapshots(ids: list[str]) -> None:
    """The frozen questions of runs hold places; those that hold this person's can be asked again no more."""
    held = _runs_with(ids) if ids else []
    gone: dict[str, Any] = {"problem": null(), "plan": null(), "waves": null()}
    for start in range(0, len(held), 100):
        part = DispatchRun.id.in_(held[start : start + 100])
        db.session.execute(update(DispatchRun).where(part).values(gone))


def _runs_with(ids: list[str]) -> list[str]:
    """Questions are packed, so every one that is still kept is opened and looked through."""
    rows = select(DispatchRun.id, *_FROZEN).where(or_(*(column.is_not(None) for column in _FROZEN)))
    wanted = re.compile("|".join(map(re.escape, ids)))
    found = db.session.execute(rows.execution_options(yield_per=20))
    return [key for key, *kept in found if any(one and wanted.search(text_of(one)) for one in kept)]


_FROZEN = (DispatchRun.problem, DispatchRun.plan, DispatchRun.waves)


def _redact_journal(who: Person, orders: list[str], actor: Actor) -> None:
    """The person's name where they acted, and free words wherever they are the subject or acted."""
    subjects = [row.id for row in (who.account, who.resident, who.volunteer) if row is not None]
    acted = select(Event).where(Event.actor_id == who.account.id) if who.account is not None else None
    if acted is not None:
        redact(who.profile, _rows(acted), actor=actor, names=True, keep=without_words)
    about = or_(Event.subject_id.in_(subjects), Event.order_id.in_(orders), _about_visits(who))
    redact(who.profile, _rows(select(Event).where(about)), actor=actor, keep=without_words)


def _about_visits(who: Person) -> Any:
    """SQL: the row is about an offer to this volunteer or a visit of theirs."""
    if who.volunteer is None:
        return Event.subject_id.in_([])
    theirs = (select(table.id).where(table.volunteer_id == who.volunteer.id) for table in (Offer, Assignment))
    return or_(*(Event.subject_id.in_(ids) for ids in theirs))


def _rows(found: Any) -> list[Event]:
    return list(db.session.scalars(found.order_by(Event.number)))


def without_words(particulars: dict[str, Any]) -> dict[str, Any]:
    """The particulars less what people wrote in their own words."""
    return {name: value for name, value in particulars.items() if name not in WORDS}
