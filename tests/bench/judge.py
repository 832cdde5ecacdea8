"""One judge for everybody's plans: the engine's own independent checker, and priority as the bars count it."""

from collections import defaultdict
from dataclasses import dataclass, replace

from dispatch import Commitment, OrderSpec, Plan, Problem, Proposal, Weights, solve, violations
from dispatch.crowd import Crowd
from dispatch.day.result import Result
from dispatch.day.shifts import Shifts

ORDERS_A_SECOND = 100  # time for matching meetings first, which CP-SAT does not always finish


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan is worth: priority of all served positions, orders served, meetings among them, and its faults."""

    plan: Plan
    priority: int
    orders: int
    meetings: int
    faults: tuple[str, ...]


def plan_of(problem: Problem, weights: Weights, arrays: Shifts, routes: dict[int, list[int]], solver: str) -> Plan:
    """Somebody else's routes (shift → its tasks in sequence) as a plan, timed and priced like our own. Raises
    ValueError for a route that cannot be driven."""
    result = Result(Crowd(problem), arrays, weights, sorted(routes.items()))
    return result.plan(bound=None, solver=solver, seed=0, stats={}, versions={})


def judged(problem: Problem, plan: Plan) -> Verdict:
    """`meetings` counts the orders of several people that the plan serves, all of them at one moment."""
    priorities = {order.id: order.priority for order in problem.orders}
    starts = starts_of(plan)
    whole = [order for order in problem.orders if order.positions > 1 and order.id in starts]
    torn = [f"{order.id}: {starts[order.id]}" for order in whole if not _meets(order, starts[order.id])]
    return Verdict(
        plan,
        sum(priorities[proposal.order] for proposal in plan.proposals),
        len(starts),
        len(whole) - len(torn),
        (*violations(problem, plan), *(f"people missing or at different times in {one}" for one in torn)),
    )


def starts_of(plan: Plan) -> dict[str, list[int]]:
    """When each served order's people begin."""
    starts: dict[str, list[int]] = defaultdict(list)
    for proposal in plan.proposals:
        starts[proposal.order].append(proposal.start)
    return starts


def _meets(order: OrderSpec, starts: list[int]) -> bool:
    return len(starts) == order.positions and len(set(starts)) == 1


def coverable(problem: Problem, arrays: Shifts) -> int:
    """Priority of all orders that enough people could serve if they did nothing else."""
    able = [0] * len(problem.orders)
    volunteers: dict[int, set[int]] = defaultdict(set)
    for shift, who in enumerate(arrays.volunteer.tolist()):
        for task in arrays.pair_task[arrays.ptr[shift] : arrays.ptr[shift + 1]].tolist():
            volunteers[task].add(who)
    for task, people in volunteers.items():
        order = int(arrays.task_order[task])
        able[order] = max(able[order], len(people))
    enough = [order for order, most in zip(problem.orders, able, strict=True) if most >= order.positions]
    return sum(order.priority * order.positions for order in enough)


# ---------- the other way to serve meetings ----------


def meetings_first(problem: Problem, weights: Weights, seconds: float) -> tuple[int, int]:
    """(priority, meetings served) when orders of several people are matched first, and the rest of the day is planned
    around them.

    Kind to this way: a meeting begins when the last of its people can be there, and counts when everybody has the
    time for it then; nobody looks whether they can also be home in time.
    """
    apart = [order for order in problem.orders if order.positions > 1]
    alone = tuple(order for order in problem.orders if order.positions == 1)
    together = replace(problem, orders=tuple(replace(order, together=True) for order in apart))
    matched = solve(together, weights, time_limit=len(problem.orders) / ORDERS_A_SECOND)
    work: dict[str, Commitment] = {}
    priority = meetings = 0
    for order in apart:
        people = [proposal for proposal in matched.proposals if proposal.order == order.id]
        start = _common_start(problem, order, people)
        if start is None:
            continue
        priority, meetings = priority + order.priority * order.positions, meetings + 1
        work |= {one.volunteer: Commitment(start, start + order.duration, order.lat, order.lon) for one in people}
    booked = tuple(replace(one, commitments=(work[one.id],)) if one.id in work else one for one in problem.volunteers)
    rest = solve(replace(problem, orders=alone, volunteers=booked), weights, mode="day", time_limit=seconds)
    priorities = {order.id: order.priority for order in alone}
    return priority + sum(priorities[proposal.order] for proposal in rest.proposals), meetings


def _common_start(problem: Problem, order: OrderSpec, people: list[Proposal]) -> int | None:
    """The first step of the window at which all of them can be there, if all are free until the end."""
    if len(people) < order.positions:
        return None
    latest = max(one.start for one in people)
    steps = -(-(latest - order.window_start) // problem.meeting_step)
    start = order.window_start + max(steps, 0) * problem.meeting_step
    free = {one.id: one.availability for one in problem.volunteers}
    end = start + order.duration
    if end > order.window_end or any(all(end > last for _, last in free[one.volunteer]) for one in people):
        return None
    return start
