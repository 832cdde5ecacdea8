"""A run: claim it, freeze the question, solve outside any transaction, then make the offers one command each.

At most one run of a city is under way (a partial unique index says so). Its lease lets a run whose process died be
taken over; its fence makes whatever the dead one still does harmless.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from app.dispatching import cases, snapshot, waves
from app.dispatching.frozen import fold
from app.dispatching.judging import OWN_WISHES, objections
from app.dispatching.offers import make_offer
from app.dispatching.seeking import ask_reserves, note_unplaced
from app.dispatching.snapshot import Snapshot
from app.dispatching.solver import solver
from app.dispatching.waves import Ask, Wave, Waves
from app.kernel import locks
from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import now
from app.kernel.errors import Conflict, DomainError
from app.kernel.journal import record
from app.kernel.settings import setting
from app.kernel.transaction import command
from dispatch import Plan, ProblemError, Unplaced, Weights
from models import DispatchRun, Office, Order, Reserve, db
from models.kinds import EventKind, OfferOrigin, RunMode, RunStatus
from models.states import ORDER_SEEKING

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=30)
"""Longer than any solve; every step of a living run renews it."""


class LostLease(Exception):
    """Another process took this run over: whatever is left of it here must not happen."""


@dataclass
class Tally:
    """What became of a plan. `stale`: proposals overtaken by events; the next run sees to them."""

    offered: int = 0
    stale: int = 0
    unplaced: int = 0
    versions: dict[str, int] = field(default_factory=dict)


def run_once(
    *, cause: str, actor: Actor = SYSTEM, office_id: str | None = None, seed: int | None = None
) -> DispatchRun | None:
    """Dispatch one city (the only one, unless named) once; None when nothing seeks or another run is under way."""
    city = db.session.get(Office, office_id) if office_id else next(iter(snapshot.cities()), None)
    if city is None:
        return None
    _ask_waiting_reserves(city)
    if not _somebody_wanted(city):
        return None
    run = claim(city.id, cause)
    if run is None:
        return None
    run_id, fence = run.id, run.fence
    try:
        _go(run_id, fence, seed_of(run_id) if seed is None else seed, actor)
    except LostLease:
        log.warning("run %s was taken over", run_id)
    except Exception as failure:
        db.session.rollback()
        log.exception("run %s failed", run_id)
        fail(run_id, fence, failure)
    return db.session.get(DispatchRun, run_id, populate_existing=True)


def run_all(cause: str) -> list[DispatchRun]:
    """One run for each city."""
    ids = [city.id for city in snapshot.cities()]
    return [run for office_id in ids if (run := run_once(cause=cause, office_id=office_id)) is not None]


def _somebody_wanted(city: Office) -> bool:
    """Whether any order is to be put to somebody now; what was found of the others is noted with them."""
    wanted, notes = cases.wanting(cases.waiting_orders(city.path), now())
    db.session.rollback()
    if notes:
        cases.note_all(notes)
    return bool(wanted)


def _ask_waiting_reserves(city: Office) -> None:
    """Whoever said yes too late is asked before anybody else, whatever freed the place."""
    waiting = (
        select(Reserve.order_id)
        .join(Order, Order.id == Reserve.order_id)
        .join(Office, Office.id == Order.office_id)
        .where(Reserve.left_at.is_(None), Order.status.in_(ORDER_SEEKING))
        .where(Office.path.startswith(city.path, autoescape=True))
        .distinct()
    )
    for order_id in list(db.session.scalars(waiting)):
        ask_reserves(order_id)


def seed_of(name: str) -> int:
    """A number nobody chose and everybody can recompute: from a run's id; for a day from its name, so that planning it
    again draws the same lots."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) >> 1


