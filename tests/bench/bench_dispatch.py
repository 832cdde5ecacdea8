"""How fast the engine answers, and what the exact flow fills that greedy leaves open.

Seconds are processor seconds (a busy machine does not count), the median of the seeds, of the whole solve() with the
problem already built.
"""

from statistics import median
from time import process_time

from dispatch import Plan, Problem, candidates_for, solve, violations
from tests.bench import cities
from tests.bench.reporter import report

SEEDS = (1, 2, 3)
SIZES = ((300, 2000, 7, 0.3), (1000, 5000, 7, 2.0), (1000, 1500, 1, 2.0))  # orders, volunteers, days, seconds


def timed(problem: Problem, method: str) -> tuple[Plan, float]:
    begin = process_time()
    plan = solve(problem, method=method, time_limit=60.0)
    return plan, process_time() - begin


def measure(orders: int, volunteers: int, days: int, target: float) -> None:
    """One size: seconds, and unfilled priority of both methods, summed over the seeds."""
    problems = [cities.problem(orders, volunteers, seed, days) for seed in SEEDS]
    exact = [timed(problem, "exact") for problem in problems]
    greedy = [timed(problem, "greedy") for problem in problems]
    size = {"orders": orders, "volunteers": volunteers, "days": days, "seeds": SEEDS}
    seconds = round(median(took for _, took in exact), 3)
    pairs = [plan.stats["pairs"] for plan, _ in exact]
    quick = round(median(took for _, took in greedy), 3)
    report(f"dispatch {orders}x{volunteers} in {days} d, exact, seconds", seconds, target, seconds <= target,
           pairs=pairs, greedy_seconds=quick, stages=exact[0][0].stats["seconds"], **size)  # fmt: skip
    left, left_by_greedy = unfilled(exact), unfilled(greedy)
    report(f"dispatch {orders}x{volunteers} in {days} d, exact, unfilled priority", left, left_by_greedy,
           left <= left_by_greedy, travel_s=travel(exact), greedy_travel_s=travel(greedy), **size)  # fmt: skip
    proven = all(plan.certificate == "optimal" and not plan.degraded for plan, _ in exact)
    report(f"dispatch {orders}x{volunteers} in {days} d, proven optimal", proven, True, proven, **size)


def unfilled(runs: list[tuple[Plan, float]]) -> int:
    return sum(plan.stats["unfilled_priority"] for plan, _ in runs)


def travel(runs: list[tuple[Plan, float]]) -> int:
    return sum(plan.stats["travel_s"] for plan, _ in runs)


def urgent() -> None:
    """One order against 5,000 volunteers, as the board asks for it (the crowd built anew each time)."""
    problem, took = cities.problem(20, 5000, 1), []
    for order in problem.orders:
        begin = process_time()
        candidates_for(problem, order.id)
        took.append(process_time() - begin)
    value = round(median(took), 4)
    report("candidates for one order of 5,000 volunteers, seconds", value, 0.1, value <= 0.1, seed=1)


def checked() -> None:
    """The independent checker agrees with both methods on a whole city."""
    problem = cities.problem(300, 2000, 1)
    found = [fault for method in ("exact", "greedy") for fault in violations(problem, solve(problem, method=method))]
    report("violations in plans for 300x2000", len(found), 0, not found, seed=1, first=found[:3])


def main() -> None:
    for size in SIZES:
        measure(*size)
    urgent()
    checked()


if __name__ == "__main__":
    main()
