"""The simulator: the same seed plays the same weeks, no policy sees what is hidden, all have the same luck."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise

import pytest

from dispatch.offering import Answer, Rules
from dispatch.offering.budget import day_start, is_quiet, week_start
from dispatch.simulate.city import world
from dispatch.simulate.compare import lineup, one_seed, over_seeds
from dispatch.simulate.figures import Figures, FiguresError, figures
from dispatch.simulate.measures import differences, estimate
from dispatch.simulate.ours import Ours
from dispatch.simulate.play import Play, Policy
from dispatch.simulate.policies import Broadcast, Exact, Nearest
from dispatch.simulate.truth import Truth
from dispatch.simulate.whatif import Weeks, WhatIfError, answer_limit, more_volunteers, what_if, world_of
from dispatch.simulate.world import Placed, World

SMALL = figures().but(
    town_volunteers=60, town_orders_per_week=40, town_warm_up_weeks=1, town_weeks=1, town_streets=3,
    town_half_width_m=2000.0,
)  # fmt: skip
POLICIES: list[Policy] = [Nearest(1, 15), Nearest(5, 15, True), Broadcast(99.0), Exact(15), Ours()]


@pytest.fixture(scope="module")
def town() -> World:
    return world(SMALL, 7)


def played(town: World, policy: Policy) -> Play:
    play = Play(town, Truth(town), deepcopy(policy))
    play.run()
    return play


def test_the_same_seed_plays_the_same_weeks_and_another_does_not(town: World) -> None:
    assert one_seed(SMALL, POLICIES, 7) == one_seed(SMALL, POLICIES, 7)
    assert [need.placed for need in town.needs] != [need.placed for need in world(SMALL, 8).needs]


def test_the_luck_of_a_pair_does_not_know_the_policy(town: World) -> None:
    truth = Truth(town)
    before = deepcopy(truth.luck)
    for policy in POLICIES:
        Play(town, truth, deepcopy(policy)).run()
    assert truth.luck == before


def reachable(thing: object, seen: set[int], depth: int = 0) -> Iterator[object]:
    if id(thing) in seen or depth > 8:
        return
    seen.add(id(thing))
    yield thing
    if isinstance(thing, dict):
        inside: list[object] = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset):
        inside = list(thing)[:50]
    else:
        slots = [getattr(thing, name, None) for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        inside = [*slots, *getattr(thing, "__dict__", {}).values()]
    for one in inside:
        yield from reachable(one, seen, depth + 1)


def test_nothing_hidden_can_be_reached_from_what_a_policy_is_handed(town: World) -> None:
    play = played(town, Ours())
    kinds = {type(one).__name__ for one in reachable((play.office, play.policy), set())}
    assert "Office" in kinds
    assert not kinds & {"Truth", "Luck", "Play", "Record"}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.name)
def test_nobody_is_in_two_places_and_no_order_holds_too_many(town: World, policy: Policy) -> None:
    play = played(town, policy)
    for row in play.office.work:
        spans = sorted((begin, end) for begin, end, _ in row)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert play.record.served + play.record.no_shows + play.record.open_forever == play.record.positions
    assert not play.office.open


def test_ours_keeps_the_budgets_and_everybody_the_quiet_hours(town: World) -> None:
    rules = Rules()
    urgent = {need.id for need in town.needs if need.urgency == "urgent"}
    for policy in POLICIES:
        for history in played(town, policy).office.alerts:
            assert not any(is_quiet(one.at, rules.quiet) and one.order not in urgent for one in history)
            if isinstance(policy, Ours):
                days, weeks = [day_start(one.at) for one in history], [week_start(one.at) for one in history]
                assert all(days.count(day) <= rules.daily_on_duty for day in days)
                assert all(weeks.count(week) <= rules.weekly for week in weeks)
                told = [one.order for one in history if one.answer is not Answer.WITHDRAWN]
                assert len(told) == len(set(told))


def test_one_by_one_asks_one_and_broadcast_everybody(town: World) -> None:
    one, all_at_once = played(town, Nearest(1, 15)), played(town, Broadcast(99.0))
    assert all_at_once.record.alerts > one.record.alerts


def test_several_processes_give_the_same_as_one() -> None:
    policies = [Nearest(1, 15)]
    alone, two = (over_seeds(SMALL, policies, (1, 2), processes) for processes in (1, 2))
    assert [one.runs for one in alone] == [one.runs for one in two]


def test_every_policy_of_the_lineup_has_a_setting_and_a_name() -> None:
    known = lineup()
    assert "ours" in known
    assert all(settings and len({one.setting for one in settings}) == len(settings) for settings in known.values())


def test_a_figure_that_does_not_exist_is_refused() -> None:
    with pytest.raises(FiguresError, match="town_people"):
        SMALL.but(town_people=3)
    assert isinstance(SMALL, Figures)


def test_an_interval_is_that_of_student() -> None:
    found = estimate([1.0, 2.0, 3.0])
    assert (found.mean, round(found.half, 2)) == (2.0, 2.48)
    assert differences([{"a": 1.0}, {"a": 2.0}], [{"a": 2.0}, {"a": 3.0}])["a"].half == 0


# ---------- what if ----------


def weeks_of(town: World) -> Weeks:
    """Somebody's weeks: here those of a made-up town, as an office would describe them."""
    placed = tuple(
        Placed(need.placed, need.kind, 30.26, 120.17, need.street, need.urgency, need.start, need.duration,
               need.positions, need.latest - need.start)
        for need in town.needs
    )  # fmt: skip
    return Weeks(town.begin, town.end, town.people, placed, acceptance=0.2)


def test_many_more_people_near_by_fill_more_and_the_answer_says_how_sure_that_is(town: World) -> None:
    few = weeks_of(town)
    few = Weeks(few.begin, few.end, few.volunteers[:12], few.orders)
    found = what_if(few, more_volunteers(30, 30.26, 120.17), seeds=range(4))
    assert found.difference["fill"].mean > 0.05
    assert found.sure("fill")
    assert found.seeds == 4


def test_who_was_there_has_the_same_luck_with_newcomers_as_without(town: World) -> None:
    weeks = weeks_of(town)
    more = more_volunteers(5, 30.26, 120.17)(weeks)
    before, after = world_of(weeks, 7), world_of(more, 7)
    one, other = Truth(before), Truth(after)
    assert other.known == len(before.people) == len(after.people) - 5
    for need, alone, together in zip(after.needs, one.luck, other.luck, strict=True):
        assert {who: luck for who, luck in together.items() if who < other.known} == alone
        assert set(together) == set(need.who)


def test_no_change_makes_no_difference(town: World) -> None:
    found = what_if(weeks_of(town), lambda weeks: weeks, seeds=range(2))
    assert all(value.mean == 0 and value.half == 0 for value in found.difference.values() if value.mean == value.mean)


def test_a_change_that_means_nothing_is_refused(town: World) -> None:
    with pytest.raises(WhatIfError, match="urgency"):
        answer_limit(10, "soon")
    with pytest.raises(WhatIfError, match="no order"):
        what_if(Weeks(0, 1, town.people, ()), answer_limit(10, "urgent"), seeds=(1,))
