"""What becomes of a day plan: its offers go out, each in a command of its own; or it is put away, or taken back."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.dispatching import runs
from app.dispatching.judging import Fit, objections
from app.dispatching.offers import LEAST_MINUTES, answer_by, make_offer, withdraw_offer
from app.dispatching.planning import in_background
from app.dispatching.runs import LEASE, TIMELY, LostLease
from app.kernel import locks
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.clock import now, today
from app.kernel.errors import Conflict, DomainError, NotFound, WrongState
from app.kernel.journal import record
from app.kernel.settings import order_setting, setting
from app.kernel.transaction import command
from dispatch import Plan, Proposal
from models import DispatchRun, Offer, Order, db
from models.kinds import EventKind, OfferOrigin, PlanStage, RunMode, RunStatus
from models.states import OFFER_LIVE

log = logging.getLogger(__name__)
KEEPS = timedelta(hours=15)
"""An older plan speaks of another city: it must be worked out anew."""
SPARE = timedelta(hours=2)
"""Left between the end of an offer and the way there, so that somebody else can be asked."""
MINOR = TIMELY | {"enough"}
"""What keeps no offer of a plan back; a plan is one message, whatever its receiver has had today."""
REPLANNED = "replanned"
UNDONE = "plan_undone"


@dataclass
class Tally:
    """What became of a published plan. `stale`: proposals overtaken by events, with the code of what stood against."""

    offered: int = 0
    kept: int = 0
    taken_back: int = 0
    stale: list[dict[str, str]] = field(default_factory=list)


def publish(run_id: str, *, actor: Actor) -> DispatchRun:
    """Send the plan's offers, in the background. Raises WrongState where it may not go out (any more)."""
    run = begin(run_id, actor=actor)
    in_background(send, run.id, run.fence, actor)
    return db.session.get_one(DispatchRun, run_id, populate_existing=True)


@command
def begin(run_id: str, *, actor: Actor) -> DispatchRun:
    """Take the plan in hand: from here on nobody else publishes it. One that stuck half-way is gone on with."""
    run = _plan(run_id, actor)
    stuck = run.stage == PlanStage.PUBLISHING and run.lease_until <= now()
    if not (stuck or (run.stage == PlanStage.PREVIEW and run.status == RunStatus.APPLIED)):
        raise WrongState(_l("这份安排已经处理过了，不能再发一次。"), state=run.stage)
    _refuse_if_old(run)
    _refuse_if_busy(run)
    fence = runs.next_fence(run.office_id, RunMode.DAY)
    run.status, run.stage = RunStatus.RUNNING, PlanStage.PUBLISHING
    run.fence, run.lease_until = fence, now() + LEASE
    return run


def _plan(run_id: str, actor: Actor) -> DispatchRun:
    """The day plan, locked, if it is this coordinator's to handle."""
    run = locks.locked(DispatchRun, run_id)
    require(actor, "dispatch.steer", run)
    if run.mode != RunMode.DAY:
        raise NotFound()
    return run


def is_old(run: DispatchRun) -> bool:
    """Whether too much may have changed since the plan was worked out."""
    return run.started_at + KEEPS < now()


def _refuse_if_old(run: DispatchRun) -> None:
    if run.day is None or run.day < today():
        raise WrongState(_l("这一天已经过去了。"))
    if is_old(run):
        raise WrongState(_l("这份安排排得太早，情况可能变了，请重新排一次。"))


def _refuse_if_busy(run: DispatchRun) -> None:
    """One plan of an office at a time."""
    if not runs.make_way(run.office_id, RunMode.DAY, but=run.id):
        raise WrongState(_l("这里正在排另一份安排，请等它排完。"))


def publish_by_rule(run_id: str) -> None:
    """Where the office wants it so, the evening's plan goes out by itself; an empty one is nobody's business."""
    run = db.session.get_one(DispatchRun, run_id, populate_existing=True)
    if run.stage == PlanStage.PREVIEW and run.counts.get("proposals") and setting(run.office_id, "day_plan_publishes"):
        publish(run_id, actor=SYSTEM)


