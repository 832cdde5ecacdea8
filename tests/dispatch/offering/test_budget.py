"""Quiet hours, budgets and "no stops the messages", over random histories: whoever is messaged was promised it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.offering import (
    Alert,
    Answer,
    Asking,
    Held,
    Rules,
    held,
    messages_since,
    next_digest,
    quiet_ends,
    strictest,
)
from dispatch.offering.budget import day_start, is_quiet, week_start
from dispatch.offering.history import DAY, WEEK
from tests.dispatch.offering.makers import MONDAY, NOON, alerts

HOUR = 3600
RULES = Rules()
tries = st.lists(
    st.tuples(st.integers(1, 5 * HOUR), st.integers(0, 12), st.sampled_from(list(Answer)), st.booleans(),
              st.sampled_from(("urgent", "normal", "planned"))),
    max_size=120,
)  # fmt: skip
rules = st.builds(
    Rules, daily=st.integers(0, 4), weekly=st.integers(0, 8), daily_on_duty=st.integers(0, 6),
    quiet=st.tuples(st.integers(0, 1439), st.integers(0, 1439)), urgent_on_duty=st.booleans(),
    digest=st.sampled_from(((), (600,), (720, 1080))),
)  # fmt: skip


@settings(max_examples=80)
@given(tries, rules)
def test_budgets_quiet_hours_and_no_hold_whatever_happens(wishes: list, promised: Rules) -> None:
    """Somebody is wished to be messaged again and again; what goes out is what held() lets through."""
    now, history, on_duty_at = MONDAY, list[Alert](), set[int]()
    for gap, order, answer, on_duty, urgency in wishes:
        now += gap
        asking = Asking(f"o{order}", urgency, 72.0, on_duty)
        if held(now, asking, history, promised) is None:
            assert not is_quiet(now, promised.quiet) or (on_duty and urgency == "urgent" and promised.urgent_on_duty)
            assert not (urgency == "planned" and promised.digest)
            assert all(one.order != asking.order or one.answer is Answer.WITHDRAWN for one in history)
            history.append(Alert(asking.order, now, answer=answer, answered=now))
            on_duty_at |= {day_start(now)} if on_duty else set()
    days = [day_start(one.at) for one in history]
    weeks = [week_start(one.at) for one in history]
    assert all(weeks.count(week) <= promised.weekly for week in weeks)
    for day in days:
        most = max(promised.daily, promised.daily_on_duty) if day in on_duty_at else promised.daily
        assert days.count(day) <= most


@given(st.integers(0, WEEK), st.tuples(st.integers(0, 1439), st.integers(0, 1439)))
def test_quiet_hours_end_at_the_first_moment_that_is_not_quiet(after: int, quiet: tuple[int, int]) -> None:
    now = MONDAY + after
    end = quiet_ends(now, quiet)
    assert now <= end <= now + DAY
    assert not is_quiet(end, quiet)
    assert end == now or is_quiet(end - 1, quiet)


def test_quiet_hours_run_over_midnight() -> None:
    quiet = (21 * 60, 8 * 60)
    assert is_quiet(MONDAY + 21 * HOUR, quiet)
    assert is_quiet(MONDAY + 7 * HOUR + 3599, quiet)
    assert not is_quiet(MONDAY + 8 * HOUR, quiet)
    assert not is_quiet(MONDAY + 21 * HOUR - 1, quiet)


def test_a_no_stops_the_messages_of_that_order_and_so_does_silence() -> None:
    for answer in (Answer.NO, Answer.SILENCE, Answer.OPEN, Answer.YES):
        assert held(NOON, Asking("o"), [Alert("o", NOON - 9 * DAY, answer=answer)], RULES) is Held.ASKED
    assert held(NOON, Asking("o"), [Alert("o", NOON - 9 * DAY, answer=Answer.WITHDRAWN)], RULES) is None


def test_who_wants_no_messages_until_a_moment_gets_none_before_it() -> None:
    assert held(NOON, Asking("o"), [], RULES, stopped_until=NOON + 1) is Held.STOPPED
    assert held(NOON, Asking("o"), [], RULES, stopped_until=NOON) is None


def test_only_somebody_on_duty_is_woken_and_only_for_urgent_work() -> None:
    night = MONDAY + 23 * HOUR
    assert held(night, Asking("o", "urgent", on_duty=True), [], RULES) is None
    assert held(night, Asking("o", "urgent"), [], RULES) is Held.QUIET
    assert held(night, Asking("o", "normal", on_duty=True), [], RULES) is Held.QUIET


def test_days_and_weeks_are_local_ones() -> None:
    three = [Alert(f"o{i}", MONDAY + 20 * HOUR + i, answer=Answer.NO) for i in range(3)]
    assert held(MONDAY + 20 * HOUR + 60, Asking("o"), three, RULES) is Held.DAY
    assert held(MONDAY + DAY + 8 * HOUR, Asking("o"), three, RULES) is None
    week = [Alert(f"o{i}", MONDAY + (i % 6) * DAY + 9 * HOUR + i, answer=Answer.NO) for i in range(8)]
    assert held(MONDAY + 6 * DAY + NOON - MONDAY, Asking("o"), week, RULES) is Held.WEEK
    assert held(MONDAY + 7 * DAY + NOON - MONDAY, Asking("o"), week, RULES) is None


def test_a_digest_is_one_message_however_much_it_tells() -> None:
    told = Rules(daily=1, digest=(18 * 60,))
    evening = MONDAY + 18 * HOUR
    planned = Asking("o9", "planned", notice=72.0)
    assert held(evening, planned, [], told) is Held.DIGEST
    one = [Alert("o1", evening, message="d", answer=Answer.OPEN)]
    assert held(evening, Asking("o9", "planned", 72.0, digest="d"), one, told) is None
    assert held(evening, Asking("o9", "planned", 72.0, digest="other"), one, told) is Held.DAY
    assert messages_since([*one, Alert("o2", evening, message="d")], MONDAY) == 1
    assert held(NOON, Asking("o9", "planned", notice=20.0), [], told) is None


def test_the_next_digest_is_the_next_of_its_times_outside_quiet_hours() -> None:
    told = Rules(digest=(10 * 60, 18 * 60, 23 * 60))
    assert next_digest(NOON, told) == MONDAY + 18 * HOUR
    assert next_digest(MONDAY + 19 * HOUR, told) == MONDAY + DAY + 10 * HOUR
    assert next_digest(NOON, RULES) is None


@given(rules, rules)
def test_own_wishes_only_make_the_rules_stricter(office: Rules, own: Rules) -> None:
    both = strictest(office, [own])
    assert both.daily <= office.daily and both.weekly <= office.weekly
    for minute in range(0, 1440, 7):
        if is_quiet(minute * 60, office.quiet, 0) or is_quiet(minute * 60, own.quiet, 0):
            assert is_quiet(minute * 60, both.quiet, 0)


@given(alerts())
def test_what_held_anybody_back_is_one_of_the_named_reasons(history: list[Alert]) -> None:
    assert held(NOON, Asking("next"), history, RULES) in {None, Held.DAY, Held.WEEK}
