"""One day's problem as arrays: tasks, shifts, and which shift may do which task. All of the solver works on these."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch import geo
from dispatch.costs import LONGEST_LOAD, Weights
from dispatch.crowd import NO_LIMIT, Crowd, local_day, local_week
from dispatch.day import pairs, stretches
from dispatch.geo import FloatArray, IntArray
from dispatch.problem import OrderSpec, Problem

SmallInts = NDArray[np.int32]
NO_ROW = -1


class Shifts(NamedTuple):
    """P places, T tasks, S shifts, L limits shared by several shifts; seconds, metres and points are whole numbers.

    places    `spots` (P, 3) metres: the orders, then the homes, then the places of commitments
    tasks     `task_order`; `task_first` and `task_last` (earliest and latest start), `task_seconds` (of service) and
              `task_value` (points that one person serving it is worth). An order of one position is one task; an
              order of several is one task per common start, first and last being the same. `order_people` by order
    shifts    `volunteer`, `begin`, `end`, `from_place`, `to_place`, travel `speed` and `delay`, `load` (minutes),
              `most` orders and `most_seconds` of service, and a rest (`rest_seconds` 0 = none) that begins from
              `rest_first` to `rest_last` and lies within the shift, between services
    pairs     shift s may do the tasks `pair_task[ptr[s]:ptr[s + 1]]` (ascending), at `pair_points` beside travel and
              fairness, each beginning at `pair_last` at the latest
    limits    where shifts share a limit: `day_limit` and `week_limit` (S) name its row or are -1; rows have
              `limit_volunteer` and either `limit_orders` or `limit_seconds` left (the other is -1)
    weights   points: `unfilled`, `travel_per_minute`, `fairness`
    """

    spots: FloatArray
    task_order: SmallInts
    task_first: IntArray
    task_last: IntArray
    task_seconds: IntArray
    task_value: IntArray
    order_people: IntArray
    volunteer: SmallInts
    begin: IntArray
    end: IntArray
    from_place: SmallInts
    to_place: SmallInts
    speed: IntArray
    delay: IntArray
    load: IntArray
    most: IntArray
    most_seconds: IntArray
    rest_first: IntArray
    rest_last: IntArray
    rest_seconds: IntArray
    ptr: IntArray
    pair_task: SmallInts
    pair_points: IntArray
    pair_last: IntArray
    day_limit: SmallInts
    week_limit: SmallInts
    limit_volunteer: SmallInts
    limit_orders: IntArray
    limit_seconds: IntArray
    unfilled: int
    travel_per_minute: int
    fairness: int

    @classmethod
    def of(cls, problem: Problem, weights: Weights, crowd: Crowd | None = None) -> "Shifts":
        """The arrays of a problem. Raises ProblemError where two rests of a volunteer fall into one shift."""
        return _build(crowd or Crowd(problem), weights)


def _build(crowd: Crowd, weights: Weights) -> Shifts:
    problem = crowd.problem
    tasks = _tasks(problem, weights)
    shifts = _shifts(crowd)
    shifts.update(_limits(crowd, shifts))
    spots = _spots(problem.orders, crowd)
    return Shifts(
        spots=spots, **tasks, **shifts, **_pairs(crowd, weights, spots, tasks, shifts),
        unfilled=weights.unfilled, travel_per_minute=weights.travel_per_minute, fairness=weights.fairness,
    )  # fmt: skip


def _spots(orders: tuple[OrderSpec, ...], crowd: Crowd) -> FloatArray:
    sites = geo.places([(order.lat, order.lon) for order in orders])
    return np.ascontiguousarray(np.hstack([sites, crowd.spots, crowd.work.spots]).T)


def _tasks(problem: Problem, weights: Weights) -> dict[str, NDArray]:
    rows = [
        (k, first, last, order.duration, order.priority * weights.unfilled)
        for k, order in enumerate(problem.orders)
        for first, last in _starts(order, problem)
    ]
    order, first, last, seconds, value = _columns(rows, 5)
    people = np.array([one.positions for one in problem.orders], dtype=np.int64)
    return {
        "task_order": order.astype(np.int32), "task_first": first, "task_last": last, "task_seconds": seconds,
        "task_value": value, "order_people": people,
    }  # fmt: skip


def _starts(order: OrderSpec, problem: Problem) -> list[tuple[int, int]]:
    """(earliest, latest) start of each task of an order."""
    earliest, latest = max(order.window_start, problem.now), order.window_end - order.duration
    if order.positions == 1:
        return [(earliest, latest)] if earliest <= latest else []
    grid = range(order.window_start, latest + 1, problem.meeting_step)
    return [(start, start) for start in grid if start >= earliest]


def _shifts(crowd: Crowd) -> dict[str, NDArray]:
    problem, orders = crowd.problem, len(crowd.problem.orders)
    rows = []
    for v, person in enumerate(problem.volunteers):
        places = (orders + crowd.size + int(crowd.work.first[v]), orders + v)
        for one in stretches.stretches(problem, person, f"volunteers[{v}]") if person.active else ():
            ends = [places[at == stretches.HOME] + max(at, 0) for at in (one.origin, one.target)]
            rows.append((v, one.begin, one.end, *ends, *one.rest))
    volunteer, begin, end, origin, target, rest_first, rest_last, rest_seconds = _columns(rows, 8)
    return {
        "volunteer": volunteer.astype(np.int32), "begin": begin, "end": end,
        "from_place": origin.astype(np.int32), "to_place": target.astype(np.int32),
        "speed": crowd.speed[volunteer], "delay": crowd.delay[volunteer],
        "load": np.minimum(crowd.load[volunteer], LONGEST_LOAD),
        "rest_first": rest_first, "rest_last": rest_last, "rest_seconds": rest_seconds,
    }  # fmt: skip


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> list[IntArray]:
    table = np.array(rows, dtype=np.int64).reshape(-1, width)
    return [np.ascontiguousarray(column) for column in table.T]


def _limits(crowd: Crowd, shifts: dict[str, NDArray]) -> dict[str, NDArray]:
    """What accepted work leaves of the limits, in the shift itself where no other shares it."""
    who, offset = shifts["volunteer"].astype(np.int64), crowd.problem.utc_offset
    day = local_day(shifts["begin"], offset)
    week = local_week(day)
    row, at = crowd.work.of(who)
    booked = np.bincount(row[crowd.work.day[at] == day[row]], minlength=len(who))
    worked = np.zeros(len(who), dtype=np.int64)
    same = crowd.work.week[at] == week[row]
    np.add.at(worked, row[same], (crowd.work.ends - crowd.work.starts)[at[same]])
    orders_left = np.maximum(crowd.daily_limit[who] - booked, 0)
    seconds_left = np.maximum(crowd.weekly_limit[who] - worked, 0)
    days = _shared(who, day, orders_left)
    weeks = _shared(who, week, seconds_left)
    count = len(days[1])
    return {
        "most": np.minimum(orders_left, crowd.problem.most_stops), "most_seconds": seconds_left,
        "day_limit": days[0].astype(np.int32),
        "week_limit": np.where(weeks[0] < 0, NO_ROW, weeks[0] + count).astype(np.int32),
        "limit_volunteer": np.concatenate([days[1], weeks[1]]).astype(np.int32),
        "limit_orders": np.concatenate([days[2], np.full(len(weeks[1]), -1)]),
        "limit_seconds": np.concatenate([np.full(count, -1), weeks[2]]),
    }  # fmt: skip


def _shared(who: IntArray, period: IntArray, left: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Each shift's row of a limit it shares (or -1); volunteer and amount left of every such row."""
    _, first, group, size = np.unique(
        np.stack([who, period]), axis=1, return_index=True, return_inverse=True, return_counts=True
    )
    group = group.reshape(-1)
    shared = np.flatnonzero((size > 1) & (left[first] < NO_LIMIT // 2))
    rows = np.full(len(size), NO_ROW, dtype=np.int64)
    rows[shared] = np.arange(len(shared))
    return rows[group], who[first[shared]], left[first[shared]]


def _pairs(
    crowd: Crowd, weights: Weights, spots: FloatArray, tasks: dict[str, NDArray], shifts: dict[str, NDArray]
) -> dict[str, NDArray]:
    """Suited pairs of order and volunteer, spread over tasks and shifts, less those impossible even alone."""
    pool = pairs.suited(crowd, crowd.problem.orders, weights)
    orders, people = len(crowd.problem.orders), crowd.size
    tasks_of = np.bincount(tasks["task_order"], minlength=orders).astype(np.int64)
    row, task = pairs.spread((np.cumsum(tasks_of) - tasks_of)[pool.order], tasks_of[pool.order])
    shifts_of = np.bincount(shifts["volunteer"], minlength=people).astype(np.int64)
    who = pool.volunteer[row]
    again, shift = pairs.spread((np.cumsum(shifts_of) - shifts_of)[who], shifts_of[who])
    row, task = row[again], task[again]
    last = np.minimum(pool.last[row], tasks["task_last"][task])
    keep = _possible(spots, tasks, shifts, task, shift, last)
    row, task, shift, last = row[keep], task[keep], shift[keep], last[keep]
    turn = np.lexsort((task, shift))
    count = np.bincount(shift, minlength=len(shifts["begin"])).astype(np.int64)
    return {
        "ptr": np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count)]),
        "pair_task": task[turn].astype(np.int32), "pair_points": pool.points[row][turn], "pair_last": last[turn],
    }  # fmt: skip


def _possible(
    spots: FloatArray,
    tasks: dict[str, NDArray],
    shifts: dict[str, NDArray],
    task: IntArray,
    shift: IntArray,
    last: IntArray,
) -> IntArray:
    """Pairs where the shift has time for the task alone, travel included."""
    site = spots[tasks["task_order"][task]].T
    seconds = tasks["task_seconds"][task]
    there, back = (
        geo.travel_seconds(
            geo.metres(np.ascontiguousarray(spots[shifts[end][shift]].T), site),
            shifts["speed"][shift],
            shifts["delay"][shift],
        )
        for end in ("from_place", "to_place")
    )
    start = np.maximum(shifts["begin"][shift] + there, tasks["task_first"][task])
    room = (shifts["most"][shift] > 0) & (seconds <= shifts["most_seconds"][shift])
    return np.flatnonzero(room & (start <= last) & (start + seconds + back <= shifts["end"][shift]))
