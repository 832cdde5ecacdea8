"""The first half of one order's past: placing, review, offers; told through the journal and the table of moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.demo import phrases
from app.demo.crew import Crew, Need, Pick, Span
from app.demo.menu import Item
from app.demo.world import Helper, Neighbour, World
from app.kernel import clock, timers
from app.kernel.access import SYSTEM, Actor
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from app.ordering import placing, urgency
from app.notices.service import tell, tell_desk, tell_resident
from models import (
    Assignment,
    Offer,
    Order,
    Position,
    Resident,
    ServiceItem,
    Visit,
    db,
)
from models.ids import new_id
from models.kinds import Channel, EventKind, NoticeKind
from models.states import OFFER_LIVE, OfferMove, OrderMove, OrderStatus


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
    number: str
    moment: datetime = field(init=False)
    order: Order = field(init=False)
    offers: list[tuple[Offer, Pick]] = field(default_factory=list)
    assignments: list[tuple[Assignment, Helper]] = field(default_factory=list)
    visits: dict[str, Visit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.moment = self.plan.created_at

    @contextmanager
    def at(self, moment: datetime) -> Iterator[datetime]:
        """Stop the clock at this moment, or a second after the last step if that is later."""
        self.moment = max(moment, self.moment + timedelta(seconds=1))
        with clock.fixed(self.moment):
            yield self.moment

    @property
    def desk(self) -> Actor:
        return self.world.coordinator(self.plan.neighbour.draft.station)

    @property
    def resident(self) -> Actor:
        """Whoever speaks for the order: the resident, or the desk for one who only telephones."""
        return self.plan.neighbour.actor if self.plan.neighbour.account_id else self.desk

    @property
    def free_positions(self) -> int:
        return self.plan.positions - len(self.assignments)

    # ---------- 点单 ----------

    def place(self) -> None:
        with self.at(self.plan.created_at) as moment:
            self.order = self._new_order(moment)
            db.session.add(self.order)
            timers.reset(self.order)
            db.session.flush()
            record(
                self.order,
                EventKind.ORDER_PLACE,
                actor=self.resident,
                after=self.order.status,
                channel=self.order.channel,
            )

    def _new_order(self, moment: datetime) -> Order:
        plan, draft, item = self.plan, self.plan.neighbour.draft, self.plan.item
        title, words = self._title_and_words()
        (lon, lat), (starts_at, ends_at) = draft.point, plan.span
        by_office = self.random.choice((Channel.PHONE, Channel.PHONE, Channel.COUNTER))
        order = Order(
            id=new_id(), number=self.number, status=OrderStatus.SUBMITTED, version=0,
            office=self.world.offices[draft.station], resident=db.session.get(Resident, plan.neighbour.id),
            requester_id=self.resident.account_id,
            channel=Channel.WEB if plan.neighbour.account_id else by_office, title=title, words=words,
            contact_name=draft.name, contact_phone=draft.phone, address=draft.address, access_notes=draft.access_notes,
            lat=lat, lon=lon, window_from=starts_at - plan.slack, window_until=ends_at + plan.slack,
            duration_minutes=round((ends_at - starts_at).total_seconds() / 60), positions_wanted=plan.positions,
            languages=[], start_code=f"{self.random.randint(0, 9999):04d}", created_at=moment, next_action_at=moment,
        )  # fmt: skip
        order.positions = [Position(number=number) for number in range(1, plan.positions + 1)]
        row = db.session.get(ServiceItem, self.world.items[item.code]) if item else None
        placing.set_item(order, row)
        order.priority = placing.priority_of(row, order.resident)
        urgency.set_urgency(order)
        return order

    def _title_and_words(self) -> tuple[str, str]:
        if self.plan.item is None:
            return self.random.choice(phrases.FREE_FORM)
        return self.plan.item.name, self.random.choice(phrases.ORDER_WORDS.get(self.plan.item.code, ("",)))

    def approve(self, moment: datetime) -> None:
        """At once where the desk wrote it down or a rule allows it, else by the desk after a look at it."""
        rule = placing.approval_rule(self.order)
        if self.order.channel in placing.BY_OFFICE:
            with self.at(self.moment):
                placing.open_order(self.order, self.desk, by="intake")
        elif rule and self.plan.item:
            with self.at(self.moment):
                placing.open_order(self.order, SYSTEM, rule=rule, item=self.plan.item.code)
        else:
            with self.at(moment):
                placing.open_order(self.order, self.desk)
                tell_resident(self.order, NoticeKind.ORDER_APPROVED)

    def turn(self, what: OrderMove, moment: datetime, reason: str, notice: NoticeKind | None = None) -> None:
        """A step of the desk that gives its reason: return, reject, merge, transfer, dispute."""
        with self.at(moment):
            self.order.reason = reason
            move(self.order, what, actor=self.desk, reason=reason)
            if notice:
                tell_resident(self.order, notice)

    # ---------- 派单 ----------

    def offer(self, pick: Pick, moment: datetime) -> Offer:
        with self.at(moment) as sent_at:
            minutes = order_setting(self.order, "answer_minutes")
            draft = pick.helper.draft
            skills = "+".join(self.plan.item.skills) if self.plan.item else ""
            travel = f"travel:{draft.travel_mode}:{pick.distance_m}:{pick.travel_minutes * 60}"
            offer = Offer(
                id=new_id(), order=self.order, order_id=self.order.id, volunteer_id=pick.helper.id,
                starts_at=self.plan.span[0], ends_at=self.plan.span[1], distance_m=pick.distance_m,
                travel_minutes=pick.travel_minutes, sent_at=sent_at, expires_at=sent_at + timedelta(minutes=minutes),
                terms={"reasons": [travel, *([f"skills:{skills}"] if skills else []), "available"], "points": {}, "cost": 0},
            )  # fmt: skip
            db.session.add(offer)
            db.session.flush()
            record(offer, EventKind.OFFER_MAKE, actor=SYSTEM)
            tell(pick.helper.account_id, NoticeKind.OFFER, offer=offer)
            if self.order.status == OrderStatus.OPEN:
                move(self.order, OrderMove.OFFER, actor=SYSTEM)
        self.offers.append((offer, pick))
        return offer

    def see(self, offer: Offer, pick: Pick, moment: datetime) -> None:
        with self.at(moment) as offer.seen_at:
            move(offer, OfferMove.SEE, actor=pick.helper.actor)

    def decline(self, offer: Offer, pick: Pick, moment: datetime) -> None:
        with self.at(moment) as offer.answered_at:
            offer.decline_reason = self.random.choice(phrases.DECLINES)
            move(offer, OfferMove.DECLINE, actor=pick.helper.actor)
            self._wait_if_none_is_out()

    def expire(self, offer: Offer) -> None:
        with self.at(offer.expires_at):
            move(offer, OfferMove.EXPIRE, actor=SYSTEM)
            self._wait_if_none_is_out()

    def _wait_if_none_is_out(self) -> None:
        if self.free_positions and not any(offer.status in OFFER_LIVE for offer, _ in self.offers):
            move(self.order, OrderMove.WAIT, actor=SYSTEM)

    def give_up(self, moment: datetime) -> None:
        """Nobody was found: the counted reasons are kept, the office above is told."""
        with self.at(moment):
            self.order.unplaced = self.unplaced()
            move(self.order, OrderMove.GIVE_UP, actor=SYSTEM)
            tell_resident(self.order, NoticeKind.ORDER_UNFILLED)
            tell_desk(self.order.office, NoticeKind.ORDER_UNFILLED, order=self.order)

    def candidates(self) -> list[Pick]:
        """Who could go and has not been asked for this order yet, the nearest first."""
        asked = {pick.helper.id for _, pick in self.offers}
        fitting = self.crew.fitting(self.plan.need, self.plan.span)
        return [pick for pick in fitting if pick.helper.id not in asked]

    def unplaced(self) -> dict[str, object]:
        """The counts a run of the engine would leave behind."""
        eligible = len(self.candidates())
        lost = self.crew.lost(self.plan.need, self.plan.span)
        asked = len(self.offers)
        return {
            "order": self.order.id, "open_positions": self.free_positions, "eligible": eligible,
            "lost": {**lost, "banned": asked} if asked else lost, "bans": {"declined": asked} if asked else {},
            "verdict": "nobody_eligible", "taken_by": [],
        }  # fmt: skip
