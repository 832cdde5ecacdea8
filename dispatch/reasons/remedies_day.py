"""What would fill an open order of a day plan: shown if the order then fits into somebody's day as it is planned.

Everybody keeps their orders, and those of several people their time; the proof is the timetable, against which
checking/routes.py has nothing. Where the plan is the best one, every best plan of the changed problem serves the
order. Only orders of one person are looked at, and only stretches without rests.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise

from dispatch.checking.routes import Stop, Stretch, stretches, timing, way
from dispatch.checking.rules import DAY, first_broken, metres_between, monday_before
from dispatch.costs import LONGEST_LOAD, Weights
from dispatch.plan import Plan, Route
from dispatch.problem import OrderSpec, Problem, VolunteerSpec
from dispatch.reasons.outcome import standing_terms
from dispatch.reasons.remedy import DROPPABLE, FARTHER_M, LATER_S, MOST_SHOWN, Remedy, changed, newcomers, wider


def remedies(problem: Problem, plan: Plan, order_id: str, weights: Weights) -> tuple[Remedy, ...]:
    """The least change for the resident first, then the least cost. Raises KeyError for an unknown order."""
    day = Day(problem, plan, weights)
    order = day.orders[order_id]
    if order.positions > 1 or all(one.order != order_id for one in plan.unplaced):
        return ()
    tried = chain(_drop(day, order), _radius(day, order), _later(day, order), _newcomer(day, order))
    return tuple(sorted(tried, key=lambda one: one.burden))


def _drop(day: "Day", order: OrderSpec) -> Iterator[Remedy]:
    for what in DROPPABLE:
        if getattr(order, what) not in (None, False):
            yield from day.served(Remedy(order.id, "drop", 0, what=(what,)))


def _later(day: "Day", order: OrderSpec) -> Iterator[Remedy]:
    tried = (list(day.served(Remedy(order.id, "later", seconds))) for seconds in LATER_S)
    yield from next(filter(None, tried), [])


def _radius(day: "Day", order: OrderSpec) -> Iterator[Remedy]:
    """Volunteers refused by their own radius alone, those who lack least of it first."""
    lacking = [
        (metres_between(order.lat, order.lon, one.lat, one.lon) - one.radius_m, one.id)
        for one in day.problem.volunteers
        if first_broken(day.problem, order, one)[0] == "radius"
    ]
    found = 0
    for metres, who in sorted(lacking):
        step = next((one for one in FARTHER_M if metres <= one), None)
        if step is None or found == MOST_SHOWN:
            return
        person = wider(day.people[who], step)
        points = day.cheapest(order, person)
        if points is not None:
            found += 1
            yield Remedy(order.id, "radius", step, (who,), cost=points, helpers=(who,))


def _newcomer(day: "Day", order: OrderSpec) -> Iterator[Remedy]:
    (person,) = newcomers(day.problem, order, 1)
    points = day.cheapest(order, person)
    if points is not None:
        what = (*sorted(order.skills), *sorted(order.credentials))
        yield Remedy(order.id, "newcomer", 1, what=what, cost=points, helpers=(person.id,))


class Day:
    """A day plan, and whoever's day may take one more order."""

    def __init__(self, problem: Problem, plan: Plan, weights: Weights) -> None:
        self.problem, self.plan, self.weights = problem, plan, weights
        self.orders = {one.id: one for one in problem.orders}
        self.people = {one.id: one for one in problem.volunteers}
        self.starts = {(one.volunteer, one.order): one.start for one in plan.proposals}

    def served(self, remedy: Remedy) -> Iterator[Remedy]:
        """The remedy with its cost and helper, if somebody's day takes the changed order."""
        (order,) = changed(self.orders[remedy.order], remedy)
        fits = ((self.cheapest(order, one), one.id) for one in self.problem.volunteers)
        best = min(((points, who) for points, who in fits if points is not None), default=None)
        if best is not None:
            yield replace(remedy, cost=best[0], helpers=(best[1],))

    def cheapest(self, order: OrderSpec, person: VolunteerSpec) -> int | None:
        """Points of the cheapest place in a volunteer's day, None where there is none or a rule refuses them."""
        if first_broken(self.problem, order, person)[0] is not None:
            return None
        found = (self._places(order, person, stretch) for stretch in stretches(self.problem, person))
        return min(chain.from_iterable(found), default=None)

    def _places(self, order: OrderSpec, person: VolunteerSpec, stretch: Stretch) -> Iterator[int]:
        """What every place in one stretch costs more that the timetable and the limits allow."""
        route = self._route(person, stretch)
        now = [] if route is None else [self.orders[one] for one in route.orders]
        if stretch.rests or len(now) >= self.problem.most_stops:
            return
        for at in range(len(now) + 1):
            stops = self._timetable(person, stretch, [*now[:at], order, *now[at:]])
            if stops is None:
                continue
            leave = stops[0].start - way(person, stretch.origin, stops[0].place)
            back = stops[-1].end + way(person, stops[-1].place, stretch.goal)
            if not any(timing(self.problem, person, stretch, leave, stops, back)) and self._limits_allow(person, stops):
                yield self._points(order, person, stretch, route, stops)

    def _route(self, person: VolunteerSpec, stretch: Stretch) -> Route | None:
        mine = (one for one in self.plan.routes if one.volunteer == person.id)
        return next((one for one in mine if stretch.begin <= one.leave and one.back <= stretch.end), None)

    def _timetable(self, person: VolunteerSpec, stretch: Stretch, orders: list[OrderSpec]) -> list[Stop] | None:
        """Each as soon as possible; where several meet, when they meet now. None where somebody would be late."""
        stops: list[Stop] = []
        place, moment = stretch.origin, stretch.begin
        for order in orders:
            soon = max(moment + way(person, place, (order.lat, order.lon)), order.window_start)
            start = soon if order.positions == 1 else self.starts[person.id, order.id]
            if soon > start or start + order.duration > order.window_end:
                return None
            stops.append(Stop(order, start))
            place, moment = stops[-1].place, stops[-1].end
        return stops

    def _limits_allow(self, person: VolunteerSpec, stops: list[Stop]) -> bool:
        offset, here = self.problem.utc_offset, {stop.order.id for stop in stops}
        spans = [(one.start, one.end) for one in person.commitments] + [(stop.start, stop.end) for stop in stops]
        for one in self.plan.proposals:
            if one.volunteer == person.id and one.order not in here:
                spans.append((one.start, one.end))
        days = [(start + offset) // DAY for start, _ in spans]
        if person.daily_limit is not None and any(days.count(day) > person.daily_limit for day in set(days)):
            return False
        if person.weekly_limit_minutes is None:
            return True
        weeks: dict[int, int] = {}
        for start, end in spans:
            monday = monday_before(start, offset)
            weeks[monday] = weeks.get(monday, 0) + end - start
        return max(weeks.values(), default=0) <= person.weekly_limit_minutes * 60

    def _points(
        self, order: OrderSpec, person: VolunteerSpec, stretch: Stretch, route: Route | None, stops: list[Stop]
    ) -> int:
        """What the route costs more than now."""
        places = [stretch.origin, *(stop.place for stop in stops), stretch.goal]
        seconds = sum(way(person, here, there) for here, there in pairwise(places))
        minutes = sum(stop.order.duration // 60 for stop in stops)
        before = 0 if route is None else route.travel_s
        more = self._travel(seconds) - self._travel(before)
        more += self._tired(person, minutes) - self._tired(person, minutes - order.duration // 60)
        return more + sum(standing_terms(self.people, order, person, self.weights).values())

    def _travel(self, seconds: int) -> int:
        return seconds * self.weights.travel_per_minute // 60

    def _tired(self, person: VolunteerSpec, minutes: int) -> int:
        load = min(round(person.load), LONGEST_LOAD)
        return (2 * load + minutes) * minutes * self.weights.fairness // 3600
