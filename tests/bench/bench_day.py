"""Day plans beside VROOM on the same instances, under the same checker and the same value (bars 4 to 7 and 9)."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean
from typing import Any

from dispatch import Plan, Problem, Weights, generate, solve
from dispatch.day.shifts import Shifts
from tests.bench import clock
from tests.bench.bars import Part, attempt, settle, shown, spread
from tests.bench.child import in_child
from tests.bench.clock import Spent, timed
from tests.bench.judge import Verdict, coverable, judged, meetings_first, plan_of
from tests.bench.peers import routing, vehicles, vroom_routes

SEEDS = (1, 2, 3, 4, 5)
LIMIT = 60.0  # seconds: an emergency stop, the engine's own limits are iterations
VROOM_CAP = 120.0
CITY_CAP = 400.0  # seconds until a city's process is given up
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Beside:
    """One instance: the engine's plan and VROOM's, both judged the same way."""

    seed: int
    coverable: int
    ours: Verdict
    spent: Spent
    theirs: Verdict
    their_spent: Spent

    @property
    def ratio(self) -> float:
        return self.spent.cpu / self.their_spent.cpu

    @property
    def ahead(self) -> int:
        return self.ours.priority - self.theirs.priority

    @property
    def gap(self) -> float | None:
        return percent(self.ours.plan.gap)


def main(quick: bool) -> None:
    many, few, large = ((240, 120), (180, 90), (400, 400)) if quick else ((1000, 500), (500, 250), (5000, 5000))
    seeds = SEEDS[:1] if quick else SEEDS
    attempt("3.4", lambda: level(many, seeds))
    attempt("3.5", lambda: ahead(few, seeds))
    attempt("3.6", lambda: city(large, seeds))
    attempt("3.7", lambda: meetings((120, 60) if quick else few, seeds))
    attempt("3.9", lambda: anytime((few, many), large, seeds))


# ---------- 4 and 5: beside VROOM at full exploration ----------


def level(size: Size, seeds: tuple[int, ...]) -> None:
    """No less priority than VROOM x5 in a tenth of its time, and proven close to the best possible."""
    pairs = [beside(size, seed) for seed in seeds]
    settle("3.4", common(pairs, most_gap=0.5), **facts(size, pairs))


def ahead(size: Size, seeds: tuple[int, ...]) -> None:
    """More priority than VROOM x5 on average and no less anywhere, in a tenth of its time."""
    pairs = [beside(size, seed) for seed in seeds]
    average = mean(100 * one.ahead / one.theirs.priority for one in pairs)
    more = Part("priority above VROOM x5, mean %", average, ">=", 1.5)
    other = or_tools(size, seeds[0], 30 if size[0] >= 500 else 1)
    settle("3.5", [more, *common(pairs, most_gap=0.2)], or_tools_routing=other, **facts(size, pairs))


def or_tools(size: Size, seed: int, seconds: int) -> dict[str, Any]:
    """One more peer, for one seed: OR-Tools' routing library."""
    problem, weights = generate.day(*size, seed), Weights()
    fleet = vehicles.of(problem, weights)
    routes, spent = routing.solve(fleet, seconds)
    verdict = judged(problem, plan_of(problem, weights, fleet.arrays, routes, "OR-Tools"))
    found = {"priority": verdict.priority, "orders": verdict.orders, "violations": len(verdict.faults)}
    return {"seed": seed, "seconds": shown(spent.cpu), **found}


def beside(size: Size, seed: int) -> Beside:
    """Both on one instance: VROOM's clock runs for its solve() alone, ours for the whole call."""
    problem, weights = generate.day(*size, seed), Weights()
    fleet = vehicles.of(problem, weights)
    plan, spent = timed(solve, problem, weights, mode="day", time_limit=LIMIT)
    routes, their_spent = vroom_routes.solve(fleet, exploration=5)
    theirs = judged(problem, plan_of(problem, weights, fleet.arrays, routes, "VROOM"))
    return Beside(seed, coverable(problem, fleet.arrays), judged(problem, plan), spent, theirs, their_spent)


def common(pairs: list[Beside], most_gap: float) -> list[Part]:
    return [
        Part("priority above VROOM x5, least", min(one.ahead for one in pairs), ">=", 0),
        Part("seconds / VROOM x5, most", max(one.ratio for one in pairs), "<=", 0.1),
        Part("proven gap %, most", most(one.gap for one in pairs), "<=", most_gap),
        Part("violations", sum(len(found) for found in faults(pairs)), "==", 0),
    ]


