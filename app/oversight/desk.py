"""One order as the desk sees it: all of it for whoever works there, no name and no address for who only watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.dispatching import queries as dispatching
from app.kernel.access import Actor, may, require, within
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.offices import queries as offices
from app.oversight import actions, asking, kin, presence, runs, sentences
from app.oversight.actions import Action
from app.oversight.board.queries import WAITING, usual_waits
from app.oversight.board.risk import Risk, risk
from app.oversight.scope import scope_of
from app.oversight.told import told
from app.privacy.masks import name as masked
from app.privacy.queries import View, view_at_desk
from app.rating import queries as rating
from app.rating import service as ratings
from app.rating.words import tag_word
from app.words import spoken, when
from models import (
    Assignment,
    FollowUp,
    HoursEntry,
    Offer,
    Office,
    Order,
    Rating,
    Reserve,
    Volunteer,
    db,
)
from models.kinds import Role
from models.states import (
    ASSIGNMENT_HOLDING,
    OFFER_LIVE,
    ORDER_CLAIMABLE,
)

CHANNELS: dict[str, Any] = {
    "web": _l("手机网页"),
    "phone": _l("电话代录"),
    "counter": _l("窗口登记"),
    "proxy": _l("别人代点"),
    "api": _l("外部系统"),
}
SEXES: dict[str, Any] = {"female": _l("希望女志愿者"), "male": _l("希望男志愿者")}
NEARLY = 12
CANDIDATES = 8
"""People proposed to the coordinator; more is a list to search, not a proposal."""
SHOWN_OFFERS = 30


@dataclass(frozen=True)
class Desk:
    """An order and its reader; each part is looked up when the page asks for it."""

    order: Order
    actor: Actor

    @property
    def exact(self) -> bool:
        """Whether the reader may know who and where."""
        return self.actor.covers(self.order.office.path, Role.COORDINATOR)

    @property
    def steers(self) -> bool:
        return may(self.actor, "dispatch.steer", self.order)

    @cached_property
    def others_here(self) -> list[str]:
        """The colleagues who have the order open too. Asking is arriving: it tells them that the reader has."""
        may_know = self.exact and self.actor.account_id is not None
        return presence.arrive(self.order.id, self.actor) if may_know else []

    @cached_property
    def actions(self) -> list[Action]:
        return actions.order_actions(self.order, self.actor)

    @cached_property
    def seen(self) -> View:
        """What the privacy table shows of the order here: masked by default."""
        return view_at_desk(self.order, self.actor)

    def named(self, name: str) -> str:
        """A volunteer's name."""
        return name if self.exact else masked(name)

    # ---------- how it stands ----------

    @cached_property
    def risk(self) -> Risk | None:
        """How near it is to coming too late, while it waits."""
        order = self.order
        if order.status not in WAITING:
            return None
        usual = usual_waits(scope_of(self.actor)).of(order.item_id, order.urgency)
        return risk(
            order.status, order.urgency, order.window_until, order.duration_minutes,
            order.escalated_to_id is not None, usual, now(), order.positions_wanted - self.filled,
        )  # fmt: skip

    @property
    def unplaced_words(self) -> list[str]:
        """Why the last run found nobody, counted rule by rule."""
        unplaced = self.order.unplaced
        return dispatching.unplaced_words(unplaced, runs.language()) if unplaced else []

    @property
    def asking_words(self) -> list[str]:
        """Which wave is out, how sure it is, and the next step."""
        return asking.asking_words(self.order)

    @property
    def filled(self) -> int:
        return sum(1 for one in self.assignments if one.status in ASSIGNMENT_HOLDING)

    @property
    def came_from(self) -> str:
        """The channel, and when it was placed."""
        return f"{sentences.said(CHANNELS, self.order.channel)} · {when(self.order.created_at)}"

    @property
    def skills(self) -> list[str]:
        return [offices.named(row.skill) for row in self.order.skills]

    @property
    def wishes(self) -> list[str]:
        """What the resident asks beyond the service itself."""
        order = self.order
        return [
            *spoken(order.languages),
            *([str(SEXES[order.sex_wish])] if order.sex_wish in SEXES else []),
            *([_("上次那位志愿者")] if order.wants_same_volunteer else []),
            *([_("坐轮椅")] if order.needs_wheelchair else []),
            *order.credentials,
        ]

    # ---------- people ----------

    @cached_property
    def seeks(self) -> bool:
        """Somebody is looked for, and the reader may ask people."""
        return self.steers and self.order.status in ORDER_CLAIMABLE

    @cached_property
    def choices(self) -> dispatching.Choices:
        """Who could be asked, best first, with reasons and flags."""
        return dispatching.candidates(self.order.id, CANDIDATES, actor=self.actor, lang=runs.language())

    @property
    def nearly(self) -> Sequence[Volunteer]:
        """People here whom only a wish of their own (hours, limits, duty) keeps away: a call may change that."""
        found = select(Volunteer).where(Volunteer.id.in_(self.choices.nearly)).join(Volunteer.office)
        paths = self.actor.paths(Role.COORDINATOR)
        return db.session.scalars(found.where(within(Office.path, paths)).order_by(Volunteer.name).limit(NEARLY)).all()

    def conflicts(self, volunteer: Volunteer) -> list[Any]:
        """What speaks against asking a volunteer of the coordinator's own choice."""
        return list(dispatching.cautions(self.order, volunteer, lang=runs.language()))

    def seconds_to_undo(self, offer: Offer) -> int:
        """How long an offer made by hand is still held back; 0 once the volunteer knows of it."""
        return dispatching.seconds_to_undo(offer)

    @cached_property
    def offers(self) -> Sequence[Offer]:
        found = select(Offer).filter_by(order_id=self.order.id).options(joinedload(Offer.volunteer))
        return db.session.scalars(found.order_by(Offer.sent_at.desc()).limit(SHOWN_OFFERS)).all()

    @property
    def live_offers(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.status in OFFER_LIVE]

    @property
    def past_offers(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.status not in OFFER_LIVE]

    @cached_property
    def assignments(self) -> Sequence[Assignment]:
        found = (
            select(Assignment)
            .filter_by(order_id=self.order.id)
            .options(joinedload(Assignment.volunteer).joinedload(Volunteer.account), joinedload(Assignment.visit))
            .order_by(Assignment.accepted_at)
        )
        return db.session.scalars(found).all()

    @cached_property
    def reserves(self) -> Sequence[Reserve]:
        found = select(Reserve).filter_by(order_id=self.order.id, left_at=None).options(joinedload(Reserve.volunteer))
        return db.session.scalars(found.order_by(Reserve.kept_at)).all()

    def assignment_actions(self, assignment: Assignment) -> list[Action]:
        return actions.assignment_actions(assignment, self.order, self.actor)

    @cached_property
    def _hours(self) -> dict[str, list[HoursEntry]]:
        return rating.entries_of(held.id for held in self.assignments)

    def hours(self, assignment: Assignment) -> rating.VisitLine:
        """What the ledger says of a visit."""
        return rating.VisitLine(assignment, self._hours.get(assignment.id, []))

    def hours_action(self, line: rating.VisitLine) -> Action | None:
        return actions.hours_action(line.assignment, self.order, self.actor, credited=line.credit is not None)

    def may_decide(self, entry: HoursEntry) -> bool:
        """Whether the reader may approve these hours: never one's own entries."""
        return ratings.may_decide(entry, self.actor)

    def may_withdraw(self, offer: Offer) -> bool:
        return actions.may_withdraw(offer, self.order, self.actor)

    # ---------- what has been said and done ----------

    @cached_property
    def timeline(self) -> list[sentences.Line]:
        return sentences.timeline(self.order, self.actor)

    @cached_property
    def notices(self) -> Sequence[Any]:
        return told(self.order.id)

    @cached_property
    def follow_ups(self) -> Sequence[FollowUp]:
        found = select(FollowUp).filter_by(order_id=self.order.id).order_by(FollowUp.created_at.desc())
        return db.session.scalars(found).all()

    @cached_property
    def ratings(self) -> Sequence[Rating]:
        found = select(Rating).filter_by(order_id=self.order.id).order_by(Rating.created_at)
        return db.session.scalars(found).all()

    def tags(self, row: Rating) -> list[str]:
        return [tag_word(tag) for tag in row.tags]

    # ---------- what the forms choose from ----------

    @property
    def similar(self) -> Sequence[Order]:
        return kin.similar(self.order)

    @cached_property
    def duplicates(self) -> Sequence[Order]:
        return kin.duplicates(self.order, self.actor)

    @cached_property
    def parts(self) -> Sequence[Order]:
        return kin.parts(self.order)

    @property
    def others(self) -> list[Office]:
        """Offices the order may be handed to."""
        return offices.others(self.order.office)

    @property
    def menu(self) -> list[Any]:
        return offices.menu(self.order.office)


def desk(order_id: str, actor: Actor) -> Desk:
    """The order for the desk; NotFound outside what the actor watches (being its resident is not enough here)."""
    found = (
        select(Order)
        .where(Order.id == order_id)
        .options(joinedload(Order.office), joinedload(Order.item), joinedload(Order.resident))
        .options(selectinload(Order.skills), selectinload(Order.photos), joinedload(Order.escalated_to))
    )
    order = db.session.scalar(found)
    if order is None:
        raise NotFound()
    require(actor, "board.see", order)
    return Desk(order, actor)
