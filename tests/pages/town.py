"""A small town in which every page has something to show, served by a real server, and who may look at what in it.

It is the seeded city `tiny` with an order in each status, plus what a seed leaves out: an offer that waits for the
demo volunteer, plans, keys, endpoints, an alarm, an erasure that was asked for. The server does not tick: all stays.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.connections import webhooks
from app.demo.accounts import ADMINISTRATOR, CENTRE, RESIDENT, STATION, SUPERVISOR, VOLUNTEER, DemoAccount
from app.dispatching import service as dispatching
from app.integrity import alarms
from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import midnight, now, today
from app.ordering import draft as drafts
from app.ordering import service as ordering
from app.people import api_keys, sessions
from app.people.identity import actor_of
from app.people.phones import find_account, normalise
from app.privacy import erasure
from app.smoke import server
from models import Office, Order, ServiceItem, Volunteer, db
from models.kinds import EventKind, OfferOrigin, Scope, SessionKind
from models.states import ORDER_SEEKING, OrderStatus
from tests.pages import say

WHO: dict[str, DemoAccount] = {
    "resident": RESIDENT, "volunteer": VOLUNTEER, "station": STATION, "centre": CENTRE, "supervisor": SUPERVISOR,
    "administrator": ADMINISTRATOR,
}  # fmt: skip
"""The people whose pages are looked at, by the word the list of pages has for them."""


@dataclass
class Town:
    """The address, the app on the same database, and cookies for everybody."""

    app: Flask
    instance: Path
    address: str = ""
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def cookie_name(self) -> str:
        return str(self.app.config["SESSION_COOKIE_NAME"])

    def token(self, account_id: str, language: str) -> str:
        """The cookie of a browser in which this person has just signed in and chosen the language."""
        key = (account_id, language)
        if key not in self._tokens:
            token = secrets.token_urlsafe(32)
            kept = sessions.Kept(None, token, account_id, SessionKind.BROWSER, "", now(), True)
            sessions.store(kept, {"account_id": account_id, "language": language, **self.draft(account_id)})
            self._tokens[key] = token
        return self._tokens[key]

    @staticmethod
    def draft(account_id: str) -> dict[str, Any]:
        """An order half filled in, for residents: every page of the wizard can be opened."""
        who = actor_of(account_id)
        old = db.session.scalars(select(Order).where(Order.requester_id == account_id).order_by(Order.id)).first()
        if old is None or who.resident_id is None:
            return {}
        return {"draft": {**drafts.again(old, who), "when": {"day": "now"}}}


@contextmanager
def town(*, city: str = "tiny", arranged: bool = True, **settings: str) -> Iterator[Town]:
    """The town with its server, and an app context on its database; all of it is gone afterwards."""
    shelf = _arranged(city) if arranged else server.seeded_city(city, say)
    with tempfile.TemporaryDirectory(prefix="linli-pages-") as folder:
        instance = Path(folder) / "instance"
        shutil.copytree(shelf, instance)
        with _app_on(instance) as app, server.served(instance, {"SCHEDULER": "off", **settings}) as address:
            yield Town(app, instance, address)


@contextmanager
def _app_on(instance: Path) -> Iterator[Flask]:
    """The app on the database of that folder, inside its context."""
    url = f"sqlite:///{instance / 'linli.db'}"
    app = create_app(Settings(instance=instance, database_url=url, scheduler=False, solver="inline", rate_limits=False))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _arranged(city: str) -> Path:
    """The seeded city with everything arranged in it; kept beside it, for as long as it is kept."""
    plain = server.seeded_city(city, say)
    kept = plain.with_name(f"pages-{plain.name}-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}")
    if kept.is_dir() and kept.stat().st_mtime >= plain.stat().st_mtime:
        return kept
    for older in plain.parent.glob("pages-*"):
        shutil.rmtree(older, ignore_errors=True)
    making = Path(tempfile.mkdtemp(dir=plain.parent))
    shutil.copytree(plain, making, dirs_exist_ok=True)
    with _app_on(making):
        _arrange()
    making.rename(kept)
    kept.touch()
    return kept


def actor(who: str) -> Actor:
    """One of WHO, as the services know them."""
    account = find_account(normalise(WHO[who].phone))
    assert account is not None
    return actor_of(account.id)


def _arrange() -> None:
    """Each thing by itself: one that the code has outgrown leaves a gap in the list of pages, which is reported."""
    for thing in (_an_offer_waits, _plans, _an_order_to_take, _questions, _keys, _an_alarm, _an_erasure):
        _try(thing)
    db.session.remove()


def _try(thing: Callable[[], None]) -> None:
    try:
        thing()
    except Exception as failure:
        db.session.rollback()
        say(f"{thing.__name__}: {type(failure).__name__}: {failure}")


def _an_offer_waits() -> None:
    """For the demo volunteer, of an order of the demo resident."""
    resident, volunteer = actor("resident"), actor("volunteer")
    home = actor("station").grants[0].office_id
    item = db.session.scalars(select(ServiceItem.code).where(ServiceItem.approves_at_once).order_by("code")).first()
    order = ordering.place(
        actor=resident, item_code=item, office_id=home, address="6幢2单元302室", words="请先打电话", as_soon=True
    )
    if order.status == OrderStatus.SUBMITTED:
        ordering.approve(order.id, actor=actor("station"))
    dispatching.make_offer(
        order.id, str(volunteer.volunteer_id), actor=SYSTEM, origin=OfferOrigin.HAND, distance_m=500, travel_minutes=7,
        starts_at=order.window_from, ends_at=order.window_from + order.duration, expires_at=now() + timedelta(hours=8),
        terms={"reasons": ["travel:walk:500:400", "available"]},
    )  # fmt: skip


def _plans() -> None:
    """A plan of tomorrow that waits for a yes, and a run of the moment."""
    desk = actor("centre")
    dispatching.plan_day(desk.grants[0].office_id, today() + timedelta(days=1), actor=desk)
    dispatching.run_all("command")


def _an_order_to_take() -> None:
    """Near the demo volunteer, who can do it, the day after tomorrow; nobody has been asked yet."""
    volunteer = db.session.get_one(Volunteer, actor("volunteer").volunteer_id)
    able = {one.skill_id for one in volunteer.skills if one.verified_at}
    items = db.session.scalars(select(ServiceItem).where(ServiceItem.approves_at_once).order_by(ServiceItem.code))
    item = next(one for one in items if {need.skill_id for need in one.skills} <= able and not one.credentials)
    starts = midnight(today() + timedelta(days=2)) + timedelta(hours=10)
    ordering.place(
        actor=actor("resident"), item_code=item.code, office_id=actor("station").grants[0].office_id,
        address="6幢2单元302室", window_from=starts, window_until=starts + timedelta(hours=3),
    )  # fmt: skip


def _questions() -> None:
    """Two answers of the simulator: what more people would change, and what another time to answer."""
    desk = actor("centre")
    for asked in (
        {"kind": "people", "people": 3, "mode": "ebike", "skill": ""},
        {"kind": "answer", "minutes": 10, "urgency": "normal"},
    ):
        dispatching.suppose(desk.grants[0].office_id, {**asked, "weeks": 4}, actor=desk)


def _keys() -> None:
    ruler = actor("administrator")
    office = ruler.grants[0].office_id
    api_keys.issue(office, "街道平台", [Scope(next(iter(Scope)))], 90, actor=ruler)
    row, _secret = webhooks.add(
        office, "街道平台", "https://example.com/linli", [str(EventKind.ORDER_PLACE)], actor=ruler
    )
    webhooks.send_test(row.id, actor=ruler)


def _an_alarm() -> None:
    alarms.raise_alarm("backup")


def _an_erasure() -> None:
    """Of a resident nobody is serving; the demo resident keeps everything."""
    busy = select(Order.resident_id).where(Order.status.in_({*ORDER_SEEKING, "staffed", "serving", "submitted"}))
    found = select(Order.requester_id).where(
        Order.resident_id.not_in(busy), Order.requester_id != actor("resident").account_id
    )
    for account_id in db.session.scalars(found.order_by(Order.id)):
        person = actor_of(account_id)
        if person.resident_id and not person.volunteer_id:
            erasure.ask(actor=person)
            return


def office_of(who: str) -> Office:
    return db.session.get_one(Office, actor(who).grants[0].office_id)
