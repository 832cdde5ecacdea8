"""What would fill an open order: changes worth trying, each proven (trial.py) before it is shown."""

from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from itertools import chain

import numpy as np

from dispatch import geo
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.engine import solve
from dispatch.geo import IntArray
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reasons import remedies_day
from dispatch.reasons.market import IDLE, Market, Row, pair_cost, row_of, together
from dispatch.reasons.remedy import DROPPABLE, FARTHER_M, LATER_S, MOST_SHOWN, NEARBY_M, Remedy, newcomers
from dispatch.reasons.trial import Trial

SHORTEST_VISIT_S = 900
MOST_TRIED = 8
MOST_NEWCOMERS = 4


def remedies(
    problem: Problem,
    plan: Plan,
    order_id: str,
    weights: Weights | None = None,
    seed: int | None = None,
    *,
    market: Market | None = None,
) -> tuple[Remedy, ...]:
    """What would fill this open order: least change for the resident first, then least cost.

    Every remedy is proven: solving `apply(remedy, problem)` (remedy.py) with the same weights and seed fills the order,
    and no more priority is left open elsewhere. Empty where the order is filled already or nothing tried helps.
    `weights` and `seed` are the plan's unless given. `market=Market.of(problem, plan)` may be handed in, so that asking
    about several orders looks everybody over only once. In a day plan a remedy is shown if the order then fits into
    somebody's day as it is planned (remedies_day.py). Raises KeyError for an unknown order.
    """
    if plan.mode == "day":
        return remedies_day.remedies(problem, plan, order_id, weights or Weights.from_dict(plan.weights))
    weights = weights or Weights.from_dict(plan.weights)
    seed = plan.seed if seed is None else seed
    if plan.certificate != "optimal" or weights.to_dict() != plan.weights or seed != plan.seed:
        plan, market = solve(problem, weights, seed=seed), None
    trial = Trial(market or Market.of(problem, plan), plan, order_id)
    if not trial.open_positions:
        return ()
    finders = (_drop, _radius, _move, _later, _people, _newcomer)
    return tuple(sorted(chain.from_iterable(find(trial) for find in finders), key=lambda one: one.burden))


def _drop(trial: Trial) -> Iterator[Remedy]:
    """Requirements that are the coordinator's to give up; what the law or the work asks for never is."""
    order = trial.order
    for what in DROPPABLE:
        if getattr(order, what) not in (None, False):
            yield from _shown(trial.order_changed(Remedy(order.id, "drop", 0, what=(what,))))


def _later(trial: Trial) -> Iterator[Remedy]:
    yield from _least(lambda seconds: trial.order_changed(Remedy(trial.order.id, "later", seconds)), LATER_S)


def _people(trial: Trial) -> Iterator[Remedy]:
    """Fewer people, more people for a shorter time, or two visits of half the time."""
    order = trial.order
    if not together(order):
        served = order.positions - trial.open_positions
        counts = [served] if served else []
        if order.duration >= 2 * SHORTEST_VISIT_S:
            yield from _shown(trial.order_changed(Remedy(order.id, "split", 2)))
    else:
        counts = list(range(order.positions - 1, 0, -1))
    yield from _first(trial.order_changed(Remedy(order.id, "fewer", count)) for count in counts)
    if order.positions > 1:
        yield from _shown(trial.order_changed(Remedy(order.id, "more", 1)))


def _move(trial: Trial) -> Iterator[Remedy]:
    """Other orders that hold people who could serve this one, and could be served by somebody else later on."""
    market = trial.market
    row = market.row(trial.at)
    takers = market.serves[row.who]
    held = [one for one in dict.fromkeys(takers[np.argsort(row.cost, kind="stable")].tolist()) if one != IDLE]
    found = 0
    for at in [one for one in held if one != trial.at][:MOST_TRIED]:
        other = (trial.problem.orders[at].id,)
        for remedy in _least(partial(_moved, trial, other), LATER_S):
            yield remedy
            found += 1
        if found == MOST_SHOWN:
            return


def _moved(trial: Trial, other: tuple[str, ...], seconds: int) -> Remedy | None:
    return trial.other_changed(Remedy(trial.order.id, "move", seconds, other))


