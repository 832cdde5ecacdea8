"""A small world for tests: one city, two districts, a street, three communities, a menu, people on demand.

Rows that are mere facts (offices, people, skills) are written directly; orders get where they are by making the moves.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient

from app.kernel import clock
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.transaction import command
from app.people import sessions
from app.people.identity import actor_of
from models import (
    Account,
    Availability,
    Credential,
    Office,
    Order,
    Position,
    Resident,
    RoleGrant,
    ServiceCategory,
    ServiceItem,
    ServiceItemSkill,
    Skill,
    Volunteer,
    VolunteerSkill,
    db,
)
from models.kinds import Channel, EventKind, Role, TravelMode, Urgency
from models.states import OrderMove, OrderStatus

_serial = itertools.count(1)
CENTRE = (30.27, 120.15)
KILOMETRE = 0.009
"""About a kilometre in degrees of latitude."""


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


class Browser(FlaskClient):
    """Requests of a test share the test's own `g`, where Flask-WTF keeps the form token of the session before.

    Every request here begins without it, as it would on a server: two browsers of one test keep their own tokens.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            g.pop("csrf_token", None)
            g.pop("csrf_valid", None)
        return super().open(*args, **kwargs)


class World:
    """`world.coordinator()`, `world.volunteer(skills=["escort"])`, `world.open_order(...)`, with sensible defaults.

    Methods that make people return their Actor; the rows are reached by `actor.volunteer_id` and so on.
    """

    @command
    def build(self) -> World:
        self.city = self._office(None, "city", "测试市")
        self.west = self._office(self.city, "district", "西区")
        self.east = self._office(self.city, "district", "东区", east=12)
        self.street = self._office(self.west, "street", "湖滨街道")
        self.station = self._office(self.street, "community", "青年社区")
        self.neighbour = self._office(self.street, "community", "涌金社区", east=1)
        far_street = self._office(self.east, "street", "远山街道", east=12)
        self.far = self._office(far_street, "community", "远山社区", east=12)
        category = _add(ServiceCategory(code="relief", name="扶贫帮困", name_en="Relief"))
        self.skills = {code: _add(Skill(code=code, name=code)).id for code in ("escort", "haircut", "repair")}
        self.item("escort", category.id, minutes=120, skills=["escort"])
        self.item("errand", category.id, minutes=60, skills=[], approves_at_once=True, risk="low")
        self.item(
            "bathing", category.id, minutes=90, skills=["escort"], credentials=["first_aid"], positions=2, risk="high"
        )
        self.ids = {
            name: getattr(self, name).id for name in ("city", "west", "east", "street", "station", "neighbour", "far")
        }
        return self

    def _office(self, parent: Office | None, level: str, name: str, east: float = 0) -> Office:
        office = Office(
            parent_id=parent.id if parent else None, level=level, name=name, path="",
            phone="0571-55550000", lat=CENTRE[0], lon=CENTRE[1] + east * KILOMETRE,
        )  # fmt: skip
        office.id = f"{level[:4]}{next(_serial):016d}"
        office.path = f"{parent.path if parent else '/'}{office.id}/"
        return _add(office)

    def item(
        self, code: str, category_id: str, *, minutes: int, skills: list[str], positions: int = 1, **more: Any
    ) -> ServiceItem:
        item = _add(
            ServiceItem(
                code=code, name=code, category_id=category_id, duration_minutes=minutes, positions=positions, **more
            )
        )
        for skill in skills:
            _add(ServiceItemSkill(item_id=item.id, skill_id=self.skills[skill]))
        return item

    # ---------- people ----------

    @command
    def account(self, name: str, role: str | None = None, office: str | None = None) -> str:
        number = next(_serial)
        account = _add(Account(phone=f"+861990001{number:04d}", password_hash="!", name=name, created_at=now()))
        if role:
            _add(RoleGrant(account_id=account.id, role=role, office_id=office or self.ids["station"], created_at=now()))
        return account.id

    @command
    def resident(self, name: str = "王奶奶", office: str | None = None, **more: Any) -> Actor:
        office = office or self.ids["station"]
        account_id = self.account(name, Role.RESIDENT, office)
        _add(
            Resident(
                account_id=account_id, office_id=office, name=name, phone=f"+861990002{next(_serial):04d}",
                created_at=now(), **more,
            )
        )  # fmt: skip
        return actor_of(account_id)

    @command
    def volunteer(
        self,
        name: str = "李晓梅",
        *,
        office: str | None = None,
        skills: tuple[str, ...] | list[str] = ("escort",),
        credentials: dict[str, Any] | None = None,
        north_km: float = 0.5,
        always: bool = True,
        on_duty: bool = True,
        **more: Any,
    ) -> Actor:
        """A verified volunteer half a kilometre north of the station, free at all hours, unless told otherwise."""
        office = office or self.ids["station"]
        account_id = self.account(name, Role.VOLUNTEER, office)
        volunteer = Volunteer(
            account_id=account_id, office_id=office, name=name, lat=CENTRE[0] + north_km * KILOMETRE, lon=CENTRE[1],
            is_verified=True, created_at=now(), on_duty_until=now() + timedelta(hours=12) if on_duty else None,
        )  # fmt: skip
        settings = {"travel_mode": TravelMode.WALK, "radius_m": 5000, "weekly_limit_minutes": None, "daily_limit": None}
        for field, value in (settings | {"birth_year": 1970, "languages": []} | more).items():
            setattr(volunteer, field, value)
        _add(volunteer)
        for skill in skills:
            _add(VolunteerSkill(volunteer_id=volunteer.id, skill_id=self.skills[skill], verified_at=now()))
        for kind, expires_on in (credentials or {}).items():
            _add(Credential(volunteer_id=volunteer.id, kind=kind, expires_on=expires_on, verified_at=now()))
        for weekday in range(7) if always else ():
            _add(Availability(volunteer_id=volunteer.id, weekday=weekday, from_minute=0, until_minute=1440))
        return actor_of(account_id)

    def coordinator(self, office: str | None = None, name: str = "王敏") -> Actor:
        return actor_of(self.account(name, Role.COORDINATOR, office or self.ids["station"]))

    def supervisor(self, office: str | None = None, name: str = "督查员") -> Actor:
        return actor_of(self.account(name, Role.SUPERVISOR, office or self.ids["west"]))

    def administrator(self, name: str = "管理员") -> Actor:
        return actor_of(self.account(name, Role.ADMINISTRATOR, self.ids["city"]))

    # ---------- orders, without the ordering slice's words: for tests of what comes after ----------

    @command
    def open_order(
        self,
        resident: Actor | None = None,
        *,
        item: str | None = "escort",
        starts: datetime | None = None,
        hours: float = 2,
        positions: int = 1,
        office: str | None = None,
        approve: bool = True,
        **more: Any,
    ) -> Order:
        """An order that starts tomorrow at noon unless told otherwise, approved and so open."""
        from app.kernel.access import SYSTEM
        from app.kernel.journal import record
        from app.kernel.lifecycle import move

        resident = resident or self.resident()
        office_row = db.session.get(Office, office or self.ids["station"])
        item_row = db.session.query(ServiceItem).filter_by(code=item).one() if item else None
        starts = starts or now() + timedelta(days=1)
        fields: dict[str, Any] = {
            "number": f"T{next(_serial):09d}", "status": OrderStatus.SUBMITTED, "office_id": office_row.id,
            "item_id": item_row.id if item_row else None, "resident_id": resident.resident_id,
            "requester_id": resident.account_id, "channel": Channel.WEB, "title": item or "微心愿",
            "contact_name": resident.name, "contact_phone": "+8619900020000", "address": "青年路 8 号 3 幢 201",
            "lat": office_row.lat, "lon": office_row.lon, "window_from": starts,
            "window_until": starts + timedelta(hours=hours), "duration_minutes": int(hours * 60),
            "positions_wanted": positions, "urgency": Urgency.NORMAL, "start_code": "4821", "created_at": now(),
            "next_action_at": now() + timedelta(days=1), "credentials": item_row.credentials if item_row else [],
        }  # fmt: skip
        order = _add(Order(**(fields | more)))
        from models import OrderSkill

        for skill in item_row.skills if item_row else []:
            _add(OrderSkill(order_id=order.id, skill_id=skill.skill_id))
        for number in range(1, positions + 1):
            _add(Position(order_id=order.id, number=number))
        db.session.refresh(order)
        record(order, EventKind.ORDER_PLACE, actor=resident, after=order.status)
        if approve:
            order.opened_at = now()
            move(order, OrderMove.APPROVE, actor=SYSTEM)
        return order

    # ---------- doors ----------

    def browser(self, app: Flask, actor: Actor | None = None) -> FlaskClient:
        """A client that is signed in as this person, with a cookie as a browser would have it."""
        client = app.test_client()
        if actor is not None and actor.account_id:
            client.set_cookie(app.config["SESSION_COOKIE_NAME"], sessions.issue(actor.account_id))
        return client

    def program(self, app: Flask, actor: Actor) -> FlaskClient:
        """A client that sends a bearer token, as programs do (no CSRF token needed)."""
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {sessions.issue(str(actor.account_id))}"
        return client


def csrf_of(page: str) -> str:
    """The token in a page's form."""
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def advance(**span: float) -> None:
    """Wind the stopped clock."""
    clock.advance(timedelta(**span))
