"""Why, why not and why nobody in a day plan, where people serve several orders and no price proves a single pair.

Who could serve what is what the plan's own counts say: every rule, and time for the service and both ways.
"""

from collections import Counter

import numpy as np

from dispatch import geo
from dispatch.candidates import screen
from dispatch.checking.routes import alone
from dispatch.crowd import Crowd
from dispatch.plan import Plan
from dispatch.problem import OrderSpec, Problem
from dispatch.reasons.verdicts import Taker, WhyNot
from dispatch.rules import failed_alone


def why_not(problem: Problem, plan: Plan, volunteer_id: str, most: int) -> tuple[WhyNot, ...]:
    """The orders a volunteer serves, then the nearest: at most `most`."""
    crowd = Crowd(problem)
    at = crowd.index[volunteer_id]
    spots = geo.places([(order.lat, order.lon) for order in problem.orders])
    served = _served_by(plan, volunteer_id)
    away = geo.metres(spots, crowd.spots[:, at])
    others = np.array([order.id not in served for order in problem.orders], dtype=np.bool_)
    first = np.lexsort((away, others))[:most]
    return tuple(_why_not(crowd, plan, problem.orders[order], at) for order in first.tolist())


def why_not_pair(problem: Problem, plan: Plan, order_id: str, volunteer_id: str) -> WhyNot:
    """The same for one order. Raises KeyError for what the problem does not know."""
    crowd = Crowd(problem)
    return _why_not(crowd, plan, _order(problem, order_id), crowd.index[volunteer_id])


def takers(problem: Problem, plan: Plan, order_id: str) -> tuple[Taker, ...]:
    """The orders served by people who could have served this one, the most urgent first."""
    crowd, order = Crowd(problem), _order(problem, order_id)
    short, _, _ = screen(crowd, order)
    people = {crowd.people[one].id for one in short.who.tolist() if alone(problem, order, crowd.people[one])}
    held = Counter(one.order for one in plan.proposals if one.volunteer in people and one.order != order_id)
    priority = {one.id: one.priority for one in problem.orders}
    found = [Taker(one, count, priority[one], None) for one, count in held.items()]
    return tuple(sorted(found, key=lambda one: (-one.priority, one.order)))


def _why_not(crowd: Crowd, plan: Plan, order: OrderSpec, at: int) -> WhyNot:
    person = crowd.people[at]
    served = _served_by(plan, person.id)
    if order.id in served:
        return WhyNot(order.id, "serves")
    broken = failed_alone(crowd, order, np.array([at], dtype=np.int64))
    if broken:
        bans = [f"banned:{why}" for banned, why in order.bans if banned == person.id]
        return WhyNot(
            order.id, "refused", tuple(one for rule in broken for one in (bans if rule == "banned" else [rule]))
        )
    if not alone(crowd.problem, order, person):
        return WhyNot(order.id, "refused", ("availability:both_ways",))
    if served:
        return WhyNot(order.id, "full")
    if any(one.order == order.id for one in plan.proposals):
        return WhyNot(order.id, "dearer", because=("whole_day",))
    return WhyNot(order.id, "open" if order.positions > 1 else "unplanned")


def _served_by(plan: Plan, volunteer_id: str) -> set[str]:
    return {one.order for one in plan.proposals if one.volunteer == volunteer_id}


def _order(problem: Problem, order_id: str) -> OrderSpec:
    for order in problem.orders:
        if order.id == order_id:
            return order
    raise KeyError(f"no order {order_id!r} in this problem")
