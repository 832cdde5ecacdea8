"""Instant matching beside OR-Tools' min-cost flow on the same instances, checked over all pairs (bars 1 to 3)."""

from collections.abc import Callable
from typing import Any

from dispatch import generate, solve, violations
from dispatch.fast.match import LOOPS
from dispatch.instant import network as instant
from dispatch.tables import Tables
from tests.bench import clock
from tests.bench.bars import Part, attempt, middle, settle, shown, spread
from tests.bench.child import in_child
from tests.bench.clock import timed
from tests.bench.match import Matched, arcs_of, network_of, objective_of, proven, whole
from tests.bench.peers import flow

SEEDS = (1, 2, 3, 4, 5)
WIDTH = 20  # arcs of each order that the flow gets
TIMES = 3  # measured so often, the middle counts
LARGE_CAP = 300.0  # seconds until a run of the largest size is given up
Size = tuple[int, int]


def main(quick: bool) -> None:
    plenty, scarce, large = (
        ((2000, 20_000), (1000, 1000), (5000, 50_000))
        if quick
        else ((10_000, 100_000), (10_000, 10_000), (100_000, 1_000_000))
    )
    seeds = SEEDS[:2] if quick else SEEDS
    whole(generate.city(20, 200, 0))
    attempt("3.1", lambda: slack(plenty, seeds))
    attempt("3.2", lambda: tight(scarce, seeds))
    attempt("3.3", lambda: huge(large, seeds[:1] if quick else seeds))
    attempt("2.1", lambda: office(seeds[:1] if quick else seeds[:3]))


def slack(size: Size, seeds: tuple[int, ...]) -> None:
    """Many more volunteers than positions: the whole exact call against the flow's bare solve()."""
    runs = [slack_run(size, seed, everything=seed == seeds[0]) for seed in seeds]
    parts = [
        Part("whole call / bare flow, median", middle(run["ratio"] for run in runs), "<=", 0.5),
        Part("solve on the same arcs / bare flow, median", middle(run["solve_ratio"] for run in runs), "<=", 1 / 20),
        *sound(runs),
    ]
    settle("3.1", parts, **facts(size, runs))


def slack_run(size: Size, seed: int, everything: bool) -> dict[str, Any]:
    tables = generate.city(*size, seed)
    answers, seconds = often(lambda: whole(tables))
    return {
        "seed": seed,
        "seconds": shown(seconds),
        **against_flow(tables, answers[0], seconds, 0 if everything else 500),
    }


def tight(size: Size, seeds: tuple[int, ...]) -> None:
    """As many volunteers as orders: never much slower than the flow, and proven over all pairs before long."""
    runs = [tight_run(size, seed) for seed in seeds]
    parts = [
        Part("solve on the same arcs / bare flow, median", middle(run["solve_ratio"] for run in runs), "<=", 1.3),
        Part("whole call / bare flow, median", middle(run["ratio"] for run in runs), "<=", 10),
        *sound(runs),
    ]
    settle("3.2", parts, **facts(size, runs))


def tight_run(size: Size, seed: int) -> dict[str, Any]:
    tables = generate.city(*size, seed)
    found, spent = timed(whole, tables)
    return {"seed": seed, "seconds": shown(spent.cpu), **against_flow(tables, found, spent.cpu, 0)}


def huge(size: Size, seeds: tuple[int, ...]) -> None:
    """A million volunteers: time against the bare flow, and the most memory in use."""
    outcomes = [in_child(huge_run, size, seed, cap=LARGE_CAP) for seed in seeds]
    if failed := next((one.failed for one in outcomes if one.failed), None):
        raise RuntimeError(failed)
    runs = [one.answer for one in outcomes]
    parts = [
        Part("end to end / bare flow, median", middle(run["ratio"] for run in runs), "<=", 0.5),
        Part("memory MB, most", max(run["memory_mb"] for run in runs), "<=", 1000),
        *sound(runs),
    ]
    settle("3.3", parts, **facts(size, runs))


