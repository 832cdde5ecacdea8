"""violations(): every plan looked through by somebody who did not make it.

Recomputes distances, times, rules, limits, head-counts, costs and the counted reasons from the problem alone.
"""

import math
from collections import Counter
from collections.abc import Iterator

from dispatch.checking.counts import miscounted
from dispatch.checking.day import DayChecker
from dispatch.checking.rules import first_broken, metres_between, seconds_for
from dispatch.plan import Plan, Proposal, Unplaced
from dispatch.problem import OrderSpec, Problem, VolunteerSpec


def violations(problem: Problem, plan: Plan) -> list[str]:
    """Everything wrong with a plan, one plain sentence each; an empty list for a sound plan."""
    checker = DayChecker(problem, plan) if plan.mode == "day" else Checker(problem, plan)
    return list(checker.findings())


class Checker:
    """One plan against its problem."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.orders = {order.id: order for order in problem.orders}
        self.volunteers = {volunteer.id: volunteer for volunteer in problem.volunteers}
        self.serves = {one.volunteer: one.order for one in plan.proposals}

    def findings(self) -> Iterator[str]:
        unknown = list(self.strangers())
        yield from unknown
        if unknown:
            return
        yield from self.head_counts()
        for proposal in self.plan.proposals:
            found = self.proposal(proposal, self.orders[proposal.order], self.volunteers[proposal.volunteer])
            yield from (f"proposal {proposal.order}/{proposal.volunteer}: {what}" for what in found)
        for unplaced in self.plan.unplaced:
            found = self.unplaced(unplaced, self.orders[unplaced.order])
            yield from (f"unplaced {unplaced.order}: {what}" for what in found)
        yield from self.objective()

    def strangers(self) -> Iterator[str]:
        """Orders and volunteers that the problem does not know."""
        for proposal in self.plan.proposals:
            runner_up = [] if proposal.runner_up is None else [proposal.runner_up]
            for volunteer in (proposal.volunteer, *runner_up):
                if volunteer not in self.volunteers:
                    yield f"volunteer {volunteer} is not in the problem"
        orders = [one.order for one in self.plan.proposals] + [one.order for one in self.plan.unplaced]
        for order in orders:
            if order not in self.orders:
                yield f"order {order} is not in the problem"

    def head_counts(self) -> Iterator[str]:
        """One new order a volunteer; filled and open positions of every order add up."""
        for volunteer, times in Counter(one.volunteer for one in self.plan.proposals).items():
            if times > 1:
                yield f"volunteer {volunteer} is asked {times} times"
        filled = Counter(proposal.order for proposal in self.plan.proposals)
        left: Counter[str] = Counter()
        for unplaced in self.plan.unplaced:
            left[unplaced.order] += unplaced.open_positions
        for order in self.problem.orders:
            if filled[order.id] + left[order.id] != order.positions or left[order.id] < 0:
                found = f"{filled[order.id]} filled and {left[order.id]} open"
                yield f"order {order.id}: {found} of {order.positions} positions"
            elif order.together and 0 < filled[order.id] < order.positions:
                found = f"{filled[order.id]} of {order.positions} positions are filled"
                yield f"order {order.id}: {found}, but it wants all or none"

    def proposal(self, one: Proposal, order: OrderSpec, volunteer: VolunteerSpec) -> Iterator[str]:
        broken, start = first_broken(self.problem, order, volunteer)
        metres = metres_between(order.lat, order.lon, volunteer.lat, volunteer.lon)
        if broken is not None:
            yield f"breaks the rule {broken}"
        elif one.start != start:
            yield f"starts at {one.start}, but the earliest possible start is {start}"
        if one.end - one.start != order.duration:
            yield f"lasts {one.end - one.start} s, but the order asks for {order.duration} s"
        if one.distance_m != metres:
            yield f"says {one.distance_m} m, but it is {metres} m"
        if one.travel_s != seconds_for(metres, volunteer.mode):
            yield f"says {one.travel_s} s of travel, but it is {seconds_for(metres, volunteer.mode)} s"
        terms = self.terms(order, volunteer)
        if one.terms != terms or one.cost != sum(terms.values()):
            yield f"costs {one.cost} by {one.terms}, but it should be {terms}"
        yield from self.runner_up(one, order)

    def runner_up(self, one: Proposal, order: OrderSpec) -> Iterator[str]:
        """The next in line may serve, is asked for nothing in this plan, and is as much dearer as it says."""
        if one.runner_up is None:
            yield from self.nobody_next(order)
            return
        second = self.volunteers[one.runner_up]
        if second.id in self.serves:
            yield f"the runner-up {second.id} is asked for another order"
        if first_broken(self.problem, order, second)[0] is not None:
            yield f"the runner-up {second.id} may not serve it"
        elif one.margin != sum(self.terms(order, second).values()) - one.cost:
            yield f"the margin {one.margin} to the runner-up is wrong"
        elif self.plan.certificate == "optimal" and one.margin < 0:
            yield f"the runner-up {second.id} is free and cheaper, so the plan is not optimal"

    def nobody_next(self, order: OrderSpec) -> Iterator[str]:
        """Nobody is next in line only where everybody eligible is asked already."""
        for volunteer in self.problem.volunteers:
            if volunteer.id not in self.serves and first_broken(self.problem, order, volunteer)[0] is None:
                yield f"says nobody is next in line, but {volunteer.id} is"
                return

    def terms(self, order: OrderSpec, volunteer: VolunteerSpec) -> dict[str, int]:
        """The documented points of every term."""
        weights = self.plan.weights
        metres = metres_between(order.lat, order.lon, volunteer.lat, volunteer.lon)
        load, minutes = min(round(volunteer.load), 60_000), order.duration // 60
        speaks = not order.languages or order.languages & volunteer.languages
        known = order.preferred & self.volunteers.keys()
        asked = order.offered & self.volunteers.keys()
        return {
            "travel": seconds_for(metres, volunteer.mode) * weights["travel_per_minute"] // 60,
            "fairness": ((load + minutes) ** 2 - load**2) * weights["fairness"] // 3600,
            "language": 0 if speaks else weights["language"],
            "continuity": 0 if not known or volunteer.id in known else weights["continuity"],
            "answer": math.floor((1.0 - volunteer.answer_chance) * weights["answer"]),
            "stability": 0 if not asked or volunteer.id in asked else weights["stability"],
        }

    def unplaced(self, one: Unplaced, order: OrderSpec) -> Iterator[str]:
        """The counted reasons, recounted over everybody; and who took the eligible ones."""
        broken = {v.id: first_broken(self.problem, order, v)[0] for v in self.problem.volunteers}
        eligible = [volunteer for volunteer, rule in broken.items() if rule is None]
        takers = {self.serves[volunteer] for volunteer in eligible if volunteer in self.serves} - {order.id}
        yield from miscounted(one, order, broken, takers)
        idle = [volunteer for volunteer in eligible if volunteer not in self.serves]
        if one.open_positions and len(idle) >= (order.positions if order.together else 1):
            yield f"is open although {idle[0]} may serve it and is asked for nothing"

    def objective(self) -> Iterator[str]:
        """Open priority × its weight + costs; and the weight is heavy enough to come first."""
        weight = int(self.plan.stats["unfilled_weight"])
        cost = sum(proposal.cost for proposal in self.plan.proposals)
        left = sum(one.open_positions * self.orders[one.order].priority for one in self.plan.unplaced)
        if self.plan.objective != left * weight + cost:
            yield f"objective {self.plan.objective} should be {left} × {weight} + {cost}"
        if weight <= cost:
            yield f"one priority point weighs {weight}, less than all costs together ({cost})"
