"""Writes the made-up city's standing rows (offices, menu, people) in bulk and keeps hold of their keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from app.demo import accounts, menu
from app.demo.people import ResidentDraft, StaffDraft
from app.demo.places import City
from app.demo.volunteers import VolunteerDraft
from app.kernel.access import Actor, Grant
from app.people.passwords import hash_password
from models import (
    Account,
    Availability,
    Credential,
    Office,
    OfficeSetting,
    Resident,
    RoleGrant,
    SavedAddress,
    ServiceCategory,
    ServiceItem,
    ServiceItemSkill,
    Skill,
    Volunteer,
    VolunteerSkill,
    db,
)
from models.ids import new_id
from models.kinds import Role
from models.sealed import sealed_rows

Row = dict[str, Any]


def _grant(role: Role, office: Office) -> Grant:
    return Grant(role, office.id, office.path)


@dataclass(frozen=True)
class Neighbour:
    """A resident with their keys."""

    draft: ResidentDraft
    office: Office
    id: str
    address_id: str
    account_id: str | None

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.draft.name, (_grant(Role.RESIDENT, self.office),), resident_id=self.id)


@dataclass(frozen=True)
class Helper:
    """A volunteer with their keys."""

    draft: VolunteerDraft
    office: Office
    id: str
    account_id: str

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.draft.name, (_grant(Role.VOLUNTEER, self.office),), volunteer_id=self.id)


@dataclass
class World:
    """The city as written so far: offices by division code, the rest in the order it was drawn."""

    city: City
    offices: dict[str, Office] = field(default_factory=dict)
    skills: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    helpers: list[Helper] = field(default_factory=list)
    neighbours: list[Neighbour] = field(default_factory=list)
    desk: dict[str, Actor] = field(default_factory=dict)

    def coordinator(self, station: str) -> Actor:
        """Whoever looks after a station's orders: its own coordinator, else the nearest above it."""
        at: str | None = station
        while at is not None:
            if at in self.desk:
                return self.desk[at]
            at = self.city.place(at).parent
        raise LookupError(station)


SHORT_WAYS = {"travel_per_minute": 60}
"""This city asks the nearest first, whoever's turn it is: who plays 王奶奶 finds whoever plays 李晓梅 next door."""
MANY_ROUNDS = {"alerts_daily": 50, "alerts_daily_on_duty": 100, "alerts_weekly": 200}
"""A day of a demo city has more orders than its people would be messaged for, and who tries it out orders once more."""


def write_offices(world: World) -> None:
    """The tree; and what some offices set for themselves, as an office may."""
    paths: dict[str, tuple[str, str]] = {}
    rows: list[Row] = []
    for place in world.city.places:
        parent_id, above = paths[place.parent] if place.parent else (None, "/")
        key = new_id()
        paths[place.code] = key, f"{above}{key}/"
        lon, lat = place.point
        rows.append(
            {
                "id": key, "parent_id": parent_id, "level": place.level, "name": place.name, "name_en": place.name_en,
                "path": paths[place.code][1], "phone": place.phone, "lat": lat, "lon": lon,
            }
        )  # fmt: skip
    db.session.execute(insert(Office), rows)
    by_id = {office.id: office for office in db.session.scalars(select(Office))}
    world.offices = {code: by_id[key] for code, (key, _) in paths.items()}
    careful, root = world.city.at("district")[-1].code, world.city.at("city")[0].code
    own = [(careful, "low_risk_approved_at_once", False), (root, "weights", SHORT_WAYS)]
    own += [(root, name, most) for name, most in MANY_ROUNDS.items()]
    kept = [{"id": new_id(), "office_id": paths[code][0], "name": name, "value": value} for code, name, value in own]
    db.session.execute(insert(OfficeSetting), kept)


def write_menu(world: World) -> None:
    world.skills = {skill.code: new_id() for skill in menu.SKILLS}
    categories = {category.code: new_id() for category in menu.CATEGORIES}
    db.session.execute(
        insert(Skill),
        [{"id": world.skills[s.code], "code": s.code, "name": s.name, "name_en": s.name_en} for s in menu.SKILLS],
    )
    db.session.execute(
        insert(ServiceCategory),
        [
            {"id": categories[c.code], "code": c.code, "name": c.name, "name_en": c.name_en, "position": number}
            for number, c in enumerate(menu.CATEGORIES, 1)
        ],
    )
    world.items = {item.code: new_id() for item in menu.items()}
    rows = [_item_row(world, categories, item, number) for number, item in enumerate(menu.items(), 1)]
    db.session.execute(insert(ServiceItem), rows)
    wanted = [
        {"id": new_id(), "item_id": world.items[item.code], "skill_id": world.skills[code]}
        for item in menu.items()
        for code in item.skills
    ]
    db.session.execute(insert(ServiceItemSkill), wanted)


def _item_row(world: World, categories: dict[str, str], item: menu.Item, number: int) -> Row:
    return {
        "id": world.items[item.code], "category_id": categories[item.category], "office_id": None, "code": item.code,
        "name": item.name, "name_en": item.name_en, "description": item.description,
        "description_en": item.description_en, "duration_minutes": item.minutes, "positions": item.positions,
        "credentials": list(item.credentials), "minimum_age": item.minimum_age, "risk": item.risk,
        "risk_note": item.risk_note, "urgency": item.urgency, "approves_at_once": item.is_instant,
        "priority": {"urgent": 5, "normal": 3, "planned": 2}[item.urgency], "limits": {}, "position": number,
    }  # fmt: skip


