"""Small things to offer, and histories drawn at random."""

from typing import Any

from hypothesis import strategies as st

from dispatch.offering import Alert, Answer, Case, Offered, Pending, Willing
from dispatch.offering.history import DAY

MONDAY = 1_767_542_400  # 5 January 2026, 00:00 in Shanghai
NOON = MONDAY + 12 * 3600


def offered(**changed: Any) -> Offered:
    return Offered(**{"km": 1.0, "hour": 10.0, "weekday": 1, "kind": "errands", "notice": 5.0} | changed)


def willing(name: str = "a", **changed: Any) -> Willing:
    return Willing(**{"id": name, "cost": 100, "turn": 0, "minutes": 0.0, "offered": offered()} | changed)


def crowd(size: int) -> list[Willing]:
    return [willing(f"v{i:02d}", cost=10 * i) for i in range(size)]


def pending(name: str, at: int = NOON) -> Pending:
    return Pending(name, at, offered())


def case(**changed: Any) -> Case:
    given = {"id": "o", "urgency": "normal", "needed": 1, "opened": NOON, "last_call": NOON + DAY}
    return Case(**given | changed)


@st.composite
def alerts(draw: st.DrawFn, most: int = 25, until: int = NOON) -> list[Alert]:
    """A volunteer's last three weeks of messages, oldest first, one order each."""
    moments = sorted(draw(st.lists(st.integers(until - 21 * DAY, until - 1), max_size=most)))
    return [
        Alert(
            f"o{i}", at, "errands", draw(st.booleans()), draw(st.sampled_from(list(Answer))),
            at + 60, draw(st.sampled_from(("", "", "d1", "d2"))),
        )
        for i, at in enumerate(moments)
    ]  # fmt: skip
