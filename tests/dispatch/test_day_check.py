"""The checker of day plans finds every kind of fault that is put into a sound plan."""

from dataclasses import replace
from typing import Any

import pytest

from dispatch import Plan, Problem, Proposal, Unplaced, Weights, violations
from dispatch.day.shifts import Shifts
from dispatch.day.start import first_plan
from dispatch.plan import Route
from tests.dispatch.day_makers import order_ranks, planned, shift_ranks
from tests.dispatch.makers import LAT, STEP, at, order, problem, volunteer, work

HOURS = ((at(8), at(18)),)


@pytest.fixture
def city() -> Problem:
    """v1 serves a and then b, v2 and v3 meet at m; nobody can do x, and v4 has no time for anything."""
    needs = [
        order("a", skills={"talk"}, window_start=at(9), window_end=at(10)),
        order("b", skills={"talk"}, window_start=at(11), window_end=at(13), lat=LAT + STEP),
        order("m", positions=2, skills={"lift"}, window_start=at(14), window_end=at(16)),
        order("x", skills={"flying"}, excluded={"v5": "blocked"}),
    ]
    people = [
        volunteer("v1", availability=HOURS, skills={"talk"}, daily_limit=2),
        volunteer("v2", availability=HOURS, skills={"lift"}, sex="male", rests=((at(12), at(13), 1800),)),
        volunteer("v3", availability=HOURS, skills={"lift"}, commitments=[work(8, 13)], weekly_limit_minutes=600),
        volunteer("v4", availability=((at(8), at(8.5)),), skills={"flying"}),
        volunteer("v5", availability=HOURS, skills={"flying"}),
    ]
    return problem(needs, people)


@pytest.fixture
def plan(city: Problem) -> Plan:
    weights = Weights()
    day = Shifts.of(city, weights)
    found = planned(city, day, first_plan(day, order_ranks(city), shift_ranks(city, day)), weights, bound=0)
    assert violations(city, found) == []
    assert {one.volunteer: one.orders for one in found.routes} == {"v1": ("a", "b"), "v2": ("m",), "v3": ("m",)}
    return found


def says(city: Problem, plan: Plan, what: str) -> bool:
    return any(what in one for one in violations(city, plan))


def with_route(plan: Plan, **changes: Any) -> Plan:
    """The first route (a, then b) changed, its proposals' starts with it."""
    route = replace(plan.routes[0], **changes)
    starts = dict(zip(route.orders, route.starts, strict=False))
    moved = tuple(
        replace(one, start=starts[one.order], end=starts[one.order] + one.end - one.start)
        if one.volunteer == route.volunteer and one.order in starts
        else one
        for one in plan.proposals
    )
    return replace(plan, routes=(route, *plan.routes[1:]), proposals=moved)


def with_proposal(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, proposals=(replace(plan.proposals[0], **changes), *plan.proposals[1:]))


def with_unplaced(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, unplaced=(replace(plan.unplaced[0], **changes),))


ROUTE_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("sets out before the free hours", {"leave": at(7)}, "but is free from"),
    ("begins before the window", {"starts": (at(8.5), at(11))}, "is possible"),
    ("is late for a window", {"starts": (at(9), at(12.5))}, "the window closes"),
    ("waits for nothing", {"starts": (at(9), at(11.5))}, "but it should be"),
    ("flies from order to order", {"starts": (at(9), at(10) + 60)}, "is possible"),
    ("flies home", {"back": at(12)}, "is back at"),
    ("comes home after the free hours", {"back": at(19)}, "but must be by"),
    ("travels too little", {"travel_s": 7}, "says 7 s of travel"),
    ("hides a cost", {"cost": 7}, "costs 7, but it should be"),
    ("serves nobody", {"orders": (), "starts": ()}, "has 0 orders"),
    ("forgets a start", {"starts": (at(9),)}, "2 orders and 1 starts"),
    ("leaves an order out", {"orders": ("a",), "starts": (at(9),)}, "routes and proposals differ"),
    ("belongs to a stranger", {"volunteer": "v9"}, "volunteer v9 is not in the problem"),
    ("goes to a stranger", {"orders": ("a", "z")}, "order z is not in the problem"),
    ("asks somebody without the skill", {"orders": ("a", "x")}, "breaks the rule skills"),
]