def faults(pairs: list[Beside]) -> list[tuple[str, ...]]:
    return [verdict.faults for one in pairs for verdict in (one.ours, one.theirs)]


def facts(size: Size, pairs: list[Beside]) -> dict[str, Any]:
    return {
        "orders": size[0],
        "volunteers": size[1],
        "seconds": spread(one.spent.cpu for one in pairs),
        "vroom_seconds": spread(one.their_spent.cpu for one in pairs),
        "first_fault": next((found[0] for found in faults(pairs) if found), None),
        "runs": [run(one) for one in pairs],
    }


def run(one: Beside) -> dict[str, Any]:
    plan = one.ours.plan
    return {
        "seed": one.seed,
        "coverable": one.coverable,
        "priority": one.ours.priority,
        "vroom_priority": one.theirs.priority,
        "orders": one.ours.orders,
        "vroom_orders": one.theirs.orders,
        "objective": plan.objective,
        "vroom_objective": one.theirs.plan.objective,
        "bound": plan.bound,
        "gap_percent": shown(one.gap),
        "seconds": shown(one.spent.cpu),
        "vroom_seconds": shown(one.their_spent.cpu),
        "ratio": shown(one.ratio),
        "stopped_by": plan.stats.get("stopped_by"),
    }


# ---------- 6: a city ----------


def city(size: Size, seeds: tuple[int, ...]) -> None:
    """Nearly all that can be covered, soon and in little memory, with a bound that says so."""
    outcomes = [in_child(city_run, size, seed, cap=CITY_CAP) for seed in seeds]
    if failed := next((one.failed for one in outcomes if one.failed), None):
        raise RuntimeError(failed)
    runs = [one.answer for one in outcomes]
    parts = [
        Part("priority / coverable %, least", min(run["covered_percent"] for run in runs), ">=", 97),
        Part("seconds, most", max(run["seconds"] for run in runs), "<=", 60),
        Part("memory MB, most", max(run["memory_mb"] for run in runs), "<=", 2000),
        Part("proven gap %, most", most(run["gap_percent"] for run in runs), "<=", 5),
        Part("violations", sum(run["violations"] for run in runs), "==", 0),
    ]
    settle("3.6", parts, orders=size[0], volunteers=size[1], vroom_x0=vroom_of_city(size, seeds[0]), runs=runs)


def vroom_of_city(size: Size, seed: int) -> str | None:
    """What VROOM's quickest setting makes of a city, asked for with EXHAUSTIVE=1: it takes two minutes to give up."""
    if not os.environ.get("EXHAUSTIVE"):
        return None
    outcome = in_child(vroom_run, size, seed, cap=VROOM_CAP)
    return outcome.failed or f"priority {outcome.answer[0]} in {outcome.answer[1]:.0f} s"


def vroom_run(size: Size, seed: int) -> tuple[int, float]:
    problem, weights = generate.day(*size, seed), Weights()
    fleet = vehicles.of(problem, weights)
    routes, spent = vroom_routes.solve(fleet, exploration=0)
    return judged(problem, plan_of(problem, weights, fleet.arrays, routes, "VROOM")).priority, spent.cpu


def city_run(size: Size, seed: int) -> dict[str, Any]:
    """In a process of its own, where the peak of memory is that of this plan alone."""
    problem, weights = generate.day(*size, seed), Weights()
    load_compiled()
    clock.forget_peak()
    plan, spent = timed(solve, problem, weights, mode="day", time_limit=LIMIT)
    memory = clock.peak_mb()
    able, verdict = coverable(problem, Shifts.of(problem, weights)), judged(problem, plan)
    return {
        "seed": seed,
        "coverable": able,
        "priority": verdict.priority,
        "covered_percent": shown(100 * verdict.priority / able),
        "orders": verdict.orders,
        "gap_percent": shown(percent(plan.gap)),
        "seconds": shown(spent.cpu),
        "wall_seconds": shown(spent.wall),
        "memory_mb": round(memory),
        "violations": len(verdict.faults),
        "first_fault": next(iter(verdict.faults), None),
        "stopped_by": plan.stats.get("stopped_by"),
    }


