"""Are the reasons true, do the remedies help, and what do explanations cost? Twenty made-up cities (bar 11)."""

from typing import Any

from dispatch import Plan, Problem, generate, solve, unplaced_words, violations, words
from dispatch.reasons.market import Market
from dispatch.reasons.remedies import remedies
from dispatch.reasons.remedy import Remedy, apply
from tests.bench.bars import Part, attempt, settle, shown, spread
from tests.bench.clock import timed

CITIES = 20
SIZE = (120, 200, 2)  # orders, volunteers, days: short of people, so that much stays open
WORK, BANS = 0.2, 0.5
MOST_ASKED = 6  # open orders a city whose remedies are looked for, by priority
SPLIT = 2  # visits of a split order


def main(quick: bool) -> None:
    attempt("3.11", lambda: reasons(range(1, 1 + (4 if quick else CITIES))))


def reasons(seeds: range) -> None:
    runs = [city(seed) for seed in seeds]
    total = {key: sum(run[key] for run in runs) for key in runs[0] if key != "seed"}
    share = 100 * total["explain_seconds"] / total["solve_seconds"]
    parts = [
        Part("open orders without a confirmed reason", total["unexplained"], "==", 0),
        Part("remedies that do not help when applied", total["failed_remedies"], "==", 0),
        Part("explanations / solve, %", share, "<=", 20),
    ]
    settle(
        "3.11",
        parts,
        orders=SIZE[0],
        volunteers=SIZE[1],
        cities=len(runs),
        open_orders=total["open_orders"],
        remedies_tried=total["remedies"],
        seconds_for_the_remedies_of_an_order=shown(total["remedy_seconds"] / max(total["asked"], 1)),
        explain_percent=spread(100 * run["explain_seconds"] / run["solve_seconds"] for run in runs),
        runs=runs,
    )


def city(seed: int) -> dict[str, Any]:
    """Solve, let the checker recount every reason, then apply every remedy and solve again."""
    problem = generate.problem(SIZE[0], SIZE[1], seed, SIZE[2], work=WORK, bans=BANS)
    plan = solve(problem, time_limit=60.0)
    _, told = timed(tell, plan)
    stages = plan.stats["seconds"]
    faults = violations(problem, plan)
    without = missing_reasons(problem, plan)
    priority = {order.id: order.priority for order in problem.orders}
    asked = sorted(plan.unplaced, key=lambda one: (-priority[one.order], one.order))[:MOST_ASKED]
    found, spent = timed(lambda: [(one.order, of(problem, plan, one.order)) for one in asked])
    shown_remedies = [remedy for _, some in found for remedy in some]
    return {
        "seed": seed,
        "open_orders": len(plan.unplaced),
        "unexplained": len(faults) + without,
        "asked": len(asked),
        "without_remedy": sum(not some for _, some in found),
        "remedies": len(shown_remedies),
        "failed_remedies": sum(not helps(problem, plan, remedy) for remedy in shown_remedies),
        "solve_seconds": shown(stages["candidates"] + stages["solve"]),
        "explain_seconds": shown(stages["explain"] + told.wall),
        "remedy_seconds": shown(spent.cpu),
    }


def tell(plan: Plan) -> int:
    """Every proposal and every open order in words, as the coordinator reads them; answers how many sentences."""
    said = sum(len(words(proposal)) for proposal in plan.proposals)
    return said + sum(len(unplaced_words(one)) for one in plan.unplaced)


def missing_reasons(problem: Problem, plan: Plan) -> int:
    """Open orders of which the plan says nothing."""
    filled: dict[str, int] = {}
    for proposal in plan.proposals:
        filled[proposal.order] = filled.get(proposal.order, 0) + 1
    told = {one.order for one in plan.unplaced}
    return sum(filled.get(order.id, 0) < order.positions and order.id not in told for order in problem.orders)


def of(problem: Problem, plan: Plan, order: str) -> tuple[Remedy, ...]:
    return remedies(problem, plan, order, market=Market.of(problem, plan))


def helps(problem: Problem, before: Plan, remedy: Remedy) -> bool:
    """Apply it, solve anew: the order is served in full, no more priority is open elsewhere, and the plan is sound."""
    changed = apply(remedy, problem)
    after = solve(changed, time_limit=60.0)
    ids = {f"{remedy.order}/{k + 1}" for k in range(SPLIT)} if remedy.kind == "split" else {remedy.order}
    still = {one.order for one in after.unplaced}
    no_worse = elsewhere(changed, after, ids) <= elsewhere(problem, before, {remedy.order})
    return not ids & still and no_worse and not violations(changed, after)


def elsewhere(problem: Problem, plan: Plan, ids: set[str]) -> int:
    """Priority open in all other orders."""
    priority = {order.id: order.priority for order in problem.orders}
    return sum(priority[one.order] * one.open_positions for one in plan.unplaced if one.order not in ids)
