"""Problems and plans in pieces: nothing is lost on the way, and no piece is large."""

import pickle

from hypothesis import given, settings

from dispatch import Problem, generate, pieces, solve
from tests.dispatch.makers import cities


@settings(max_examples=30, deadline=None)
@given(cities())
def test_a_small_problem_and_its_plan_are_joined_as_they_were_cut(city: Problem) -> None:
    assert pieces.join(pieces.cut(city)) == city
    plan = solve(city)
    assert pieces.join(pieces.cut(plan)) == plan


def test_a_large_one_is_cut_into_small_pieces_in_its_own_order() -> None:
    city = generate.problem(300, 1000, 1, work=0.1, bans=2.0)
    found = list(pieces.cut(city))
    assert len(found) == 1 + 300 // pieces.ROWS + 1000 // pieces.ROWS
    assert max(len(piece) for piece in found) < 64 * 1024, "a pipe takes it at once"
    assert pieces.join(found) == city


def test_words_go_through_as_they_are() -> None:
    assert pieces.join([pickle.dumps("it broke")]) == "it broke"
