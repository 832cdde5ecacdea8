"""How time and memory grow with size, for each mode beside its peer: figures and the plot of docs/engine.md (bar 12).

Every point is a process of its own, so that its memory is its own too.
"""

import gc
from collections.abc import Callable
from typing import Any

import numpy as np

from dispatch import OrderSpec, Weights, generate, solve
from dispatch.desk.desk import Desk
from tests.bench import clock, plot
from tests.bench.bars import Part, attempt, middle, settle, shown
from tests.bench.bench_urgent import BarePass
from tests.bench.child import in_child
from tests.bench.clock import timed
from tests.bench.judge import judged, plan_of
from tests.bench.match import arcs_of, whole
from tests.bench.peers import flow, vehicles, vroom_routes

SEED = 1
CAP = 150.0  # seconds until a point is given up
INSTANT = (100, 1000, 10_000, 100_000)  # orders, ten volunteers each
DAY = (100, 250, 500, 1000, 2000, 5000)  # orders, as many volunteers
VROOM_MOST = {0: 1000, 5: 250}  # orders; beyond these VROOM takes minutes
URGENT = (500, 5000, 50_000)  # volunteers
ARCS = 20  # of each order, for the flow
ASKED = 40  # urgent orders a point


def main(quick: bool) -> None:
    attempt("3.12", lambda: grow(quick))


def grow(quick: bool) -> None:
    """All series, the slope of each, and the plot."""
    short, most = slice(2 if quick else None), {0: 250, 5: 100} if quick else VROOM_MOST
    series = {
        "instant": line(instant_point, INSTANT[short]),
        "instant, min-cost flow": line(flow_point, INSTANT[short]),
        "day plan": line(day_point, DAY[short]),
        "day plan, VROOM x0": line(vroom_point, upto(DAY[short], most[0]), 0),
        "day plan, VROOM x5": line(vroom_point, upto(DAY[short], most[5]), 5),
        "urgent order": line(urgent_point, URGENT[short]),
        "urgent order, distance pass": line(pass_point, URGENT[short]),
    }
    picture = plot.draw(series, quick)
    empty = [name for name, points in series.items() if not any("seconds" in point for point in points)]
    runs = [{"series": name, **point} for name, points in series.items() for point in points]
    slopes = {name: slope(points) for name, points in series.items()}
    parts = [Part("series in the plot", len(series) - len(empty), "==", len(series))]
    settle("3.12", parts, seed=SEED, plot=picture, empty=empty or None, slopes_of_seconds=slopes, runs=runs)


def upto(sizes: tuple[int, ...], most: int) -> tuple[int, ...]:
    return tuple(size for size in sizes if size <= most)


def line(point: Callable[..., dict[str, Any]], sizes: tuple[int, ...], *more: int) -> list[dict[str, Any]]:
    """One series; it ends at the first size that fails or takes too long."""
    points: list[dict[str, Any]] = []
    for size in sizes:
        outcome = in_child(point, size, *more, cap=CAP)
        if outcome.failed:
            return [*points, {"size": size, "failed": outcome.failed}]
        points.append({"size": size, **outcome.answer})
    return points


def slope(points: list[dict[str, Any]]) -> float | None:
    """The exponent of growth: the straight line through the points on paper ruled by logarithms."""
    known = [(point["size"], point["seconds"]) for point in points if point.get("seconds")]
    if len(known) < 2:
        return None
    size, seconds = np.log(np.array(known, dtype=np.float64)).T
    return round(float(np.polyfit(size, seconds, 1)[0]), 2)


def measured(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """Seconds of the call and the most memory of the process while it ran."""
    gc.collect()
    clock.forget_peak()
    answer, spent = timed(call, *args, **kwargs)
    return answer, {"seconds": shown(spent.cpu), "memory_mb": round(clock.peak_mb())}


# ---------- instant ----------


def instant_point(orders: int) -> dict[str, Any]:
    whole(generate.city(20, 200, 0))  # compiled code is loaded outside the clock
    answer, point = measured(whole, generate.city(orders, 10 * orders, SEED))
    return {**point, "certificate": answer.certificate}


def flow_point(orders: int) -> dict[str, Any]:
    tables = generate.city(orders, 10 * orders, SEED)
    arcs = arcs_of(tables, ARCS, whole(tables).unfilled)
    del tables
    gc.collect()
    clock.forget_peak()
    answer = flow.solve(arcs)
    return {"seconds": shown(answer.spent.cpu), "memory_mb": round(clock.peak_mb())}


# ---------- day ----------


def day_point(orders: int) -> dict[str, Any]:
    problem = generate.day(orders, orders, SEED)
    solve(generate.day(20, 10, 0), mode="day")
    plan, point = measured(solve, problem, mode="day", time_limit=CAP / 2)
    gap = None if plan.gap is None else shown(100 * plan.gap)
    return {**point, "priority": judged(problem, plan).priority, "gap_percent": gap}


def vroom_point(orders: int, exploration: int) -> dict[str, Any]:
    problem, weights = generate.day(orders, orders, SEED), Weights()
    fleet = vehicles.of(problem, weights)
    (routes, spent), point = measured(vroom_routes.solve, fleet, exploration)
    verdict = judged(problem, plan_of(problem, weights, fleet.arrays, routes, "VROOM"))
    return {**point, "seconds": shown(spent.cpu), "priority": verdict.priority}


# ---------- urgent ----------


def urgent_point(volunteers: int) -> dict[str, Any]:
    """The top ten with the count lost at each rule, one order after another against a city in memory."""
    problem = generate.problem(ASKED, volunteers, SEED)
    desk = Desk(problem)
    return asked(problem.orders, desk.best)


def pass_point(volunteers: int) -> dict[str, Any]:
    """What a scan of everybody cannot go below: the distance to each."""
    bare = BarePass(generate.problem(1, volunteers, SEED), np.float32)
    return asked(generate.problem(ASKED, 1, SEED).orders, lambda _: bare.distances())


def asked(orders: tuple[OrderSpec, ...], answer: Callable[[OrderSpec], Any]) -> dict[str, Any]:
    """The median over the orders, after a round that warms up."""
    for order in orders[:5]:
        answer(order)
    clock.forget_peak()
    seconds = middle(timed(answer, order)[1].wall for order in orders)
    return {"seconds": shown(seconds), "memory_mb": round(clock.peak_mb())}