@command
def claim(
    office_id: str, cause: str, *, mode: RunMode = RunMode.INSTANT, day: date | None = None, lease: timedelta = LEASE
) -> DispatchRun | None:
    """Begin a run of this office, unless one of its mode is under way; one whose lease is over is replaced."""
    if not make_way(office_id, mode):
        return None
    run = DispatchRun(
        office_id=office_id, cause=cause[:20], fence=next_fence(office_id, mode), mode=mode, day=day,
        started_at=now(), lease_until=now() + lease, seed=0,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run


def make_way(office_id: str, mode: RunMode, but: str = "") -> bool:
    """False while a run of this office and mode, other than `but`, is under way; one whose lease is over is closed."""
    rows = select(DispatchRun).where(
        DispatchRun.office_id == office_id, DispatchRun.status == RunStatus.RUNNING, DispatchRun.mode == mode,
        DispatchRun.id != but,
    )  # fmt: skip
    under_way = db.session.scalar(rows.with_for_update().execution_options(populate_existing=True))
    if under_way is None:
        return True
    if under_way.lease_until > now():
        return False
    return _update(under_way.id, under_way.fence, status=RunStatus.FAILED, error="the lease ran out", ended_at=now())


def next_fence(office_id: str, mode: RunMode) -> int:
    """A number higher than any that a run of this office and mode has had."""
    fences = select(func.max(DispatchRun.fence)).where(DispatchRun.office_id == office_id, DispatchRun.mode == mode)
    return (db.session.scalar(fences) or 0) + 1


def _go(run_id: str, fence: int, seed: int, actor: Actor) -> None:
    run = db.session.get_one(DispatchRun, run_id)
    city = db.session.get_one(Office, run.office_id)
    city_id = city.id
    weights, doubts = weights_of(city)
    frozen = snapshot.take(city, only_automatic=True)
    db.session.rollback()  # nobody holds a transaction while the solver thinks
    plan = solver().solve(frozen.problem, weights, seed=seed)
    degraded = "; ".join(part for part in (doubts, plan.degraded) if part)[:200]
    decided = waves.decide(frozen.problem, frozen.seen, plan, weights, seed=seed, city_id=city_id)
    db.session.rollback()
    keep(run_id, fence, frozen, plan, degraded, decided)
    tally = apply(run_id, fence, frozen, plan, decided, actor)
    finish(run_id, fence, plan, tally, actor=actor)


def weights_of(city: Office) -> tuple[Weights, str]:
    """The city's dials; a setting the engine does not know is left out and said, for people still need offers."""
    try:
        return Weights.from_dict(setting(city, "weights")), ""
    except (ProblemError, TypeError) as error:
        return Weights(), f"weights: {error}"


@command
def keep(run_id: str, fence: int, frozen: Snapshot, plan: Plan, degraded: str, decided: Waves | None = None) -> None:
    """Store question and answer before anything is made of them, so that every offer can be traced to its run."""
    guarded(
        run_id, fence, problem=fold(frozen.problem), weights=plan.weights, seed=plan.seed,
        versions=plan.versions, solver=plan.solver, degraded=degraded, plan=plan.to_dict(),
        plan_digest=plan.digest(), waves=decided.to_dict() if decided is not None else None, lease_until=now() + LEASE,
    )  # fmt: skip


def apply(run_id: str, fence: int, frozen: Snapshot, plan: Plan, decided: Waves, actor: Actor) -> Tally:
    """Make the offers, each in a command of its own; what events have overtaken is skipped and counted."""
    tally = Tally(versions=dict(frozen.versions))
    for wave in decided.waves:
        for ask in wave.asks:
            try:
                tally.versions[wave.order_id] = put(
                    run_id, fence, wave, ask, tally.versions[wave.order_id], actor=actor
                )
                tally.offered += 1
            except DomainError:
                tally.stale += 1
    cases.note_all({wave.order_id: wave.asking for wave in decided.waves})
    tally.unplaced = sum(one.open_positions for one in plan.unplaced)
    say_unplaced(run_id, fence, plan.unplaced, tally.versions, actor=actor)
    return tally


@command
def put(run_id: str, fence: int, wave: Wave, ask: Ask, version: int, *, actor: Actor) -> int:
    """Put one order to one person if the order is as the run saw it; gives the order's version after that."""
    guarded(run_id, fence, lease_until=now() + LEASE)
    order = locks.locked_order(wave.order_id)
    (volunteer,) = locks.locked_volunteers(ask.volunteer_id)
    if order.version != version:
        raise Conflict()
    place = ask.place
    if any(one.rule not in TIMELY for one in objections(order, volunteer, place.starts_at)):
        raise Conflict()
    make_offer(
        order.id, volunteer.id, actor=actor, origin=OfferOrigin.DISPATCH, starts_at=place.starts_at,
        ends_at=place.ends_at, distance_m=place.distance_m, travel_minutes=place.travel_minutes, terms=place.terms,
        run_id=run_id, wave=int(wave.asking["wave"]), message=wave.message,
    )  # fmt: skip
    return order.version


TIMELY = frozenset({"reach"}) & OWN_WISHES
"""What a second's delay may have broken and nobody minds."""


@command
def say_unplaced(
    run_id: str, fence: int, unplaced: tuple[Unplaced, ...], versions: dict[str, int], *, actor: Actor
) -> None:
    """Tell each order that is as the run saw it why it is still waiting."""
    guarded(run_id, fence, lease_until=now() + LEASE)
    for one in sorted(unplaced, key=lambda one: one.order):
        order = locks.locked_order(one.order)
        if order.version == versions[one.order]:
            note_unplaced(order, counted(one), actor=actor)


def counted(one: Unplaced) -> dict[str, Any]:
    """The reasons in plain JSON; which other orders took the people stays with the run."""
    return {
        "open_positions": one.open_positions, "lost": one.lost, "bans": one.bans, "eligible": one.eligible,
        "verdict": one.verdict, "taken_by": len(one.taken_by),
    }  # fmt: skip


@command
def finish(run_id: str, fence: int, plan: Plan, tally: Tally, *, actor: Actor) -> None:
    counts: dict[str, Any] = {
        "orders": plan.stats["orders"], "positions": plan.stats["positions"], "proposals": len(plan.proposals),
        "offered": tally.offered, "stale": tally.stale, "unplaced": tally.unplaced, "seconds": plan.stats["seconds"],
    }  # fmt: skip
    guarded(run_id, fence, status=RunStatus.APPLIED, ended_at=now(), counts=counts)
    run = db.session.get_one(DispatchRun, run_id)
    _forget_idle(run)
    if plan.proposals or run.degraded:
        record(
            run, EventKind.DISPATCH_RUN, actor=actor, offered=tally.offered, unplaced=tally.unplaced, cause=run.cause
        )


def _forget_idle(run: DispatchRun) -> None:
    """A run that had nobody to propose is kept until the next one: orders nobody fits are tried every minute."""
    earlier = select(DispatchRun.id, DispatchRun.counts).where(
        DispatchRun.office_id == run.office_id, DispatchRun.fence == run.fence - 1, DispatchRun.mode == run.mode,
        DispatchRun.status == RunStatus.APPLIED, DispatchRun.degraded == "",
    )  # fmt: skip
    for row in db.session.execute(earlier).all():
        if not row.counts.get("proposals"):
            db.session.execute(delete(DispatchRun).where(DispatchRun.id == row.id))


@command
def fail(run_id: str, fence: int, failure: Exception) -> None:
    """Close a run that did not come to its end; harmless when it has been closed already."""
    error = f"{type(failure).__name__}: {failure}"[:400]
    _update(run_id, fence, status=RunStatus.FAILED, error=error, ended_at=now())


def guarded(run_id: str, fence: int, **values: Any) -> None:
    """Write to the run only while it is ours; raises LostLease."""
    if not _update(run_id, fence, **values):
        raise LostLease(run_id)


def _update(run_id: str, fence: int, **values: Any) -> bool:
    mine = (DispatchRun.id == run_id, DispatchRun.fence == fence, DispatchRun.status == RunStatus.RUNNING)
    done = db.session.execute(update(DispatchRun).where(*mine).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]  # a CursorResult, as for every UPDATE