def huge_run(size: Size, seed: int) -> dict[str, Any]:
    """In a process of its own; the memory is that of city and matching together, the flow comes afterwards."""
    whole(generate.city(20, 200, 0))
    tables = generate.city(*size, seed)
    clock.forget_peak()
    found, spent = timed(whole, tables)
    memory = clock.peak_mb()
    against = against_flow(tables, found, spent.cpu, 100)
    return {"seed": seed, "seconds": shown(spent.cpu), "memory_mb": round(memory), **against}


# ---------- what all have in common ----------


def often(call: Callable[[], Any]) -> tuple[list[Any], float]:
    """The answers, and the middle of their processor seconds."""
    taken = [timed(call) for _ in range(TIMES)]
    return [answer for answer, _ in taken], middle(spent.cpu for _, spent in taken)


def against_flow(tables: Tables, found: Matched, seconds: float, sample: int) -> dict[str, Any]:
    """The whole call, and the engine's solver alone, beside the flow on the cheapest arcs of every order; and the
    prices held against pairs worked out anew, of every order or of a `sample`."""
    arcs = arcs_of(tables, WIDTH, found.unfilled)
    net = network_of(arcs, len(tables.volunteers))
    answers, alone = often(lambda: instant.solve(net, LOOPS))
    other = flow.solve(arcs)
    return {
        "solve_seconds": shown(alone),
        "flow_seconds": shown(other.spent.cpu),
        "ratio": shown(seconds / other.spent.cpu),
        "solve_ratio": shown(alone / other.spent.cpu),
        "apart": objective_of(arcs, answers[0]) - other.objective,
        "flow_dearer_by": other.objective - found.objective,
        "solver": answers[0].solver,
        "certificate": found.certificate,
        "orders_rechecked": sample or len(tables.orders),
        "faults": proven(tables, found, sample),
    }


def sound(runs: list[dict[str, Any]]) -> list[Part]:
    unproven = sum(run["certificate"] != "optimal" for run in runs)
    apart = max(abs(run["apart"]) for run in runs)
    return [
        Part("objectives on the same arcs apart by", apart, "==", 0),
        Part("not proven over all pairs", unproven, "==", 0),
        Part("faults found by the recheck", sum(run["faults"] for run in runs), "==", 0),
    ]


def facts(size: Size, runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "orders": size[0],
        "volunteers": size[1],
        "seconds": spread(run["seconds"] for run in runs),
        "flow_seconds": spread(run["flow_seconds"] for run in runs),
        "ratio": spread(run["ratio"] for run in runs),
        "runs": runs,
    }


# ---------- the bars of the first release, at the size of a district ----------


def office(seeds: tuple[int, ...]) -> None:
    """Whole plans with reasons from specs, as the app asks for them."""
    sizes = {(300, 2000, 7): 0.3, (1000, 5000, 7): 2.0, (1000, 1500, 1): 2.0}  # orders, volunteers, days: seconds
    runs = [office_run(*size, seed) for size in sizes for seed in seeds]
    parts = [
        Part(f"seconds {size[0]} × {size[1]}, median", middle(of_size(runs, size, "seconds")), "<=", most)
        for size, most in sizes.items()
    ]
    more = max(run["open_priority"] - run["open_by_greedy"] for run in runs)
    problem = generate.problem(300, 2000, seeds[0])
    settle(
        "2.1",
        [
            *parts,
            Part("open priority above greedy's, most", more, "<=", 0),
            Part("not proven", sum(run["certificate"] != "optimal" for run in runs), "==", 0),
            Part("violations", len(violations(problem, solve(problem, time_limit=60.0))), "==", 0),
        ],
        runs=runs,
    )


def office_run(orders: int, volunteers: int, days: int, seed: int) -> dict[str, Any]:
    problem = generate.problem(orders, volunteers, seed, days)
    plan, spent = timed(solve, problem, time_limit=60.0)
    greedy = solve(problem, method="greedy")
    return {
        "orders": orders,
        "volunteers": volunteers,
        "seed": seed,
        "seconds": shown(spent.cpu),
        "open_priority": plan.stats["unfilled_priority"],
        "open_by_greedy": greedy.stats["unfilled_priority"],
        "certificate": plan.certificate,
        "pairs": plan.stats["pairs"],
    }


def of_size(runs: list[dict[str, Any]], size: tuple[int, int, int], key: str) -> list[float]:
    return [run[key] for run in runs if (run["orders"], run["volunteers"]) == size[:2]]
