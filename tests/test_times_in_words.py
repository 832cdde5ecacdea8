"""Days and times as people say them, at the beginning of a line and within a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_babel import force_locale

from app.kernel import clock
from app.words import inside, when, when_day


@pytest.mark.parametrize(
    ("days", "by_itself", "in_a_sentence"),
    [
        (0, "Today", "today"),
        (1, "Tomorrow", "tomorrow"),
        (-1, "Yesterday", "yesterday"),
        (2, "In two days", "in two days"),
    ],
)
def test_a_day_with_a_name_of_its_own_begins_small_within_an_english_sentence(app, days, by_itself, in_a_sentence):
    day = clock.today() + timedelta(days=days)
    with app.test_request_context(), force_locale("en"):
        assert (when_day(day), inside(when_day(day))) == (by_itself, in_a_sentence)
        assert inside(when(clock.now() + timedelta(days=days))).startswith(f"{in_a_sentence} ")


def test_a_day_of_the_week_keeps_its_capital_and_chinese_has_none(app):
    far = clock.today() + timedelta(days=9)
    with app.test_request_context():
        with force_locale("en"):
            assert inside(when_day(far)) == when_day(far) != when_day(far).lower()
        with force_locale("zh"):
            assert inside(when_day(clock.today())) == "今天"