def send(run_id: str, fence: int, actor: Actor) -> None:
    """Take back what the plan moves, then make its offers in the order of their times."""
    try:
        _send(run_id, fence, actor)
    except LostLease:
        log.warning("the publishing of day plan %s was taken over", run_id)
    except Exception:
        db.session.rollback()
        log.exception("day plan %s stuck while its offers went out; it can be gone on with", run_id)


def _send(run_id: str, fence: int, actor: Actor) -> None:
    run = db.session.get_one(DispatchRun, run_id)
    plan, moving = Plan.from_dict(run.plan or {}), set(run.counts.get("moving", ()))
    standing = _standing(moving)
    db.session.rollback()
    tally = Tally()
    wanted = {(one.order, one.volunteer): one for one in plan.proposals}
    kept = {pair for pair, offer in standing.items() if pair in wanted and _same_time(offer, wanted[pair])}
    tally.kept = len(kept)
    for pair, offer in standing.items():
        if pair not in kept:
            tally.taken_back += _take_back(run_id, fence, offer.id, actor, quietly=pair in wanted)
    for proposal in sorted(plan.proposals, key=lambda one: (one.start, one.order, one.volunteer)):
        if (proposal.order, proposal.volunteer) not in kept:
            _offer(run_id, fence, proposal, tally, actor)
    _finish(run_id, fence, tally, actor=actor)


@dataclass(frozen=True)
class Standing:
    id: str
    starts_at: int


def _standing(offer_ids: set[str]) -> dict[tuple[str, str], Standing]:
    """Offers of earlier plans still open, by order and volunteer."""
    found = select(Offer).where(Offer.id.in_(offer_ids), Offer.status.in_(OFFER_LIVE))
    return {
        (offer.order_id, offer.volunteer_id): Standing(offer.id, int(offer.starts_at.timestamp()))
        for offer in db.session.scalars(found)
    }


def _same_time(offer: Standing, proposal: Proposal) -> bool:
    return offer.starts_at == proposal.start


def _take_back(run_id: str, fence: int, offer_id: str, actor: Actor, *, quietly: bool) -> int:
    """1 when the offer was still open; whoever is asked anew for the same order hears only of the new time."""
    try:
        _move_on(run_id, fence, offer_id, actor=actor, quietly=quietly)
    except DomainError:
        return 0
    return 1


@command
def _move_on(run_id: str, fence: int, offer_id: str, *, actor: Actor, quietly: bool) -> None:
    runs.guarded(run_id, fence, lease_until=now() + LEASE)
    withdraw_offer(offer_id, actor=actor, why=REPLANNED, quietly=quietly)


def _offer(run_id: str, fence: int, proposal: Proposal, tally: Tally, actor: Actor) -> None:
    try:
        put(run_id, fence, proposal, actor=actor)
        tally.offered += 1
    except DomainError as refused:
        why = str(refused.more.get("why") or refused.code)
        tally.stale.append({"order": proposal.order, "volunteer": proposal.volunteer, "why": why})


@command
def put(run_id: str, fence: int, proposal: Proposal, *, actor: Actor) -> Offer:
    """One proposal becomes an offer, if at this moment nothing stands against it; raises Conflict with the rule."""
    runs.guarded(run_id, fence, lease_until=now() + LEASE)
    order = locks.locked_order(proposal.order)
    (volunteer,) = locks.locked_volunteers(proposal.volunteer)
    place = Fit.of(proposal)
    if not _in_window(order, place):
        raise Conflict(why="amended")
    found = objections(order, volunteer, place.starts_at, offers_count=True)
    against = [one.rule for one in found if one.rule not in MINOR]
    if against:
        raise Conflict(why=against[0])
    return make_offer(
        order.id, volunteer.id, actor=actor, origin=OfferOrigin.DISPATCH, starts_at=place.starts_at,
        ends_at=place.ends_at, distance_m=place.distance_m, travel_minutes=place.travel_minutes, terms=place.terms,
        run_id=run_id, expires_at=_answer_by(order, place), message=f"plan-{run_id}",
    )  # fmt: skip


