"""City size: days too large for the proof by column generation, improved round by round until little is gained.

A city need not be cut into pieces by hand: a chain of changes (improve.py) only ever looks at the few shifts that one
shift's orders concern, so a round costs as much per shift in a city as in a village. The bound is what everybody's
orders are worth that somebody could serve at all (meetings.coverable).
"""

from collections.abc import Callable

import numpy as np

from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.improve import improve
from dispatch.day.meetings import coverable
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray

MOST_LEGS = 100_000_000  # the table of legs that exact pricing needs would take 400 MB
MOST_TURNS = 10
ROUNDS_A_TURN = 2  # one without noise, one with
LITTLE = 1e-5  # a turn that gained a smaller share of the bound was the last


def too_large(day: Shifts) -> bool:
    """Whether the legs between all orders of every shift are too many to keep."""
    size = np.diff(day.ptr)
    return int((size * (size + 2)).sum()) > MOST_LEGS


def solve_city(
    day: Shifts, first: Held, shift_rank: IntArray, seed: int, over: Callable[[], bool], turns: int = MOST_TURNS
) -> tuple[Held, int]:
    """A plan at least as good as the first, and points that no plan exceeds. Stops after so many turns, where little
    was gained, or where `over` says so (asked between turns)."""
    best, most = hold.copy(first), coverable(day)
    for turn in range(turns):
        if over() or improve(day, best, shift_rank, seed + turn, ROUNDS_A_TURN) <= LITTLE * most:
            break
    return best, most
