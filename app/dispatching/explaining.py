"""Why this person, why not that one, why nobody, and what would help: asked of the engine when somebody wants to know.

Every answer stands on a stored run (its question and its plan) or on a fresh look at the city. Volunteers and residents
read nothing about other people: the engine's own sentences for them see to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from flask_babel import gettext as _
from sqlalchemy import Text, cast, func, select

import dispatch
from app.dispatching import needs, runs, snapshot
from app.dispatching.frozen import unfold
from app.dispatching.judging import objections
from app.dispatching.solver import solver
from app.dispatching.wording import skill_names
from app.kernel.access import Actor, may
from app.kernel.clock import now
from app.offices.queries import item_title
from dispatch import Market, Plan, Problem, Remedy
from models import DispatchRun, Offer, Order, Volunteer, db
from models.kinds import RunMode, RunStatus

MOST_FOLDED = 600_000
"""Characters of a stored question that a page may take the time to open."""
LATEST = 5
"""So many of the last runs are searched for an order."""


@dataclass(frozen=True)
class Answered:
    """A question with its plan; who stands where is worked out once."""

    problem: Problem
    plan: Plan

    @cached_property
    def market(self) -> Market:
        return Market.of(self.problem, self.plan)

    @property
    def is_instant(self) -> bool:
        """Prices speak of instant plans only."""
        return self.plan.mode == RunMode.INSTANT


@lru_cache(maxsize=8)
def _answered(run_id: str, _digest: str) -> Answered | None:
    """A stored run, opened; a run never changes after its plan is kept."""
    row = db.session.get(DispatchRun, run_id)
    if row is None or not row.problem or not row.plan:
        return None
    return Answered(unfold(row.problem), Plan.from_dict(row.plan))


def _opened(run_id: str | None) -> Answered | None:
    """The run, unless it is forgotten or too large to be opened for a page."""
    if run_id is None:
        return None
    size = func.length(cast(DispatchRun.problem, Text)).label("size")
    row = db.session.execute(select(DispatchRun.plan_digest, size).where(DispatchRun.id == run_id)).first()
    if row is None or not row.plan_digest or (row.size or 0) > MOST_FOLDED:
        return None
    return _answered(run_id, row.plan_digest)


def why_offered(offer: Offer, lang: str = "zh") -> list[str]:
    """What the offer rests on and what would have changed it, for the volunteer asked; empty where nobody can tell."""
    found = _opened(offer.run_id)
    if found is None or not found.is_instant:
        return []
    proposal = _proposal(found.plan, offer.order_id, offer.volunteer_id)
    if proposal is None:
        return []
    why = dispatch.why(found.problem, found.plan, proposal, market=found.market)
    return dispatch.why_words(why, proposal, lang, "volunteer")


def _proposal(plan: Plan, order_id: str, volunteer_id: str) -> dispatch.Proposal | None:
    return next((one for one in plan.proposals if (one.order, one.volunteer) == (order_id, volunteer_id)), None)


def why_not_me(order: Order, volunteer: Volunteer, lang: str = "zh") -> list[str]:
    """Why this volunteer was not asked for an order, in words for them; empty where no run has looked at the pair."""
    found = _latest_about(order)
    known = found is not None and volunteer.id in found.market.crowd.index
    if found is None or not known:
        return [one.words for one in objections(order, volunteer, lang=lang) if one.rule != "blocked"]
    said = dispatch.why_not_pair(found.problem, found.plan, order.id, volunteer.id, market=found.market)
    rules = tuple(rule for rule in said.rules if not rule.startswith("banned:blocked"))
    if said.verdict == "refused" and not rules:
        return []
    return dispatch.why_not_words(replace(said, rules=rules, serves=None), lang, "volunteer")


def _latest_about(order: Order) -> Answered | None:
    """The last instant run of the city that had this order in its question."""
    rows = (
        select(DispatchRun.id)
        .where(DispatchRun.office_id == order.office.lineage[0], DispatchRun.mode == RunMode.INSTANT)
        .where(DispatchRun.status == RunStatus.APPLIED)
        .order_by(DispatchRun.started_at.desc())
        .limit(LATEST)
    )
    for run_id in db.session.scalars(rows):
        found = _opened(run_id)
        if found is not None and order.id in {spec.id for spec in found.problem.orders}:
            return found
    return None


@dataclass(frozen=True)
class Asked:
    """One offer of a run as the desk reads it: what it rests on, in words."""

    volunteer_id: str
    words: list[str]


@dataclass(frozen=True)
class Help:
    """Something that would fill the order, proven; `remedy` has the particulars, `words` say it."""

    remedy: Remedy
    words: list[str]


@dataclass(frozen=True)
class Reasons:
    """All there is to say of one order's search: `open_words` why places are open now, `helps` what would fill them."""

    asked: list[Asked] = field(default_factory=list)
    open_words: list[str] = field(default_factory=list)
    helps: list[Help] = field(default_factory=list)
    fills_now: bool = False


