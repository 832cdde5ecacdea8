"""What the simulated public does: each deed looks for one occasion, takes it as the person concerned, and says whether
there was one. Visits of orders for now last a minute or so, that a newcomer may see one from end to end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from app.demo import crowd, phrases, wishes
from app.kernel.clock import now
from app.kernel.settings import order_setting
from app.ordering import service as ordering
from app.people import service as people
from app.people.identity import actor_of
from app.rating import service as rating
from app.serving import service as serving
from models import Assignment, Offer, Order, Rating, Visit, Volunteer, db
from models.kinds import Outcome, Side
from models.states import OFFER_LIVE, ORDER_SEEKING, AssignmentStatus, OfferStatus, OrderStatus

Deed = Callable[[Random], bool]

YES = 0.7
"""How often somebody who answers an offer says yes."""
BY_CODE = 0.8
"""How often the resident's code backs a check-in; else the place does."""
ON_DUTY_SHARE = 0.12
SETS_OUT_BEFORE = timedelta(minutes=25)
DESK_FIRST = timedelta(minutes=10)
"""So long an order of the newcomer's own station waits for the newcomer before somebody above approves it."""
PRAISE, BLAME = ("on_time", "kind", "skilled", "careful", "patient"), ("late", "rushed")
"""Tags of ratings, as `app.rating.words` has them."""
MOST_WAITING, MOST_AHEAD = 60, 160
"""Orders that look for somebody, and orders not yet begun at all; with more, nobody places another."""


def habits(*, hurried: bool) -> Mapping[Deed, float]:
    """Every deed with how often it comes to mind; a hurried public spends less time on a visit."""
    visit = timedelta(seconds=8 if hurried else 70)

    def finish(random: Random) -> bool:
        return _finish(random, visit)

    return {
        place: 2.0, approve: 2.0, look: 2.0, answer: 4.0, set_out: 3.0, arrive: 3.0, finish: 3.0, rate: 1.5,
        speak: 0.7, go_on_duty: 0.5, hand_back: 0.03,
    }  # fmt: skip


def place(random: Random) -> bool:
    waiting = _number({*ORDER_SEEKING, OrderStatus.SUBMITTED})
    if waiting >= MOST_WAITING or waiting + _number({OrderStatus.STAFFED}) >= MOST_AHEAD:
        return False
    made = wishes.draw(random)
    if made is None:
        return False
    who, wish = made
    ordering.place(actor=who, **wish)
    return True


def _number(statuses: set[OrderStatus]) -> int:
    return db.session.scalar(select(func.count()).where(Order.status.in_(statuses))) or 0


def approve(random: Random) -> bool:
    """A coordinator looks at an order; the newcomer's own station gets some time to do it."""
    home = crowd.home_office_id()
    found = select(Order).where(
        Order.status == OrderStatus.SUBMITTED,
        Order.id.not_in(crowd.theirs()),
        (Order.office_id != home) | (Order.created_at < now() - DESK_FIRST),
    )
    order = crowd.any_of(found.order_by(Order.created_at), random)
    desk = crowd.coordinator_of(order.office) if order is not None else None
    if desk is None:
        return False
    if order.window_until - order.duration < now():
        ordering.reject(order.id, random.choice(phrases.REJECTS), actor=desk)
    elif random.random() < 0.05:
        ordering.send_back(order.id, random.choice(phrases.RETURNS), actor=desk)
    else:
        ordering.approve(order.id, actor=desk)
    return True


# ---------- volunteers ----------


def _offer(random: Random, *statuses: OfferStatus) -> Offer | None:
    found = select(Offer).where(
        Offer.status.in_(statuses),
        Offer.expires_at > now(),
        Offer.volunteer_id.in_(crowd.volunteers()),
        Offer.order_id.not_in(crowd.theirs()),
    )
    offer: Offer | None = crowd.any_of(found.order_by(Offer.expires_at), random)
    return offer


def look(random: Random) -> bool:
    offer = _offer(random, OfferStatus.SENT)
    if offer is not None:
        serving.see_offer(offer.id, actor=actor_of(offer.volunteer.account_id))
    return offer is not None


def answer(random: Random) -> bool:
    offer = _offer(random, *sorted(OFFER_LIVE))
    if offer is None:
        return False
    who = actor_of(offer.volunteer.account_id)
    if random.random() < YES:
        serving.accept(offer.id, actor=who)
    else:
        serving.decline(offer.id, reason=random.choice(phrases.DECLINES), actor=who)
    return True


