"""What speaks against bringing an order and a volunteer together, rule by rule, through the engine's own rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.dispatching import needs, snapshot
from app.kernel.clock import now
from dispatch import Conflict as Broken
from dispatch import Problem, candidates_for, conflict_words, judge
from models import Offer, Order, Volunteer, db
from models.states import OFFER_LIVE

BINDING = frozenset({"active", "credentials", "minimum_age", "overlap", "blocked", "own", "window"})
"""Law, safety and plain impossibility: nobody may set these aside."""
OWN_WISHES = frozenset({"on_duty", "radius", "reach", "availability", "daily_limit", "weekly_limit", "quiet", "enough"})
"""The volunteer's own limits: they bind us when we ask, and never a volunteer who says yes."""
ASKED = frozenset({"already_offered", "declined"})
_ANYWHERE = 20_000_000


@dataclass(frozen=True)
class Conflict:
    """A rule that this pair breaks, and the sentence for the coordinator."""

    rule: str
    words: str

    @property
    def is_binding(self) -> bool:
        return self.rule in BINDING


@dataclass(frozen=True)
class Fit:
    """When somebody could serve an order, and how far away they live."""

    starts_at: datetime
    ends_at: datetime
    distance_m: int
    travel_minutes: int
    terms: dict[str, Any]

    @classmethod
    def of(cls, one: Any) -> Fit:
        """From a candidate or a proposal of the engine."""
        return cls(
            starts_at=datetime.fromtimestamp(one.start, UTC),
            ends_at=datetime.fromtimestamp(one.end, UTC),
            distance_m=one.distance_m,
            travel_minutes=-(-one.travel_s // 60),
            terms={"reasons": list(one.reasons), "points": dict(one.terms), "cost": one.cost},
        )


def objections(
    order: Order,
    volunteer: Volunteer,
    starts_at: datetime | None = None,
    *,
    lang: str = "zh",
    offers_count: bool = False,
) -> list[Conflict]:
    """Everything that speaks against offering: what a coordinator is told before offering by hand.

    With `offers_count` the offers that are out to the volunteer take their time like accepted work.
    """
    if starts_at is None and not needs.fits(order, now()):
        return [_worded(Broken("reach"), lang)]
    problem = snapshot.pair(order, volunteer.id, starts_at, offers_count=offers_count)
    return [_worded(broken, lang) for broken in judge(problem, order.id, volunteer.id)]


def cautions(
    order: Order, volunteer: Volunteer, starts_at: datetime | None = None, *, lang: str = "zh"
) -> list[Conflict]:
    """The same with what a coordinator should know besides: a time the resident did not ask for, a rival offer."""
    found = objections(order, volunteer, starts_at, lang=lang)
    if starts_at is not None and not order.window_from <= starts_at <= order.window_until - order.duration:
        found.append(Conflict("window", _("不在居民说的时间里，请先和居民商量")))
    place = starts_at or (found_at.starts_at if (found_at := fit_anyhow(order, volunteer)) else None)
    if place is not None and _asked_elsewhere(order, volunteer, place):
        found.append(Conflict("asked_elsewhere", _("那段时间已经邀请去别的单，还没有答复")))
    return found


def _asked_elsewhere(order: Order, volunteer: Volunteer, starts_at: datetime) -> bool:
    rivals = select(Offer.id).where(
        Offer.volunteer_id == volunteer.id, Offer.order_id != order.id, Offer.status.in_(OFFER_LIVE),
        Offer.starts_at < starts_at + order.duration, Offer.ends_at > starts_at,
    )  # fmt: skip
    return db.session.scalar(rivals.limit(1)) is not None


def conflicts(
    order: Order, volunteer: Volunteer, starts_at: datetime | None = None, *, lang: str = "zh"
) -> list[Conflict]:
    """The hard rules this pair breaks at this moment, asked again before a yes counts; empty when it may.

    Not the volunteer's own limits, which a yes sets aside, nor what a coordinator knowingly set aside in the offer.
    """
    waived = OWN_WISHES | ASKED | _set_aside(order, volunteer)
    return [one for one in objections(order, volunteer, starts_at, lang=lang) if one.rule not in waived]


def fit(order: Order, volunteer: Volunteer) -> Fit | None:
    """The earliest time at which this volunteer could serve the order by every rule but having been asked before."""
    if not needs.fits(order, now()):
        return None
    return _first(_asked_afresh(snapshot.pair(order, volunteer.id)), order)


def fit_anyhow(order: Order, volunteer: Volunteer, starts_at: datetime | None = None) -> Fit | None:
    """The same, or else the earliest time that accepted work and the way there leave; None when the window is over.

    For a yes, or a coordinator who knows better than the rules: what is binding must be asked for by itself. With
    `starts_at` at that very time.
    """
    if not needs.fits(order, now()):
        return None
    problem = _asked_afresh(snapshot.pair(order, volunteer.id, starts_at))
    return _first(problem, order) or _first(_lenient(problem), order)


def _first(problem: Problem, order: Order) -> Fit | None:
    found = candidates_for(problem, order.id, 1).candidates
    return Fit.of(found[0]) if found else None


def _asked_afresh(problem: Problem) -> Problem:
    return replace(problem, orders=tuple(replace(order, excluded=()) for order in problem.orders))


def _lenient(problem: Problem) -> Problem:
    """The same pair with nothing in the way but distance, time and accepted work."""
    (order,), (volunteer,) = problem.orders, problem.volunteers
    whole_window = ((order.window_start, order.window_end),)
    able = replace(
        volunteer, skills=order.skills, availability=whole_window, radius_m=_ANYWHERE, active=True,
        daily_limit=None, weekly_limit_minutes=None,
    )  # fmt: skip
    plain = replace(order, credentials=frozenset(), sex=None, minimum_age=None, now=False)
    return replace(problem, orders=(plain,), volunteers=(able,))


def _set_aside(order: Order, volunteer: Volunteer) -> frozenset[str]:
    """The rules that a coordinator set aside when making the offer that stands now."""
    live = select(Offer.terms).where(
        Offer.order_id == order.id, Offer.volunteer_id == volunteer.id, Offer.status.in_(OFFER_LIVE)
    )
    terms = db.session.scalar(live) or {}
    return frozenset(terms.get("despite", ())) - BINDING


def _worded(broken: Broken, lang: str) -> Conflict:
    return Conflict(broken.why or broken.rule, conflict_words([broken], lang)[0])