@pytest.mark.parametrize(("fault", "changes", "what"), ROUTE_FAULTS, ids=[fault for fault, *_ in ROUTE_FAULTS])
def test_a_route_is_refused_that(city: Problem, plan: Plan, fault: str, changes: dict[str, Any], what: str) -> None:
    assert says(city, with_route(plan, **changes), what)


PROPOSAL_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("is of another volunteer", {"volunteer": "v5"}, "routes and proposals differ"),
    ("begins at another time", {"start": at(9.5), "end": at(10.5)}, "routes and proposals differ"),
    ("is cut short", {"end": at(9.5)}, "but asks for"),
    ("shortens the way", {"distance_m": 7}, "is said to be 7 m away"),
    ("hurries", {"travel_s": 7}, "is said to be 7 s away"),
    ("hides a cost", {"cost": 7}, "costs 7 by"),
    ("invents a term", {"terms": {"luck": 0}}, "but it should be"),
]


@pytest.mark.parametrize(("fault", "changes", "what"), PROPOSAL_FAULTS, ids=[fault for fault, *_ in PROPOSAL_FAULTS])
def test_a_proposal_is_refused_that(city: Problem, plan: Plan, fault: str, changes: dict[str, Any], what: str) -> None:
    assert says(city, with_proposal(plan, **changes), what)


UNPLACED_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("counts losses wrongly", {"lost": {"skills": 5}}, "counts {'skills': 5}"),
    ("counts the eligible wrongly", {"eligible": 2}, "says 2 eligible"),
    ("hides a ban", {"bans": {}}, "counts bans {}"),
    ("blames others", {"taken_by": ("a",)}, "says taken by ['a']"),
    ("tells another story", {"verdict": "taken_by_others"}, "says taken_by_others"),
    ("leaves a position out", {"open_positions": 0}, "0 filled and 0 open of 1"),
]


@pytest.mark.parametrize(("fault", "changes", "what"), UNPLACED_FAULTS, ids=[fault for fault, *_ in UNPLACED_FAULTS])
def test_an_open_order_is_refused_that(
    city: Problem, plan: Plan, fault: str, changes: dict[str, Any], what: str
) -> None:
    assert says(city, with_unplaced(plan, **changes), what)


PLAN_FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("miscounts its objective", {"objective": 1}, "objective 1 should be"),
    ("has a bound above itself", {"bound": 1 << 40}, "is above the objective"),
    ("claims to be optimal", {"certificate": "optimal"}, "is called optimal at bound"),
    ("claims a proof without a bound", {"bound": None}, "without a bound"),
    ("embellishes its gap", {"gap": 0.0}, "says a gap of 0.0"),
]


@pytest.mark.parametrize(("fault", "changes", "what"), PLAN_FAULTS, ids=[fault for fault, *_ in PLAN_FAULTS])
def test_a_plan_is_refused_that(city: Problem, plan: Plan, fault: str, changes: dict[str, Any], what: str) -> None:
    assert says(city, replace(plan, **changes), what)


def test_half_a_meeting_is_refused(city: Problem, plan: Plan) -> None:
    alone = replace(
        plan,
        routes=plan.routes[:2],
        proposals=tuple(one for one in plan.proposals if one.volunteer != "v3"),
        unplaced=(Unplaced("m", 1, {}, {}, 0, "nobody_eligible", ()), *plan.unplaced),
    )
    assert says(city, alone, "order m: 1 filled and 1 open of 2 positions")


