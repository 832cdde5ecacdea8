"""violations() of a day plan: every route looked through by somebody who did not make it.

Recomputes shifts, distances, timetables, rules, limits, head-counts, costs, objective and the counted reasons from
the problem alone, in plain Python and sharing no code with the solvers.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from dispatch.checking.counts import miscounted
from dispatch.checking.routes import Stop, Stretch, alone, stretches, timing, way
from dispatch.checking.rules import DAY, first_broken, metres_between, monday_before, seconds_for, standing
from dispatch.plan import Plan, Proposal, Route, Unplaced
from dispatch.problem import OrderSpec, Problem, VolunteerSpec


class DayChecker:
    """One day plan against its problem."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.orders = {order.id: order for order in problem.orders}
        self.volunteers = {volunteer.id: volunteer for volunteer in problem.volunteers}
        self.serves: dict[str, set[str]] = defaultdict(set)
        for one in plan.proposals:
            self.serves[one.volunteer].add(one.order)

    def findings(self) -> Iterator[str]:
        unknown = list(self.strangers())
        yield from unknown
        if unknown:
            return
        yield from self.head_counts()
        yield from self.routes()
        for one in self.plan.unplaced:
            yield from (f"unplaced {one.order}: {what}" for what in self.unplaced(one, self.orders[one.order]))
        yield from self.objective()

    def strangers(self) -> Iterator[str]:
        """Orders and volunteers that the problem does not know."""
        routes, proposals = self.plan.routes, self.plan.proposals
        people = {route.volunteer for route in routes} | {one.volunteer for one in proposals}
        for volunteer in sorted(people - self.volunteers.keys()):
            yield f"volunteer {volunteer} is not in the problem"
        needs = {one.order for one in proposals} | {one.order for one in self.plan.unplaced}
        for order in sorted(needs.union(*(route.orders for route in routes)) - self.orders.keys()):
            yield f"order {order} is not in the problem"

    def head_counts(self) -> Iterator[str]:
        """Everybody an order asks for, and at one moment, or nobody."""
        starts: dict[str, list[int]] = defaultdict(list)
        for one in self.plan.proposals:
            starts[one.order].append(one.start)
        left: Counter[str] = Counter()
        for unplaced in self.plan.unplaced:
            left[unplaced.order] += unplaced.open_positions
        for order in self.problem.orders:
            filled = len(starts[order.id])
            if filled not in (0, order.positions) or filled + left[order.id] != order.positions:
                yield f"order {order.id}: {filled} filled and {left[order.id]} open of {order.positions} positions"
            if len(set(starts[order.id])) > 1:
                yield f"order {order.id}: its people begin at different times {sorted(starts[order.id])}"

    def routes(self) -> Iterator[str]:
        """Every route by itself, what one volunteer's routes share, and that routes and proposals say the same."""
        told = Counter((one.volunteer, one.order, one.start) for one in self.plan.proposals)
        driven: Counter[tuple[str, str, int]] = Counter()
        proposals = {(one.volunteer, one.order): one for one in self.plan.proposals}
        used: Counter[tuple[str, Stretch]] = Counter()
        for route in self.plan.routes:
            volunteer = self.volunteers[route.volunteer]
            driven.update((route.volunteer, *visit) for visit in zip(route.orders, route.starts, strict=False))
            mine = [proposals.get((route.volunteer, order)) for order in route.orders]
            stretch = self.stretch(route, volunteer)
            used[route.volunteer, stretch] += 1
            found = self.route(route, volunteer, stretch, mine)
            yield from (f"route of {route.volunteer} at {route.leave}: {what}" for what in found)
        if told != driven:
            yield f"routes and proposals differ in {sorted(((told - driven) + (driven - told)).elements())}"
        for (who, stretch), times in used.items():
            if times > 1:
                yield f"volunteer {who} has {times} routes between {stretch.begin} and {stretch.end}"
        for who in self.serves:
            yield from (f"volunteer {who}: {what}" for what in self.limits(self.volunteers[who]))

    def stretch(self, route: Route, volunteer: VolunteerSpec) -> Stretch:
        """The free time the route lies in, or comes closest to."""
        free = stretches(self.problem, volunteer) or [Stretch(0, 0, (0.0, 0.0), (0.0, 0.0), ())]
        return min(free, key=lambda one: max(0, one.begin - route.leave) + max(0, route.back - one.end))

    def route(
        self, route: Route, volunteer: VolunteerSpec, stretch: Stretch, proposals: Sequence[Proposal | None]
    ) -> Iterator[str]:
        if not route.orders or len(route.orders) != len(route.starts):
            yield f"has {len(route.orders)} orders and {len(route.starts)} starts"
            return
        orders = [self.orders[one] for one in route.orders]
        if len(orders) > self.problem.most_stops:
            yield f"has {len(orders)} orders, more than {self.problem.most_stops}"
        for order in orders:
            broken = [name for name, holds in standing(self.problem, order, volunteer) if not holds]
            broken += ["banned"] if any(banned == volunteer.id for banned, _ in order.bans) else []
            yield from (f"order {order.id} breaks the rule {name}" for name in broken)
        stops = [Stop(order, start) for order, start in zip(orders, route.starts, strict=True)]
        yield from timing(self.problem, volunteer, stretch, route.leave, stops, route.back)
        yield from self.prices(route, volunteer, stretch, orders, proposals)

    def prices(
        self,
        route: Route,
        volunteer: VolunteerSpec,
        stretch: Stretch,
        orders: Sequence[OrderSpec],
        proposals: Sequence[Proposal | None],
    ) -> Iterator[str]:
        """Distances, seconds and points of every leg, and the route's own sums."""
        weights, place = self.plan.weights, stretch.origin
        travelled = minutes = points = 0
        for order, one in zip(orders, proposals, strict=True):
            spot = (order.lat, order.lon)
            metres = metres_between(*place, *spot)
            seconds = seconds_for(metres, volunteer.mode)
            terms = self.terms(order, volunteer)
            terms["travel"] = _travel(travelled + seconds, weights) - _travel(travelled, weights)
            later = minutes + order.duration // 60
            terms["fairness"] = _tired(volunteer, later, weights) - _tired(volunteer, minutes, weights)
            if one is not None:
                yield from (f"order {order.id} {what}" for what in _leg(one, order, metres, seconds, terms))
            travelled, minutes, points = travelled + seconds, later, points + sum(terms.values())
            place = spot
        total = travelled + way(volunteer, place, stretch.goal)
        if route.travel_s != total:
            yield f"says {route.travel_s} s of travel, but it is {total} s"
        points += _travel(total, weights) - _travel(travelled, weights)
        if route.cost != points:
            yield f"costs {route.cost}, but it should be {points}"

    def terms(self, order: OrderSpec, volunteer: VolunteerSpec) -> dict[str, int]:
        """The documented points of every term that does not depend on the rest of the route."""
        weights = self.plan.weights
        speaks = not order.languages or order.languages & volunteer.languages
        known = order.preferred & self.volunteers.keys()
        asked = order.offered & self.volunteers.keys()
        return {
            "travel": 0,
            "fairness": 0,
            "language": 0 if speaks else weights["language"],
            "continuity": 0 if not known or volunteer.id in known else weights["continuity"],
            "answer": math.floor((1.0 - volunteer.answer_chance) * weights["answer"]),
            "stability": 0 if not asked or volunteer.id in asked else weights["stability"],
        }

    def limits(self, volunteer: VolunteerSpec) -> Iterator[str]:
        """Orders a local day and minutes a local week, accepted work counted."""
        offset = self.problem.utc_offset
        work = [(one.start, one.end) for one in volunteer.commitments]
        new = [(one.start, one.end) for one in self.plan.proposals if one.volunteer == volunteer.id]
        days = Counter((start + offset) // DAY for start, _ in work + new)
        weeks: Counter[int] = Counter()
        for start, end in work + new:
            weeks[monday_before(start, offset)] += end - start
        for day in {(start + offset) // DAY for start, _ in new}:
            if volunteer.daily_limit is not None and days[day] > volunteer.daily_limit:
                yield f"{days[day]} orders on one day, more than {volunteer.daily_limit}"
        for monday in {monday_before(start, offset) for start, _ in new}:
            limit = volunteer.weekly_limit_minutes
            if limit is not None and weeks[monday] > limit * 60:
                yield f"{weeks[monday]} s in one week, more than {limit} minutes"

    def unplaced(self, one: Unplaced, order: OrderSpec) -> Iterator[str]:
        """The counted reasons, recounted over everybody; and who took the eligible ones."""
        broken = {v.id: self.broken(order, v) for v in self.problem.volunteers}
        eligible = [volunteer for volunteer, rule in broken.items() if rule is None]
        takers = set().union(*(self.serves[volunteer] for volunteer in eligible if volunteer in self.serves))
        yield from miscounted(one, order, broken, takers)

    def broken(self, order: OrderSpec, volunteer: VolunteerSpec) -> str | None:
        """The first rule the pair breaks; `availability` also stands for free hours too short for both ways."""
        rule, _ = first_broken(self.problem, order, volunteer)
        if rule is None and not alone(self.problem, order, volunteer):
            return "availability"
        return rule

    def objective(self) -> Iterator[str]:
        """Open priority × its weight + the routes' costs; and what is said about the best possible."""
        plan, weight = self.plan, self.plan.weights["unfilled"]
        cost = sum(route.cost for route in plan.routes)
        left = sum(one.open_positions * self.orders[one.order].priority for one in plan.unplaced)
        if plan.objective != left * weight + cost:
            yield f"objective {plan.objective} should be {left} × {weight} + {cost}"
        if plan.certificate != "none" and plan.bound is None:
            yield f"is called {plan.certificate} without a bound"
        if plan.bound is None:
            return
        if plan.bound > plan.objective:
            yield f"bound {plan.bound} is above the objective {plan.objective}"
        if (plan.certificate == "optimal") != (plan.bound == plan.objective):
            yield f"is called {plan.certificate} at bound {plan.bound} and objective {plan.objective}"
        worst = sum(order.positions * order.priority for order in self.problem.orders) * weight
        gap = (plan.objective - plan.bound) / (worst - plan.bound) if worst > plan.bound else 0.0
        if plan.gap is None or not math.isclose(plan.gap, gap, abs_tol=1e-9):
            yield f"says a gap of {plan.gap}, but it is {gap}"


def _leg(one: Proposal, order: OrderSpec, metres: int, seconds: int, terms: dict[str, int]) -> Iterator[str]:
    if one.end - one.start != order.duration:
        yield f"lasts {one.end - one.start} s, but asks for {order.duration} s"
    if one.distance_m != metres:
        yield f"is said to be {one.distance_m} m away, but it is {metres} m"
    if one.travel_s != seconds:
        yield f"is said to be {one.travel_s} s away, but it is {seconds} s"
    if one.terms != terms or one.cost != sum(terms.values()):
        yield f"costs {one.cost} by {one.terms}, but it should be {terms}"


def _travel(seconds: int, weights: dict[str, int]) -> int:
    return seconds * weights["travel_per_minute"] // 60


def _tired(volunteer: VolunteerSpec, minutes: int, weights: dict[str, int]) -> int:
    """Points of so many minutes more on top of what somebody has done lately."""
    load = min(round(volunteer.load), 60_000)
    return ((load + minutes) ** 2 - load**2) * weights["fairness"] // 3600