def _account_row(key: str, phone: str, name: str, password_hash: str, joined: datetime) -> Row:
    return {
        "id": key, "phone": phone, "name": name, "password_hash": password_hash, "is_demo": True, "created_at": joined,
    }  # fmt: skip


def _password_hashes() -> dict[str, str]:
    """Of the listed demo accounts by phone; nobody can sign in as any other made-up person."""
    listed = {f"+86{account.phone}": hash_password(account.password) for account in accounts.DEMO_ACCOUNTS}
    return {**listed, "": hash_password(secrets.token_urlsafe(32))}


def _write_accounts(people: Sequence[tuple[str, str, str, str, str]], now: datetime, random: Random) -> None:
    """Accounts and their one grant each, of (key, phone, name, role, office id)."""
    hashes = _password_hashes()
    accounts_, grants = [], []
    for key, phone, name, role, office_id in people:
        joined = now - timedelta(days=random.randint(35, 900))
        accounts_.append(_account_row(key, phone, name, hashes.get(phone, hashes[""]), joined))
        grant = {"id": new_id(), "account_id": key, "role": role, "office_id": office_id, "created_at": joined}
        grants.append(grant)
    db.session.execute(insert(Account), sealed_rows(Account, accounts_, subject="id"))
    db.session.execute(insert(RoleGrant), grants)


def write_staff(world: World, drafts: Sequence[StaffDraft], now: datetime, random: Random) -> None:
    people = [(new_id(), d.phone, d.name, d.role, world.offices[d.office].id) for d in drafts]
    _write_accounts(people, now, random)
    for draft, (key, *_) in zip(drafts, people, strict=True):
        if draft.role == "coordinator":
            grant = _grant(Role.COORDINATOR, world.offices[draft.office])
            world.desk.setdefault(draft.office, Actor(key, draft.name, (grant,)))


def write_residents(world: World, drafts: Sequence[ResidentDraft], now: datetime, random: Random) -> None:
    world.neighbours = [
        Neighbour(draft, world.offices[draft.station], new_id(), new_id(), new_id() if draft.has_account else None)
        for draft in drafts
    ]
    with_account = [one for one in world.neighbours if one.account_id]
    _write_accounts(
        [(one.account_id or "", one.draft.phone, one.draft.name, "resident", one.office.id) for one in with_account],
        now,
        random,
    )
    since = now - timedelta(days=34)
    people = [_resident_row(one, since) for one in world.neighbours]
    homes = [_address_row(one, since) for one in world.neighbours]
    db.session.execute(insert(Resident), sealed_rows(Resident, people, subject="id"))
    db.session.execute(insert(SavedAddress), sealed_rows(SavedAddress, homes, subject="resident_id"))


def _resident_row(one: Neighbour, since: datetime) -> Row:
    return {
        "id": one.id, "account_id": one.account_id, "office_id": one.office.id,
        "name": one.draft.name, "phone": one.draft.phone, "birth_year": one.draft.birth_year,
        "priority_group": one.draft.priority_group, "access_notes": one.draft.access_notes, "created_at": since,
    }  # fmt: skip


def _address_row(one: Neighbour, since: datetime) -> Row:
    lon, lat = one.draft.point
    return {
        "id": one.address_id, "resident_id": one.id, "office_id": one.office.id, "label": "家",
        "address": one.draft.address, "lat": lat, "lon": lon, "created_at": since,
    }  # fmt: skip


def write_volunteers(world: World, drafts: Sequence[VolunteerDraft], now: datetime, random: Random) -> None:
    world.helpers = [Helper(draft, world.offices[draft.station], new_id(), new_id()) for draft in drafts]
    people = [(one.account_id, one.draft.phone, one.draft.name, "volunteer", one.office.id) for one in world.helpers]
    _write_accounts(people, now, random)
    since = now - timedelta(days=34)
    db.session.execute(insert(Volunteer), [_volunteer_row(one, now, since) for one in world.helpers])
    db.session.execute(
        insert(VolunteerSkill),
        [
            {"id": new_id(), "volunteer_id": one.id, "skill_id": world.skills[code], "verified_at": since}
            for one in world.helpers
            for code in one.draft.skills
        ],
    )
    db.session.execute(
        insert(Credential),
        [
            {
                "id": new_id(), "volunteer_id": one.id, "kind": paper.kind, "number": paper.number,
                "expires_on": paper.expires_on, "verified_at": since,
            }
            for one in world.helpers
            for paper in one.draft.credentials
        ],
    )  # fmt: skip
    db.session.execute(
        insert(Availability),
        [
            {"id": new_id(), "volunteer_id": one.id, "weekday": day, "from_minute": start, "until_minute": end}
            for one in world.helpers
            for day, start, end in one.draft.slots
        ],
    )


def _volunteer_row(one: Helper, now: datetime, since: datetime) -> Row:
    draft = one.draft
    lon, lat = draft.point
    quiet_from, quiet_until = draft.quiet or (None, None)
    return {
        "id": one.id, "account_id": one.account_id, "office_id": one.office.id, "team": draft.team,
        "name": draft.name, "sex": draft.sex, "birth_year": draft.birth_year, "lat": lat, "lon": lon,
        "travel_mode": draft.travel_mode, "radius_m": draft.radius_m, "daily_limit": draft.daily_limit,
        "weekly_limit_minutes": draft.weekly_limit_minutes, "languages": list(draft.languages),
        "is_verified": draft.is_verified, "is_paused": draft.is_paused, "quiet_from": quiet_from,
        "quiet_until": quiet_until, "created_at": since,
        "on_duty_until": now + timedelta(hours=draft.on_duty_hours) if draft.on_duty_hours else None,
    }  # fmt: skip