def later(plan: Plan, volunteer: str, seconds: int) -> Plan:
    """One volunteer's only service so much later."""

    def moved(route: Route) -> Route:
        hours = {"leave": route.leave + seconds, "back": route.back + seconds}
        return replace(route, starts=(route.starts[0] + seconds,), **hours)

    def told(one: Proposal) -> Proposal:
        return replace(one, start=one.start + seconds, end=one.end + seconds)

    return replace(
        plan,
        routes=tuple(moved(one) if one.volunteer == volunteer else one for one in plan.routes),
        proposals=tuple(told(one) if one.volunteer == volunteer else one for one in plan.proposals),
    )


def test_a_meeting_at_two_moments_is_refused(city: Problem, plan: Plan) -> None:
    assert says(city, later(plan, "v3", 900), "its people begin at different times")


def test_a_meeting_off_the_grid_is_refused(city: Problem, plan: Plan) -> None:
    assert says(city, later(later(plan, "v2", 60), "v3", 60), "no whole number of steps")


def test_a_later_meeting_on_the_grid_is_sound(city: Problem, plan: Plan) -> None:
    assert violations(city, later(later(plan, "v2", 1800), "v3", 1800)) == []


CITY_CHANGES: list[tuple[str, str, dict[str, Any], str]] = [
    ("limit a day", "v1", {"daily_limit": 1}, "2 orders on one day, more than 1"),
    ("limit a week", "v3", {"weekly_limit_minutes": 330}, "in one week, more than 330 minutes"),
    ("radius", "v1", {"radius_m": 100}, "order b breaks the rule radius"),
    ("skills", "v2", {"skills": ()}, "order m breaks the rule skills"),
    ("free hours", "v1", {"availability": ((at(8), at(12)),)}, "but must be by"),
    ("accepted work", "v1", {"commitments": (work(12, 13),), "daily_limit": None}, "is back at"),
    ("rest", "v2", {"rests": ((at(14), at(14.25), 600),)}, "leaves no pause of 600 s"),
    ("taking part", "v1", {"active": False}, "order a breaks the rule active"),
]


@pytest.mark.parametrize(("rule", "who", "changes", "what"), CITY_CHANGES, ids=[rule for rule, *_ in CITY_CHANGES])
def test_a_plan_is_refused_that_ignores_somebodys(
    city: Problem, plan: Plan, rule: str, who: str, changes: dict[str, Any], what: str
) -> None:
    people = tuple(replace(one, **changes) if one.id == who else one for one in city.volunteers)
    assert says(replace(city, volunteers=people), plan, what)


ORDER_CHANGES: list[tuple[str, str, dict[str, Any], str]] = [
    ("credential", "a", {"credentials": {"licence"}}, "a credential for a ends before"),
    ("ban", "a", {"excluded": {"v1": "declined"}}, "order a breaks the rule banned"),
    ("age", "a", {"minimum_age": 18}, "order a breaks the rule minimum_age"),
    ("sex", "m", {"sex": "male"}, "order m breaks the rule sex"),
    ("urgency", "a", {"now": True}, "order a breaks the rule on_duty"),
]


@pytest.mark.parametrize(("rule", "which", "changes", "what"), ORDER_CHANGES, ids=[rule for rule, *_ in ORDER_CHANGES])
def test_a_plan_is_refused_that_ignores_an_orders(
    city: Problem, plan: Plan, rule: str, which: str, changes: dict[str, Any], what: str
) -> None:
    needs = tuple(replace(one, **changes) if one.id == which else one for one in city.orders)
    assert says(replace(city, orders=needs), plan, what)


def test_more_stops_than_anybody_may_have_are_refused(city: Problem, plan: Plan) -> None:
    assert says(replace(city, most_stops=1), plan, "has 2 orders, more than 1")


def test_two_routes_in_one_stretch_of_free_hours_are_refused(city: Problem, plan: Plan) -> None:
    first = plan.routes[0]
    halves = (
        replace(first, orders=("a",), starts=first.starts[:1]),
        replace(first, orders=("b",), starts=first.starts[1:]),
    )
    assert says(city, replace(plan, routes=(*halves, *plan.routes[1:])), "has 2 routes between")