def _in_window(order: Order, place: Fit) -> bool:
    """The order still asks for this time, and for as long a service."""
    fits = order.window_from <= place.starts_at and place.ends_at <= order.window_until
    return fits and place.ends_at - place.starts_at == order.duration and place.starts_at > now()


def _answer_by(order: Order, place: Fit) -> Any:
    """Planned work leaves hours to answer, and time to ask somebody else; what is near is asked for as ever."""
    soon = place.starts_at - timedelta(minutes=place.travel_minutes) - SPARE < now() + timedelta(minutes=LEAST_MINUTES)
    if soon:
        return answer_by(order, place.starts_at, place.travel_minutes)
    minutes = int(order_setting(order, "day_plan_answer_minutes"))
    return answer_by(order, place.starts_at, place.travel_minutes, minutes=minutes, spare=SPARE)


@command
def _finish(run_id: str, fence: int, tally: Tally, *, actor: Actor) -> None:
    run = db.session.get_one(DispatchRun, run_id)
    counts = {
        **run.counts, "offered": tally.offered, "kept": tally.kept, "taken_back": tally.taken_back,
        "stale": len(tally.stale), "overtaken": tally.stale,
    }  # fmt: skip
    runs.guarded(run_id, fence, status=RunStatus.APPLIED, stage=PlanStage.PUBLISHED, counts=counts)
    db.session.refresh(run)
    told: dict[str, Any] = {"offered": tally.offered, "kept": tally.kept, "stale": len(tally.stale)}
    record(run, EventKind.DISPATCH_RUN, actor=actor, stage=str(PlanStage.PUBLISHED), **told)


@command
def discard(run_id: str, *, actor: Actor) -> DispatchRun:
    """Put a plan away that has not gone out; raises WrongState for any other."""
    run = _plan(run_id, actor)
    if run.stage != PlanStage.PREVIEW:
        raise WrongState(_l("这份安排已经处理过了。"), state=run.stage)
    run.stage = PlanStage.DISCARDED
    record(run, EventKind.DISPATCH_RUN, actor=actor, stage=str(run.stage))
    return run


def undo(run_id: str, *, actor: Actor) -> int:
    """Take back every offer of this plan that nobody has answered yet; gives their number. Accepted work stays."""
    open_offers = _to_undo(run_id, actor)
    taken = 0
    for offer_id in open_offers:
        try:
            withdraw_offer(offer_id, actor=actor, why=UNDONE)
            taken += 1
        except DomainError:  # answered this very moment
            log.info("offer %s was answered before it could be taken back", offer_id)
    _close_undone(run_id, taken, actor=actor)
    return taken


def _to_undo(run_id: str, actor: Actor) -> list[str]:
    run = db.session.get(DispatchRun, run_id)
    if run is None or run.mode != RunMode.DAY:
        raise NotFound()
    require(actor, "dispatch.steer", run)
    stuck = run.stage == PlanStage.PUBLISHING and run.lease_until <= now()
    if run.stage != PlanStage.PUBLISHED and not stuck:
        raise WrongState(_l("这份安排没有发布，没有可以撤回的邀请。"), state=run.stage)
    found = open_offers(run_id)
    db.session.rollback()
    if not found and not stuck:
        raise WrongState(_l("邀请都已经有了答复，没有可以撤回的了。"))
    return found


def open_offers(run_id: str) -> list[str]:
    """Offers of this plan that nobody has answered yet."""
    found = select(Offer.id).where(Offer.run_id == run_id, Offer.status.in_(OFFER_LIVE), Offer.expires_at > now())
    return list(db.session.scalars(found.order_by(Offer.id)))


@command
def _close_undone(run_id: str, taken: int, *, actor: Actor) -> None:
    run = _plan(run_id, actor)
    run.status, run.stage = RunStatus.APPLIED, PlanStage.WITHDRAWN
    run.counts = {**run.counts, "undone": taken}
    record(run, EventKind.DISPATCH_RUN, actor=actor, stage=str(run.stage), taken_back=taken)
