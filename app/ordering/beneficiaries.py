"""Who is served, and where: the resident behind an order, and the place it happens at."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound
from app.kernel.journal import record
from models import Account, Office, Order, Resident, SavedAddress, db
from models.kinds import BY_OFFICE, EventKind, OfficeLevel, Role


@dataclass(frozen=True)
class Spot:
    """Where the service happens: the community, the exact address, and a point (the community's unless known)."""

    office: Office
    address: str
    lat: float
    lon: float


def resident_of(
    actor: Actor, office: Office, *, resident_id: str | None, name: str, phone: str, on_behalf: bool
) -> Resident:
    """The person served: one known by id, somebody named by a proxy, else the actor. Made where not yet known."""
    if resident_id is not None:
        return known_resident(resident_id, actor)
    if on_behalf:
        return _named_resident(actor, office, name, phone)
    if actor.resident_id is not None:
        return db.session.get_one(Resident, actor.resident_id)
    account = db.session.get(Account, actor.account_id) if actor.account_id else None
    if account is None:
        raise Invalid({"resident_id": [_("请写明这是帮谁点的单。")]})
    return _add(Resident(account_id=account.id, office_id=office.id, name=account.name, phone=account.phone), actor)


def known_resident(resident_id: str, actor: Actor) -> Resident:
    """One's own profile, somebody one has ordered for before, or (for coordinators) somebody of one's subtree."""
    resident = db.session.get(Resident, resident_id)
    if resident is None or resident.is_erased:
        raise NotFound()
    own = actor.is_system or resident.id == actor.resident_id
    if own or actor.covers(resident.office.path, Role.COORDINATOR) or _ordered_before(actor, resident.id):
        return resident
    raise NotFound()


def _ordered_before(actor: Actor, resident_id: str) -> bool:
    asked = select(Order.id).where(
        Order.requester_id == actor.account_id, Order.resident_id == resident_id, Order.channel.not_in(BY_OFFICE)
    )
    return actor.account_id is not None and db.session.scalar(asked.limit(1)) is not None


def _named_resident(actor: Actor, office: Office, name: str, phone: str) -> Resident:
    """The resident with this phone and name; a household may share one telephone, so the name counts too."""
    told = {"contact_name": name, "contact_phone": phone}
    if missing := {field: [_("请填写这一项。")] for field, value in told.items() if not value}:
        raise Invalid(missing)
    known = db.session.scalar(select(Resident).where(Resident.phone.equals(phone), Resident.name == name).limit(1))
    return known or _add(Resident(account_id=None, office_id=office.id, name=name, phone=phone), actor)


def _add(resident: Resident, actor: Actor) -> Resident:
    resident.created_at = now()
    db.session.add(resident)
    db.session.flush()
    record(resident, EventKind.RESIDENT_AMEND, actor=actor or SYSTEM, fields=["new"])
    return resident


# ---------- places ----------


def community(office_id: str | None) -> Office:
    """The community an order belongs to; Invalid for any other office."""
    office = db.session.get(Office, office_id) if office_id and office_id.isalnum() else None
    if office is None or office.level != OfficeLevel.COMMUNITY:
        raise Invalid({"office_id": [_("请选择社区。")]})
    return office


def saved_spot(address_id: str, resident_id: str | None) -> Spot:
    """A saved address of the person served; Invalid for any other."""
    saved = db.session.get(SavedAddress, address_id)
    if saved is None or saved.removed_at is not None or saved.resident_id != resident_id:
        raise Invalid({"address_id": [_("请重新选择地址。")]})
    return Spot(saved.office, saved.address, saved.lat, saved.lon)


def typed_spot(office_id: str | None, address: str, lat: float | None, lon: float | None) -> Spot:
    """A place told in words; its point is the community's unless one is given."""
    office = community(office_id)
    if not address:
        raise Invalid({"address": [_("请写门牌号，让志愿者找得到。")]})
    known = lat is not None and lon is not None
    return Spot(office, address, lat if known else office.lat, lon if known else office.lon)  # type: ignore[arg-type]  # both are known here


def remember(resident: Resident, spot: Spot, actor: Actor, label: str = "") -> SavedAddress:
    """Keep a place for the next time; the same place is kept once."""
    for saved in resident.addresses:
        if saved.removed_at is None and (saved.address, saved.office_id) == (spot.address, spot.office.id):
            return saved
    saved = SavedAddress(
        resident_id=resident.id, office_id=spot.office.id, label=label, address=spot.address,
        lat=spot.lat, lon=spot.lon, created_at=now(),
    )  # fmt: skip
    db.session.add(saved)
    db.session.flush()
    record(resident, EventKind.RESIDENT_AMEND, actor=actor, fields=["addresses"])
    return saved
