"""Somebody who may open every door, and a world in which every kind of thing exists: for tests of bad input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.dispatching import service as dispatching
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.transaction import command
from app.people.identity import actor_of
from app.serving import service as serving
from models import Account, Offer, Resident, RoleGrant, db
from models.kinds import OfferOrigin, Role
from tests.factories import World


@command
def everybody_in_one(world: World) -> Actor:
    """An account with every role in the whole city, a resident's and a volunteer's profile."""
    actor = world.volunteer("全能人")
    for role in set(Role) - {Role.VOLUNTEER}:
        row = RoleGrant(account_id=actor.account_id, role=role, office_id=world.ids["city"], created_at=now())
        db.session.add(row)
    phone = db.session.get_one(Account, actor.account_id).phone
    db.session.add(
        Resident(
            account_id=actor.account_id, office_id=world.ids["station"], name="全能人", phone=phone, created_at=now()
        )
    )  # fmt: skip
    db.session.flush()
    return actor_of(actor.account_id)


def offered(world: World, actor: Actor, **more: Any) -> Offer:
    """An offer to this actor, of a new order of somebody else."""
    order = world.open_order(**more)
    begins = order.window_from
    return dispatching.make_offer(
        order.id, actor.volunteer_id, actor=world.coordinator(), origin=OfferOrigin.HAND,
        starts_at=begins, ends_at=begins + order.duration, distance_m=500, travel_minutes=8, terms={},
    )  # fmt: skip


def things(world: World, actor: Actor) -> dict[str, str]:
    """One of each, under the names that paths use."""
    assignment = serving.accept(offered(world, actor).id, actor=actor)
    waiting = offered(world, actor, item="errand", starts=now() + timedelta(days=3))
    own = world.open_order(actor, starts=now() + timedelta(days=5), approve=False)
    return {
        "order_id": own.id, "offer_id": waiting.id, "assignment_id": assignment.id,
        "volunteer_id": str(actor.volunteer_id), "office_id": world.ids["station"],
        "account_id": str(actor.account_id), "resident_id": str(actor.resident_id),
    }  # fmt: skip
