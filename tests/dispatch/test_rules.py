"""Every hard rule refuses in its own test, and lets pass what is only just allowed."""

from typing import Any

import pytest

from dispatch import RULE_NAMES, Commitment, judge, solve, violations
from tests.dispatch.makers import HOUR, LAT, LON, NOW, at, order, problem, volunteer, work

NORTH_1KM = LAT + 1000 / 111_195.1


def refusal(need: Any, person: Any, now: int = NOW) -> str | None:
    """The rule at which the volunteer is lost, or None when the plan asks them; checked by the checker as well."""
    city = problem([need], [person], now)
    plan = solve(city)
    assert violations(city, plan) == []
    if plan.proposals:
        return None
    return next(rule for rule, count in plan.unplaced[0].lost.items() if count)


def start_of(need: Any, person: Any, now: int = NOW) -> int:
    city = problem([need], [person], now)
    plan = solve(city)
    assert violations(city, plan) == []
    return plan.proposals[0].start


def test_a_volunteer_who_fits_is_asked() -> None:
    assert refusal(order(), volunteer()) is None


def test_somebody_taking_a_break_is_not_asked() -> None:
    assert refusal(order(), volunteer(active=False)) == "active"


def test_every_skill_asked_for_is_needed() -> None:
    need = order(skills={"first aid", "lifting"})
    assert refusal(need, volunteer(skills={"first aid"})) == "skills"
    assert refusal(need, volunteer(skills={"first aid", "lifting", "law"})) is None


def test_a_credential_must_hold_until_the_service_ends() -> None:
    need = order(credentials={"nurse"})
    assert refusal(need, volunteer()) == "credentials"
    assert refusal(need, volunteer(credentials=[("nurse", at(11) - 1)])) == "credentials"
    assert refusal(need, volunteer(credentials=[("nurse", at(11))])) is None
    assert refusal(need, volunteer(credentials=[("nurse", None)])) is None


def test_a_credential_that_ends_first_leaves_only_earlier_starts() -> None:
    free_later = volunteer(credentials=[("nurse", at(11.5))], availability=[(at(10.75), at(20))])
    assert refusal(order(credentials={"nurse"}), free_later) == "availability"


def test_a_minimum_age_refuses_the_young_and_the_unknown() -> None:
    need = order(minimum_age=18)
    assert refusal(need, volunteer(age=17)) == "minimum_age"
    assert refusal(need, volunteer(age=None)) == "minimum_age"
    assert refusal(need, volunteer(age=18)) is None


def test_a_wish_for_a_sex_is_hard() -> None:
    need = order(sex="female")
    assert refusal(need, volunteer(sex="male")) == "sex"
    assert refusal(need, volunteer(sex=None)) == "sex"
    assert refusal(need, volunteer(sex="female")) is None


def test_an_order_for_now_needs_somebody_on_duty() -> None:
    assert refusal(order(now=True), volunteer(on_duty=False)) == "on_duty"
    assert refusal(order(now=True), volunteer(on_duty=True)) is None


def test_nobody_is_asked_beyond_their_own_radius() -> None:
    assert refusal(order(lat=NORTH_1KM), volunteer(radius_m=990)) == "radius"
    assert refusal(order(lat=NORTH_1KM), volunteer(radius_m=1010)) is None


def test_who_cannot_get_there_before_the_latest_start_is_not_asked() -> None:
    need = order(lat=NORTH_1KM, window_start=NOW, window_end=NOW + HOUR + 13 * 60)
    assert refusal(need, volunteer()) == "reach"
    assert start_of(need, volunteer(mode="ebike")) == NOW + 343  # two minutes to unlock, then 1 km at 4.5 m/s


def test_somebody_at_work_sets_out_from_there_and_not_from_home() -> None:
    need = order(lat=NORTH_1KM, window_start=NOW, window_end=NOW + HOUR + 13 * 60)
    next_door = Commitment(NOW - HOUR, NOW + 60, NORTH_1KM, LON)
    assert start_of(need, volunteer(commitments=[next_door])) == NOW + 60


def test_an_order_whose_window_has_passed_reaches_nobody() -> None:
    assert refusal(order(), volunteer(), now=at(11) + 1) == "reach"


def test_free_hours_must_cover_the_whole_service() -> None:
    assert refusal(order(), volunteer(availability=[])) == "availability"
    assert refusal(order(), volunteer(availability=[(at(9), at(10.9))])) == "availability"
    assert refusal(order(), volunteer(availability=[(at(11.25), at(20))])) == "availability"
    assert refusal(order(), volunteer(availability=[(at(9), at(11))])) is None


def test_the_start_waits_for_free_hours() -> None:
    hours = [(at(9), at(10.5)), (at(10.75), at(13))]
    assert start_of(order(), volunteer(availability=hours)) == at(10.75)


def test_free_hours_that_touch_are_one_and_may_run_over_midnight() -> None:
    need = order(window_start=at(23.5), window_end=at(24.5))
    assert refusal(need, volunteer(availability=[(at(20), at(24)), (at(0, 1), at(2, 1))])) is None
    assert refusal(need, volunteer(availability=[(at(20), at(24)), (at(0, 1) + 1, at(2, 1))])) == "availability"