def _task(random: Random, *statuses: AssignmentStatus, **limits: Any) -> Assignment | None:
    """Work of the public, for the public, in one of these statuses."""
    found = select(Assignment).where(
        Assignment.status.in_(statuses),
        Assignment.volunteer_id.in_(crowd.volunteers()),
        Assignment.order_id.not_in(crowd.theirs()),
        *limits.values(),
    )
    task: Assignment | None = crowd.any_of(found.order_by(Assignment.starts_at), random)
    return task


def _who(task: Assignment) -> Any:
    return actor_of(task.volunteer.account_id)


def set_out(random: Random) -> bool:
    soon = Assignment.starts_at <= now() + SETS_OUT_BEFORE
    task = _task(random, AssignmentStatus.ACCEPTED, soon=soon, recent=Assignment.ends_at > now() - timedelta(hours=20))
    if task is not None:
        serving.depart(task.id, actor=_who(task))
    return task is not None


def arrive(random: Random) -> bool:
    soon = Assignment.starts_at <= now() + SETS_OUT_BEFORE
    task = _task(
        random, AssignmentStatus.ON_THE_WAY, soon=soon, recent=Assignment.ends_at > now() - timedelta(hours=20)
    )
    if task is None:
        return False
    order = task.order
    if task.starts_at - timedelta(minutes=order_setting(order, "check_in_early_minutes")) > now():
        return False
    if random.random() < BY_CODE:
        serving.check_in(task.id, actor=_who(task), code=order.start_code)
    else:
        near = random.uniform(-0.0005, 0.0005)
        serving.check_in(task.id, actor=_who(task), lat=order.lat + near, lon=order.lon + near, accuracy=25.0)
    return True


def _finish(random: Random, visit: timedelta) -> bool:
    begun = select(Visit.assignment_id).where(Visit.checked_in_at <= now() - visit)
    task = _task(random, AssignmentStatus.CHECKED_IN, begun=Assignment.id.in_(begun))
    if task is not None:
        serving.check_out(task.id, actor=_who(task))
    return task is not None


def hand_back(random: Random) -> bool:
    """Now and then somebody cannot come, and says so in time."""
    task = _task(random, AssignmentStatus.ACCEPTED, ahead=Assignment.starts_at > now())
    if task is not None:
        serving.hand_back(task.id, random.choice(phrases.HAND_BACKS), actor=_who(task))
    return task is not None


def go_on_duty(random: Random) -> bool:
    """Somebody has time now, unless enough others have."""
    ours = Volunteer.id.in_(crowd.volunteers())
    everybody = db.session.scalar(select(func.count()).where(ours)) or 0
    on_duty = db.session.scalar(select(func.count()).where(ours, Volunteer.on_duty_until > now())) or 0
    if on_duty >= everybody * ON_DUTY_SHARE:
        return False
    resting = (Volunteer.on_duty_until.is_(None)) | (Volunteer.on_duty_until <= now())
    ready = ours & resting & Volunteer.is_verified & ~Volunteer.is_paused
    volunteer = crowd.any_of(select(Volunteer).where(ready).order_by(Volunteer.id), random, most=5000)
    if volunteer is not None:
        people.set_duty(True, random.randint(1, 4), actor=actor_of(volunteer.account_id))
    return volunteer is not None


# ---------- words afterwards ----------


def _opinion(random: Random) -> dict[str, Any]:
    chance = random.random()
    if chance < 0.9:
        tags = random.sample(PRAISE, random.randint(0, 2))
        return {"stars": 3, "outcome": Outcome.DONE, "words": random.choice(phrases.GOOD_WORDS), "tags": tags}
    if chance < 0.97:
        return {"stars": 2, "outcome": Outcome.DONE, "words": random.choice(phrases.FAIR_WORDS), "tags": []}
    return {
        "stars": 1, "outcome": random.choice((Outcome.HALF_DONE, Outcome.NOT_DONE)),
        "words": random.choice(phrases.BAD_WORDS), "tags": [random.choice(BLAME)],
    }  # fmt: skip


def rate(random: Random) -> bool:
    found = select(Order).where(Order.status == OrderStatus.SERVED, Order.id.not_in(crowd.theirs()))
    order = crowd.any_of(found.order_by(Order.served_at), random)
    who = crowd.voice_of(order.resident) if order is not None else None
    if who is None or (order.resident.account and not order.resident.account.is_demo):
        return False
    rating.rate(order.id, actor=who, **_opinion(random))
    return True


def speak(random: Random) -> bool:
    spoken = select(Rating.assignment_id).where(Rating.side == Side.VOLUNTEER)
    task = _task(
        random, AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED,
        recent=Assignment.ended_at > now() - timedelta(hours=6), silent=Assignment.id.not_in(spoken),
    )  # fmt: skip
    if task is not None:
        rating.speak(task.id, actor=_who(task), stars=3, words=random.choice(phrases.VOLUNTEER_WORDS))
    return task is not None