def load_compiled() -> None:
    """Outside the clock."""
    solve(generate.day(20, 10, 0), mode="day")


# ---------- 7: several people at once ----------


def meetings(size: Size, seeds: tuple[int, ...]) -> None:
    """Orders of two to four people in the same plan, beside serving those first by instant matching."""
    runs = [meetings_run(size, seed) for seed in seeds]
    parts = [
        Part("violations, people missing or late among them", sum(run["violations"] for run in runs), "==", 0),
        Part("proven gap %, most", most(run["gap_percent"] for run in runs), "<=", 3),
        Part("priority / meetings first, least", min(run["ratio"] for run in runs), ">=", 1),
    ]
    settle("3.7", parts, orders=size[0], volunteers=size[1], seconds=spread(run["seconds"] for run in runs), runs=runs)


def meetings_run(size: Size, seed: int) -> dict[str, Any]:
    problem, weights = generate.day(*size, seed, meetings=0.15), Weights()
    plan, spent = timed(solve, problem, weights, mode="day", time_limit=LIMIT)
    verdict, (priority, served) = judged(problem, plan), meetings_first(problem, weights, LIMIT)
    return {
        "seed": seed,
        "meetings": sum(order.positions > 1 for order in problem.orders),
        "meetings_served": verdict.meetings,
        "served_when_first": served,
        "priority": verdict.priority,
        "priority_meetings_first": priority,
        "ratio": shown(verdict.priority / priority),
        "gap_percent": shown(percent(plan.gap)),
        "seconds": shown(spent.cpu),
        "violations": len(verdict.faults),
        "first_fault": next(iter(verdict.faults), None),
    }


# ---------- 9: what is there when ----------


def anytime(sizes: tuple[Size, ...], large: Size, seeds: tuple[int, ...]) -> None:
    """The first feasible plan, and what there is when VROOM x0 has finished."""
    runs = [anytime_run(size, seed) for size in sizes for seed in seeds]
    first = in_child(first_of_city, large, seeds[0], cap=CITY_CAP)
    if first.failed:
        raise RuntimeError(first.failed)
    parts = [
        Part("first plan, seconds, most", max(run["first_plan_seconds"] for run in runs), "<=", 1),
        Part(f"first plan of {large[0]:,} × {large[1]:,}, seconds", first.answer, "<=", 5),
        Part("priority above VROOM x0 in its time, least", min(run["ahead"] for run in runs), ">=", 0),
    ]
    settle("3.9", parts, runs=runs)


def anytime_run(size: Size, seed: int) -> dict[str, Any]:
    """VROOM x0, then the engine, told to stop after the time that took."""
    problem, weights = generate.day(*size, seed), Weights()
    fleet = vehicles.of(problem, weights)
    routes, theirs = vroom_routes.solve(fleet, exploration=0)
    other = judged(problem, plan_of(problem, weights, fleet.arrays, routes, "VROOM"))
    plan, spent = timed(solve, problem, weights, mode="day", time_limit=theirs.wall)
    verdict = judged(problem, plan)
    return {
        "orders": size[0],
        "seed": seed,
        "first_plan_seconds": first_seconds(plan, spent.wall),
        "vroom_seconds": shown(theirs.wall),
        "seconds": shown(spent.wall),
        "vroom_priority": other.priority,
        "priority": verdict.priority,
        "ahead": verdict.priority - other.priority,
        "gap_percent": shown(percent(plan.gap)),
        "violations": len(verdict.faults),
    }


def first_of_city(size: Size, seed: int) -> float | None:
    load_compiled()
    return first_seconds(*whole_call(generate.day(*size, seed)))


def whole_call(problem: Problem) -> tuple[Plan, float]:
    plan, spent = timed(solve, problem, mode="day", time_limit=LIMIT)
    return plan, spent.wall


def first_seconds(plan: Plan, wall: float) -> float | None:
    """When the first whole plan was there, by the engine's own account of the search, and what the call took before
    and after that search."""
    return shown(plan.stats["trace"][0][0] + wall - plan.stats["seconds"]["solve"])


def percent(gap: float | None) -> float | None:
    return None if gap is None else 100 * gap


def most(values: Iterable[float | None]) -> float | None:
    """The most of what was measured; nothing when one of them was not."""
    known = list(values)
    return None if None in known else max(known)