def test_accepted_work_is_never_overlapped() -> None:
    assert refusal(order(), volunteer(commitments=[work(10.5, 11.5)])) == "overlap"


def test_back_to_back_in_the_same_place_is_no_conflict() -> None:
    need = order(window_end=at(11))
    assert start_of(need, volunteer(commitments=[work(9, 10), work(11, 12)])) == at(10)


def test_the_way_from_accepted_work_takes_its_time() -> None:
    far = work(9, 10, lat=NORTH_1KM)
    assert refusal(order(window_end=at(11)), volunteer(commitments=[far])) == "overlap"
    assert start_of(order(), volunteer(commitments=[far])) == at(10) + 834  # 1,000 m at 1.2 m/s


def test_the_way_to_accepted_work_takes_its_time() -> None:
    assert refusal(order(), volunteer(commitments=[work(11.2, 12, lat=NORTH_1KM)])) == "overlap"
    assert refusal(order(), volunteer(commitments=[work(11.25, 12, lat=NORTH_1KM)])) is None


def test_a_start_pushed_by_work_still_needs_free_hours() -> None:
    person = volunteer(commitments=[work(9, 10.5)], availability=[(at(8), at(11.4)), (at(11.5), at(20))])
    assert refusal(order(), person) == "overlap"


def test_the_daily_limit_counts_accepted_orders_of_the_local_day() -> None:
    person = volunteer(commitments=[work(14, 15)], daily_limit=1)
    assert refusal(order(), person) == "daily_limit"
    assert refusal(order(), volunteer(commitments=[work(14, 15, day=1)], daily_limit=1)) is None
    assert refusal(order(), volunteer(daily_limit=0)) == "daily_limit"


def test_a_full_day_moves_the_start_to_the_next_when_the_window_allows() -> None:
    person = volunteer(commitments=[work(14, 15)], daily_limit=1, availability=[(at(0), at(48))])
    assert start_of(order(window_end=at(6, 1)), person) == at(0, 1)


def test_a_start_moved_to_the_next_day_still_waits_for_free_hours_and_other_work() -> None:
    hours = [(at(8), at(20)), (at(3, 1), at(12, 1))]
    busy = volunteer(commitments=[work(14, 15), work(3, 4, day=1)], daily_limit=None, availability=hours)
    need = order(window_start=at(19.5), window_end=at(12, 1))
    assert start_of(need, busy) == at(4, 1)
    once = volunteer(commitments=[work(14, 15)], daily_limit=1, availability=hours)
    assert start_of(need, once) == at(3, 1)
    assert start_of(order(window_end=at(12, 1)), once) == at(3, 1)


def test_the_weekly_limit_counts_minutes_from_monday_to_sunday() -> None:
    sunday = work(14, 15, day=6)
    assert refusal(order(), volunteer(commitments=[sunday], weekly_limit_minutes=119)) == "weekly_limit"
    assert refusal(order(), volunteer(commitments=[sunday], weekly_limit_minutes=120)) is None
    assert refusal(order(), volunteer(commitments=[work(14, 15, day=7)], weekly_limit_minutes=60)) is None
    assert refusal(order(), volunteer(weekly_limit_minutes=59)) == "weekly_limit"


@pytest.mark.parametrize("why", ["declined", "blocked", "already_offered"])
def test_a_banned_pair_is_never_asked_again(why: str) -> None:
    need = order(excluded={"v1": why})
    assert refusal(need, volunteer()) == "banned"
    assert solve(problem([need])).unplaced[0].bans == {why: 1}
    assert refusal(need, volunteer("v2")) is None


def test_a_ban_is_counted_only_where_nothing_else_speaks_against_the_pair() -> None:
    assert refusal(order(excluded={"v1": "declined"}), volunteer(active=False)) == "active"


BREAKS_EVERYTHING = volunteer(
    active=False, radius_m=10, age=12, sex="male", availability=[], commitments=[work(9, 13)],
    daily_limit=1, weekly_limit_minutes=100, lat=NORTH_1KM,
)  # fmt: skip


def test_judge_names_every_conflict_of_a_pair_chosen_by_hand() -> None:
    need = order(
        skills={"law"}, credentials={"lawyer"}, minimum_age=18, sex="female", now=True, excluded={"v1": "declined"}
    )
    conflicts = judge(problem([need], [BREAKS_EVERYTHING]), "o1", "v1")
    assert [one.rule for one in conflicts] == [name for name in RULE_NAMES if name != "reach"]
    assert conflicts[-1].why == "declined"


def test_judge_finds_nothing_where_nothing_speaks_against_a_pair() -> None:
    assert judge(problem(), "o1", "v1") == []


def test_judge_names_the_rule_that_breaks_only_together_with_others() -> None:
    person = volunteer(commitments=[work(9, 10.5)], availability=[(at(8), at(11.4)), (at(11.5), at(20))])
    assert [one.rule for one in judge(problem([order()], [person]), "o1", "v1")] == ["overlap"]
