"""Whom to ask first. A decline has no way in here: no argument of rank() knows how anybody ever answered.

The rule, in words:
1. The engine's own cost of the pair (travel, load of the month as convex cost, language, continuity) comes first, but
   only in steps of the tolerance: within one step all are equals.
2. Among equals, whoever had their turn longest ago comes first (history.last_turn). For wanted work only turns of
   wanted work count. A yes uses the turn; so does letting an offer run out. A no gives it back, and so does an order
   somebody else took first: who declines stands exactly where they would stand had they not been asked.
3. Then whoever has the fewest minutes this month, then the lower cost, then a hash of order and id, so that no name
   is favoured.

How this goes with the alert budget: budget.py counts messages, never answers. A message takes its place in the budget
when it is sent, whether yes, no or nothing comes back, so a no costs exactly what a yes or silence costs there. The
budget is a promise to the person, so a no does not give the message back: otherwise those who decline
would be messaged without end. Below the budget a history with one more decline ranks as before; at the budget's edge
everybody with as many messages waits alike. tests/dispatch/offering/test_declining.py holds this.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.offering.answer import Offered


@dataclass(frozen=True, slots=True)
class Willing:
    """One volunteer who may serve the order and may be messaged now (budget.py has agreed).

    cost     the engine's points for the pair, made with answer_chance 1 (silence has no place in a rank)
    turn     epoch second of their last turn (history.last_turn), 0 for never
    minutes  served and accepted this month
    offered  what the answer model may look at; ranking does not
    """

    id: str
    cost: int
    turn: int
    minutes: float
    offered: Offered


def rank(people: Sequence[Willing], tolerance: int, salt: str = "") -> list[Willing]:
    """The people in the order in which they are asked. `salt` (the order's id) decides between complete equals."""
    if len(people) < 2:
        return list(people)
    least = min(one.cost for one in people)
    step = max(1, tolerance)
    return sorted(
        people, key=lambda one: ((one.cost - least) // step, one.turn, one.minutes, one.cost, _lot(salt, one.id))
    )


def _lot(salt: str, name: str) -> bytes:
    return hashlib.blake2b(f"{salt}:{name}".encode(), digest_size=8).digest()
