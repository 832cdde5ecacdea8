"""One order at each stage, with everything that can hang on one: what stands behind the ids in the paths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.kernel import clock, pictures
from app.kernel.clock import now, today
from app.kernel.transaction import command
from app.notices.service import tell
from app.privacy import service as privacy
from app.rating import service as rating
from app.serving import service as serving
from models import (
    AvailabilityException,
    DispatchRun,
    FollowUp,
    HoursEntry,
    Notification,
    Office,
    OfficeSetting,
    Order,
    OrderPhoto,
    Portrait,
    Resident,
    RoleGrant,
    SavedAddress,
    WhatIf,
    db,
)
from models.kinds import NoticeKind, PlanStage, RunMode, RunStatus
from tests.factories import World
from tests.integrity.matrix.people import Cast
from tests.serving.steps import offered, taken

Ids = dict[str, str]
Planted = Callable[[str], dict[str, Any]]


def scene(world: World, people: Cast, planted: Planted | None = None) -> dict[str, Ids]:
    """Stage → the ids of that order's things; under "" what belongs to no order. Winds the clock by days.

    `planted` gives the personal fields of each stage's order.
    """
    resident, accepted, asked = (people.actor(name) for name in ("resident", "accepted", "offered"))

    def order(stage: str, hours: float, **more: Any) -> Order:
        starts = now() + timedelta(hours=hours)
        fields = {"words": "请按门铃"} | (planted(stage) if planted else {}) | more
        return world.open_order(resident, item="errand", starts=starts, hours=2, positions=2, **fields)

    found = {"later": _served(order("later", 2), asked, accepted)}
    clock.advance(timedelta(days=3))
    found["served"] = _served(order("served", 1), asked, accepted)
    clock.advance(timedelta(hours=1))
    serving_now = order("serving", 0.5)
    found["serving"] = _asked_and_taken(serving_now, asked, accepted)
    clock.advance(timedelta(minutes=31))
    serving.check_in(found["serving"]["assignment_id"], actor=accepted)
    found["offering"] = _asked_and_taken(order("offering", 6), asked, accepted)
    found["submitted"] = {"order_id": order("submitted", 30, approve=False).id}
    portrait = _portrait(str(accepted.volunteer_id))
    for stage, ids in found.items():
        ids |= _hanging_on(ids["order_id"], stage) | {"volunteer_id": str(accepted.volunteer_id)} | portrait
    return found | {"": _loose(world, people, found) | portrait}


def _asked_and_taken(order: Order, asked: Any, accepted: Any) -> Ids:
    """One volunteer is asked and has not answered, another has said yes."""
    assignment = taken(order, accepted)
    return {"order_id": order.id, "assignment_id": assignment.id, "offer_id": offered(order, asked).id}


def _served(order: Order, asked: Any, accepted: Any) -> Ids:
    ids = _asked_and_taken(order, asked, accepted)
    clock.advance(order.window_from - now())
    serving.check_in(ids["assignment_id"], actor=accepted)
    clock.advance(timedelta(minutes=50))
    serving.check_out(ids["assignment_id"], actor=accepted)
    return ids


@command
def _hanging_on(order_id: str, stage: str) -> Ids:
    """A photo, a follow-up and, after a service, hours to approve: ids that paths ask for."""
    order = db.session.get_one(Order, order_id)
    pictures.folder().mkdir(parents=True, exist_ok=True)
    pictures.path(f"{order_id}.jpg").write_bytes(b"a picture")
    photo = OrderPhoto(order_id=order_id, filename=f"{order_id}.jpg", width=4, height=3, created_at=now())
    follow_up = FollowUp(order_id=order_id, office_id=order.office_id, cause="not_done", created_at=now())
    db.session.add_all([photo, follow_up])
    db.session.flush()
    return {"photo_id": photo.id, "follow_up_id": follow_up.id}


@command
def _portrait(volunteer_id: str) -> Ids:
    pictures.folder().mkdir(parents=True, exist_ok=True)
    pictures.path("face.jpg").write_bytes(b"a picture")
    row = Portrait(volunteer_id=volunteer_id, filename="face.jpg", created_at=now(), seen_at=now())
    db.session.add(row)
    db.session.flush()
    return {"portrait_id": row.id}


def _loose(world: World, people: Cast, found: dict[str, Ids]) -> Ids:
    """What is nobody's order: an office's, a volunteer's, the resident's own."""
    accepted = people.actor("accepted")
    desk = world.coordinator(name="同事")
    order_id = found["offering"]["order_id"]
    entry = rating.enter_hours(found["served"]["assignment_id"], minutes=40, reason="少记了", actor=desk)
    return _rows(people, entry) | {
        "office_id": people.offices["own"], "volunteer_id": str(accepted.volunteer_id),
        "reveal_id": _waiting_reveal(order_id, desk), "day": f"{now():%Y-%m-%d}", "name": "claims_allowed",
        "filename": "x.jpg", "version": "0", "token": "x", "subject_id": str(people.actor("resident").account_id),
        "offer_id": found["offering"]["offer_id"], "assignment_id": found["offering"]["assignment_id"],
        "order_id": order_id, "follow_up_id": found["offering"]["follow_up_id"], "key_id": people.keys["own"],
    }  # fmt: skip


@command
def _minor(order_id: str, year: int | None) -> None:
    order = db.session.get_one(Order, order_id)
    db.session.get_one(Resident, order.resident_id).birth_year = year


def _waiting_reveal(order_id: str, desk: Any) -> str:
    _minor(order_id, now().year - 10)
    row = privacy.reveal(order_id, fields=("contact_phone",), reason="call", actor=desk)
    _minor(order_id, None)
    return row.id


@command
def _rows(people: Cast, entry: HoursEntry) -> Ids:
    accepted, resident = people.actor("accepted"), people.actor("resident")
    office = db.session.get_one(Office, people.offices["own"])
    away = AvailabilityException(
        volunteer_id=accepted.volunteer_id, starts_at=now() + timedelta(days=9), ends_at=now() + timedelta(days=10),
        is_available=False,
    )  # fmt: skip
    saved = SavedAddress(
        resident_id=resident.resident_id, office_id=office.id, address="青年路 8 号", lat=office.lat, lon=office.lon,
        created_at=now(),
    )  # fmt: skip
    run = DispatchRun(
        office_id=office.lineage[0], cause="test", lease_until=now(), started_at=now(), status=RunStatus.APPLIED,
        plan={"proposals": [], "unplaced": []}, mode=RunMode.DAY, day=today(), stage=PlanStage.PREVIEW,
    )  # fmt: skip
    own_rule = OfficeSetting(office_id=office.id, name="claims_allowed", value=True)
    supposed = WhatIf(
        office_id=office.id, question={"kind": "answer", "minutes": 10, "urgency": "normal", "weeks": 4, "was": 240},
        asked_at=now(), lease_until=now(), ended_at=now(), seeds=20, error="too_long",
    )  # fmt: skip
    db.session.add_all([away, saved, run, own_rule, supposed])
    tell(resident.account_id, NoticeKind.ORDER_APPROVED)
    db.session.flush()
    grant = db.session.query(RoleGrant).filter_by(office_id=office.id, role="supervisor").first()
    notice = db.session.query(Notification).filter_by(account_id=resident.account_id).first()
    assert grant is not None and notice is not None
    return {
        "entry_id": entry.id, "exception_id": away.id, "address_id": saved.id, "run_id": run.id, "grant_id": grant.id,
        "account_id": grant.account_id, "notice_id": notice.id, "resident_id": str(resident.resident_id),
        "what_if_id": supposed.id,
    }  # fmt: skip
