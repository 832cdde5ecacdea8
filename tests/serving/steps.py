"""Steps that tests of 接单 and 评单 take again and again, all through the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.dispatching import service as dispatching
from app.kernel import clock
from app.kernel.access import SYSTEM, Actor
from app.serving import service as serving
from models import Assignment, Offer, Order, Reserve, Volunteer, db
from models.kinds import OfferOrigin
from tests.factories import csrf_of


def offered(order: Order, volunteer: Actor, **more: Any) -> Offer:
    """The order is offered to this volunteer, by hand, for the start of its window."""
    terms = {"reasons": ["travel:walk:500:400", "available"]}
    fields = {"starts_at": order.window_from, "ends_at": order.window_from + order.duration, "terms": terms} | more
    return dispatching.make_offer(
        order.id,
        volunteer.volunteer_id,
        actor=SYSTEM,
        origin=OfferOrigin.HAND,
        distance_m=500,
        travel_minutes=7,
        **fields,
    )


def taken(order: Order, volunteer: Actor) -> Assignment:
    """The volunteer has accepted the order."""
    return serving.accept(offered(order, volunteer).id, actor=volunteer)


def arrived(order: Order, volunteer: Actor, **proof: Any) -> Assignment:
    """It is the agreed time and the volunteer has checked in, with the resident's code unless told otherwise."""
    assignment = taken(order, volunteer)
    clock.advance(assignment.starts_at - clock.now())
    return serving.check_in(assignment.id, actor=volunteer, **(proof or {"code": order.start_code}))


def served(order: Order, volunteer: Actor, *, minutes: int = 60, **proof: Any) -> Assignment:
    """The visit is over; it took so many minutes."""
    assignment = arrived(order, volunteer, **proof)
    clock.advance(timedelta(minutes=minutes))
    return serving.check_out(assignment.id, actor=volunteer)


def fresh(row: Any) -> Any:
    """The row as the database has it now."""
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def profile(volunteer: Actor) -> Volunteer:
    return db.session.get(Volunteer, volunteer.volunteer_id)


def token(browser: FlaskClient, page: str = "/me/notices") -> str:
    """A token for this browser's forms."""
    return csrf_of(browser.get(page).text)


def post(browser: FlaskClient, url: str, page: str = "/me/notices", **data: Any) -> Any:
    """Send a form as it stands on that page."""
    return browser.post(url, data={"csrf_token": token(browser, page), **data})


def reserves(order: Order) -> list[str]:
    """Whoever is asked first if a place frees up."""
    return list(db.session.scalars(select(Reserve.volunteer_id).filter_by(order_id=order.id, left_at=None)))