def _radius(trial: Trial) -> Iterator[Remedy]:
    """Volunteers refused by nothing but their own radius, those who lack least of it first."""
    far = copy(trial.crowd)
    far.radius = far.radius + FARTHER_M[-1]
    row, near = row_of(far, trial.order, trial.market.weights), trial.market.row(trial.at)
    new = np.isin(row.who, near.who, invert=True)
    who, cost = row.who[new], row.cost[new]
    lacking = _metres(trial, who) - trial.crowd.radius[who]
    wanted = _wanted(trial)
    found = 0
    for metres in FARTHER_M:
        within = np.flatnonzero(lacking <= metres)
        within = within[np.argsort(cost[within], kind="stable")]
        if wanted == 1:
            within = within[lacking[within] > metres - FARTHER_M[0]]
        groups = [who[within[k : k + wanted]] for k in range(0, len(within) - wanted + 1, wanted)]
        for group in groups[: MOST_TRIED // wanted + 1]:
            names = tuple(trial.problem.volunteers[one].id for one in group.tolist())
            remedy = Remedy(trial.order.id, "radius", metres, names)
            alone = [_with(trial, one, row) for one in group.tolist()]
            if not trial.market.tied and trial.people_changed(remedy, alone) is None:
                continue  # not even if they went so far for this order alone, which is quick to see
            columns = [(one, _wider(trial, far, one, metres)) for one in group.tolist()]
            for proven in _shown(trial.people_changed(remedy, columns)):
                yield proven
                found += 1
            if found == MOST_SHOWN:
                return


def _with(trial: Trial, volunteer: int, row: Row) -> tuple[int, Row]:
    """What a volunteer could serve if they were in this row of the order."""
    now, cost = trial.market.column(volunteer), row.cost[row.who == volunteer]
    return volunteer, Row(np.append(now.who, trial.at), np.append(now.cost, cost))


def _wider(trial: Trial, far: Crowd, volunteer: int, metres: int) -> Row:
    """All that a volunteer could serve with a wider radius: what they can now, and what that brings within it."""
    now, radius = trial.market.column(volunteer), trial.crowd.radius[volunteer]
    away = geo.metres(trial.market.order_spots, trial.crowd.spots[:, volunteer])
    more = [
        (at, cost)
        for at in np.flatnonzero((away > radius) & (away <= radius + metres)).tolist()
        if (cost := pair_cost(far, trial.problem.orders[at], volunteer, trial.market.weights)) is not None
    ]
    who, costs = (np.array([pair[k] for pair in more], dtype=np.int64) for k in (0, 1))
    return Row(np.append(now.who, who), np.append(now.cost, costs))


def _newcomer(trial: Trial) -> Iterator[Remedy]:
    """More people with what the order needs, as few as will do."""
    order, wanted = trial.order, _wanted(trial)
    what = (*sorted(order.skills), *sorted(order.credentials))
    counts = range(wanted, min(order.positions, MOST_NEWCOMERS) + 1)
    yield from _first(
        trial.people_changed(Remedy(order.id, "newcomer", count, what=what), _new_columns(trial, count))
        for count in counts
    )


def _new_columns(trial: Trial, count: int) -> list[tuple[int, Row]]:
    """What newcomers could serve: asked of a problem with nobody but them, and those whom the orders near know."""
    problem, order = trial.problem, trial.order
    spot = np.array(geo.place(order.lat, order.lon))
    near = np.flatnonzero(geo.metres(trial.market.order_spots, spot) <= NEARBY_M).tolist()
    needs = [problem.orders[at] for at in near]
    named = frozenset[str]().union(*(need.preferred | need.offered for need in needs))
    known = [problem.volunteers[trial.crowd.index[one]] for one in sorted(named) if one in trial.crowd.index]
    new = newcomers(problem, order, count)
    small = Crowd(Problem(problem.now, tuple(needs), (*known, *new), problem.utc_offset))
    rows = [row_of(small, need, trial.market.weights) for need in needs]
    return [(trial.crowd.size + k, _column(near, rows, small.index[one.id])) for k, one in enumerate(new)]


def _column(near: list[int], rows: list[Row], volunteer: int) -> Row:
    mine = [row.cost[row.who == volunteer] for row in rows]
    who = np.array([at for at, cost in zip(near, mine, strict=True) if len(cost)], dtype=np.int64)
    return Row(who, np.concatenate(mine))


def _metres(trial: Trial, who: IntArray) -> IntArray:
    spot = np.array(geo.place(trial.order.lat, trial.order.lon))
    return geo.metres(trial.crowd.spots[:, who], spot)


def _wanted(trial: Trial) -> int:
    """How many people are missing at least."""
    if together(trial.order):
        return max(1, trial.order.positions - len(trial.market.row(trial.at)))
    return trial.open_positions


def _shown(remedy: Remedy | None) -> Iterator[Remedy]:
    if remedy is not None:
        yield remedy


def _least(prove: Callable[[int], Remedy | None], amounts: tuple[int, ...]) -> Iterator[Remedy]:
    """The least amount that holds, where more of it only allows more: if the most does not, none does."""
    most = prove(amounts[-1])
    if most is not None:
        less = (prove(amount) for amount in amounts[:-1])
        yield next((remedy for remedy in less if remedy is not None), most)


def _first(tried: Iterator[Remedy | None]) -> Iterator[Remedy]:
    """The first that holds: those after it ask for more."""
    yield from _shown(next((remedy for remedy in tried if remedy is not None), None))