def reasons(order: Order, actor: Actor, lang: str = "zh") -> Reasons:
    """For the desk, by name as far as the actor may know of people and orders."""
    said = _Names(actor, lang)
    asked = [Asked(offer.volunteer_id, words) for offer in _offers(order) if (words := _why_asked(offer, said, lang))]
    found = _fresh(order)
    if found is None:
        return Reasons(asked)
    unplaced = next((one for one in found.plan.unplaced if one.order == order.id), None)
    if unplaced is None:
        return Reasons(asked, fills_now=True)
    takers = dispatch.takers(found.problem, found.plan, order.id, market=found.market)
    words = dispatch.unplaced_words(unplaced, lang, takers=takers, names=said)
    return Reasons(asked, words, _helps(found, order, said, lang))


def helps_for_resident(order: Order, lang: str = "zh") -> list[str]:
    """What the resident could change so that somebody can come; nothing about anybody else."""
    found = _fresh(order)
    if found is None or not any(one.order == order.id for one in found.plan.unplaced):
        return []
    sentences = [
        sentence
        for one in dispatch.remedies_for(found.problem, found.plan, order.id, market=found.market)
        for sentence in dispatch.remedy_words(one, lang, "resident")
    ]
    return list(dict.fromkeys(sentences))


def _offers(order: Order) -> list[Offer]:
    found = select(Offer).filter_by(order_id=order.id).where(Offer.run_id.is_not(None)).order_by(Offer.sent_at.desc())
    return list(db.session.scalars(found.limit(LATEST)))


def _why_asked(offer: Offer, names: Mapping[str, str], lang: str) -> list[str]:
    found = _opened(offer.run_id)
    proposal = found and _proposal(found.plan, offer.order_id, offer.volunteer_id)
    if not found or not proposal or not found.is_instant:
        return []
    why = dispatch.why(found.problem, found.plan, proposal, market=found.market)
    return dispatch.why_words(why, proposal, lang, "coordinator", names=names)


def _fresh(order: Order) -> Answered | None:
    """The city as it is now, solved once more and kept from everybody; None while the order looks for nobody."""
    if not needs.fits(order, now()) or not needs.seats([order])[order.id]:
        return None
    city = snapshot.city_of(order)
    weights, _doubts = runs.weights_of(city)
    problem = snapshot.take(city).problem
    if order.id not in {spec.id for spec in problem.orders}:
        return None
    return Answered(problem, solver().solve(problem, weights, seed=0))


def _helps(found: Answered, order: Order, names: Mapping[str, str], lang: str) -> list[Help]:
    return [
        Help(one, words)
        for one in dispatch.remedies_for(found.problem, found.plan, order.id, market=found.market)
        if (words := dispatch.remedy_words(one, lang, "coordinator", names=names))
    ]


class _Names(Mapping[str, str]):
    """What the engine's ids and codes are called on this reader's pages; people and orders elsewhere get no name."""

    def __init__(self, actor: Actor, lang: str) -> None:
        self._actor, self._codes = actor, skill_names(lang)

    def __getitem__(self, key: str) -> str:
        if key in self._codes:
            return self._codes[key]
        volunteer = db.session.get(Volunteer, key)
        if volunteer is not None:
            return volunteer.name if may(self._actor, "volunteer.see", volunteer) else _("别的站点的志愿者")
        order = db.session.get(Order, key)
        if order is None:
            raise KeyError(key)
        return f"{item_title(order.title)} {order.number}" if may(self._actor, "board.see", order) else _("别处的单子")

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return 1 + len(self._codes)  # never empty, for an empty one would be taken for none
