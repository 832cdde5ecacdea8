"""Saying no costs nothing: no later rank, no later offer."""

import inspect

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.offering import (
    Alert,
    Answer,
    Asking,
    Offering,
    Prior,
    Rules,
    held,
    last_turn,
    next_step,
    rank,
    ranking,
    tried,
)
from dispatch.offering.answer import Fitted
from dispatch.offering.delay import lognormal
from dispatch.offering.history import DAY, WEEK
from tests.dispatch.offering.makers import MONDAY, NOON, alerts, case, offered, willing

CURVE = lognormal(8.0, 1.0)
# A model that weighs own answers heavily and past messages not at all: the one that could do the most harm.
HARSH = Fitted((0.0,) * 9 + (2.0,), (0.0,) * 9 + (-1.4,), (1.0,) * 10, -1.4, {}, 0.2, 0.5, {"": (CURVE, CURVE)})
UNBOUNDED = Rules(daily=1000, weekly=1000, quiet=(0, 0))


def person(name: str, history: list[Alert], wanted: bool) -> object:
    past = tried(history)
    return willing(
        name, turn=last_turn(history, wanted=wanted), offered=offered(yes=past.yes, offers=past.offers),
    )  # fmt: skip


def place(name: str, people: list) -> int:
    return [one.id for one in rank(people, 60, "o")].index(name)


@given(alerts(), alerts(), st.integers(NOON - 20 * DAY, NOON - 1), st.booleans(), st.booleans())
def test_one_more_decline_leaves_the_rank_as_it_was(
    mine: list[Alert], theirs: list[Alert], at: int, liked: bool, wanted: bool
) -> None:
    declined = [*mine, Alert("more", at, "errands", liked, Answer.NO, at + 60)]
    other = person("b", theirs, wanted)
    assert place("a", [person("a", declined, wanted), other]) == place("a", [person("a", mine, wanted), other])


@given(alerts(), st.integers(0, 24), st.booleans())
def test_a_no_in_place_of_any_other_answer_never_ranks_lower(mine: list[Alert], which: int, wanted: bool) -> None:
    if not mine:
        return
    at = which % len(mine)
    declined = [Alert(one.order, one.at, one.kind, one.wanted, Answer.NO, one.answered) if i == at else one
                for i, one in enumerate(mine)]  # fmt: skip
    other = person("b", [], wanted)
    assert place("a", [person("a", declined, wanted), other]) <= place("a", [person("a", mine, wanted), other])


@settings(max_examples=60)
@given(alerts(most=10), st.lists(alerts(most=10), max_size=6), st.integers(NOON - 20 * DAY, NOON - 1))
def test_who_would_be_asked_for_the_next_order_still_is_after_one_more_decline(
    mine: list[Alert], others: list[list[Alert]], at: int
) -> None:
    """The model may think the less of them, and so asks more people: never fewer, and them as before."""
    declined = [*mine, Alert("more", at, "errands", False, Answer.NO, at + 60)]
    rest = [person(f"b{i}", history, False) for i, history in enumerate(others)]
    for model in (HARSH, Prior()):
        before, after = (
            next_step(case(), lambda who=who: [person("a", who, False), *rest], model, Offering(), NOON).ask
            for who in (mine, declined)
        )
        assert set(before) <= set(after)


@given(alerts(until=NOON), st.integers(MONDAY, NOON - 1), st.sampled_from((Answer.YES, Answer.SILENCE)))
def test_a_no_weighs_as_much_in_the_budget_as_any_other_answer(mine: list[Alert], at: int, answer: Answer) -> None:
    asking = Asking("next")
    no, other = ([*mine, Alert("more", at, answer=one, answered=at)] for one in (Answer.NO, answer))
    assert held(NOON, asking, no, Rules()) == held(NOON, asking, other, Rules())


@given(alerts(), st.integers(NOON - WEEK, NOON - 1))
def test_below_the_budget_a_decline_holds_nobody_back(mine: list[Alert], at: int) -> None:
    declined = [*mine, Alert("more", at, answer=Answer.NO, answered=at)]
    assert held(NOON, Asking("next"), declined, UNBOUNDED) is None


def test_ranking_knows_no_answer() -> None:
    text = inspect.getsource(ranking)
    code = text[text.index("import hashlib") :]
    assert "history" not in code.replace("(history.last_turn)", "")
    assert "chance" not in code.replace("answer_chance", "")
