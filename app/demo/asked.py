"""The first half of one order's past: placed, looked at, offered.

The real verbs of every step tell it, with the clock set to the moment of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.demo import phrases
from app.demo.crew import Crew, Need, Pick, Span
from app.demo.menu import Item
from app.demo.shapes import metres
from app.demo.world import Helper, Neighbour, World
from app.dispatching import service as dispatching
from app.dispatching.seeking import note_unplaced
from app.kernel import clock
from app.kernel.access import SYSTEM, Actor
from app.ordering import service as ordering
from app.serving import service as serving
from models import Assignment, Offer, Order
from models.kinds import Channel, OfferOrigin
from models.states import ORDER_SEEKING, OrderStatus


@dataclass(frozen=True)
class Plan:
    """What was asked for, and when it is to happen. Without an item it is a free-form order."""

    neighbour: Neighbour
    item: Item | None
    created_at: datetime
    span: Span
    slack: timedelta

    @property
    def need(self) -> Need:
        item = self.item
        return Need(
            self.neighbour.draft.point,
            frozenset(item.skills if item else ()),
            frozenset(item.credentials if item else ()),
            item.minimum_age if item else None,
        )

    @property
    def positions(self) -> int:
        return self.item.positions if self.item else 1


@dataclass
class Asked:
    """An order looking for volunteers. No step happens before the one told last."""

    world: World
    crew: Crew
    random: Random
    plan: Plan
    moment: datetime = field(init=False)
    order: Order = field(init=False)
    offers: list[tuple[Offer, Pick]] = field(default_factory=list)
    assignments: list[tuple[Assignment, Helper]] = field(default_factory=list)
    is_joined: bool = False

    def __post_init__(self) -> None:
        self.moment = self.plan.created_at

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Stop the clock at this moment, or a second after the last step if that is later."""
        self.moment = max(moment, self.moment + timedelta(seconds=1))
        with clock.fixed(self.moment):
            yield

    @property
    def station(self) -> str:
        return self.plan.neighbour.draft.station

    @property
    def desk(self) -> Actor:
        return self.world.coordinator(self.station)

    @property
    def above(self) -> Actor:
        """A coordinator of the centre, who is never the one at the desk."""
        street = self.world.city.place(self.world.city.place(self.station).parent or self.station)
        return self.world.coordinator(street.parent or street.code)

    @property
    def requester(self) -> Actor:
        """Whoever speaks for the order: the resident, or the desk for one who only telephones."""
        return self.plan.neighbour.actor if self.plan.neighbour.account_id else self.desk

    @property
    def is_sought(self) -> bool:
        """Whether volunteers are being looked for."""
        return self.order.status in ORDER_SEEKING

    # ---------- 点单 ----------

    def place(self) -> None:
        plan, item = self.plan, self.plan.item
        title, words = self._title_and_words()
        by_office = self.random.choice((Channel.PHONE, Channel.PHONE, Channel.COUNTER))
        with self.at(plan.created_at):
            self.order = ordering.place(
                actor=self.requester,
                channel=Channel.WEB if plan.neighbour.account_id else by_office,
                consent=True,
                resident_id=plan.neighbour.id,
                address_id=plan.neighbour.address_id,
                item_code=item.code if item else None,
                title=title,
                words=words,
                window_from=plan.span[0] - plan.slack,
                window_until=plan.span[1] + plan.slack,
                languages=[plan.neighbour.draft.speaks] if plan.neighbour.draft.speaks != "普通话" else [],
            )

    def _title_and_words(self) -> tuple[str, str]:
        if self.plan.item is None:
            return self.random.choice(phrases.FREE_FORM)
        return "", self.random.choice(phrases.ORDER_WORDS.get(self.plan.item.code, ("",)))

    def approve(self, moment: datetime) -> None:
        """The desk looks at it, where no rule has let it pass."""
        if self.order.status == OrderStatus.SUBMITTED:
            with self.at(moment):
                ordering.approve(self.order.id, actor=self.desk)

    def send_back(self, moment: datetime) -> None:
        with self.at(moment):
            ordering.send_back(self.order.id, self.random.choice(phrases.RETURNS), actor=self.desk)

    def reject(self, moment: datetime) -> None:
        with self.at(moment):
            ordering.reject(self.order.id, self.random.choice(phrases.REJECTS), actor=self.desk)

    def hand_on(self, moment: datetime) -> None:
        """To the station next door, which has not taken it in yet."""
        own = self.world.city.place(self.station)
        others = [place for place in self.world.city.at("community") if place.code != own.code]
        target = self.world.offices[min(others, key=lambda place: metres(place.point, own.point)).code]
        with self.at(moment):
            ordering.transfer(self.order.id, target.id, self.random.choice(phrases.TRANSFERS), actor=self.desk)

    def merge_into(self, other: Asked, moment: datetime) -> None:
        """The other order, still alive, goes on for both."""
        with self.at(max(moment, other.moment)):
            ordering.merge(self.order.id, other.order.id, actor=self.desk)
        other.moment, other.is_joined = self.moment, True

    def cancel(self, moment: datetime) -> None:
        with self.at(moment):
            ordering.cancel(self.order.id, self.random.choice(phrases.CANCELS), actor=self.requester)

    # ---------- 派单 ----------

    def candidates(self) -> list[Pick]:
        """Who could go and has not been asked for this order yet, the nearest first."""
        asked = {pick.helper.id for _, pick in self.offers}
        fitting = self.crew.fitting(self.plan.need, self.plan.span)
        return [pick for pick in fitting if pick.helper.id not in asked]

    def offer(self, pick: Pick, moment: datetime) -> Offer:
        draft, codes = pick.helper.draft, self.plan.item.skills if self.plan.item else ()
        travel = f"travel:{draft.travel_mode}:{pick.distance_m}:{pick.travel_minutes * 60}"
        skills = [f"skills:{'+'.join(codes)}"] if codes else []
        with self.at(moment):
            offer = dispatching.make_offer(
                self.order.id,
                pick.helper.id,
                actor=SYSTEM,
                origin=OfferOrigin.DISPATCH,
                starts_at=self.plan.span[0],
                ends_at=self.plan.span[1],
                distance_m=pick.distance_m,
                travel_minutes=pick.travel_minutes,
                terms={"reasons": [travel, *skills, "available"], "points": {}, "cost": 0},
            )
        self.offers.append((offer, pick))
        return offer

    def see(self, offer: Offer, pick: Pick, moment: datetime) -> None:
        with self.at(moment):
            serving.see_offer(offer.id, actor=pick.helper.actor)

    def decline(self, offer: Offer, pick: Pick, moment: datetime) -> None:
        with self.at(moment):
            serving.decline(offer.id, actor=pick.helper.actor, reason=self.random.choice(phrases.DECLINES))

    def expire(self, offer: Offer) -> None:
        with self.at(offer.expires_at):
            dispatching.expire_offer(offer.id)

    def escalate(self, moment: datetime) -> None:
        with self.at(moment):
            dispatching.escalate(self.order.id)

    def give_up(self, moment: datetime) -> None:
        """The window is over and nobody was found."""
        self.note_unplaced()
        with self.at(moment):
            dispatching.give_up(self.order.id)

    def note_unplaced(self) -> None:
        """The counted reasons that a run of the engine would have left behind."""
        lost, asked = self.crew.lost(self.plan.need, self.plan.span), len(self.offers)
        found = {
            "order": self.order.id, "open_positions": self.plan.positions, "eligible": len(self.candidates()),
            "lost": {**lost, "banned": asked} if asked else lost, "bans": {"declined": asked} if asked else {},
            "verdict": "nobody_eligible", "taken_by": [],
        }  # fmt: skip
        with self.at(self.moment):
            note_unplaced(self.order, found)
