"""A tour of what chance may never come to: every action is tried in every status that a story can bring about."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.integrity.machine import model
from tests.integrity.machine.facts import Row
from tests.integrity.machine.steps import History

STORIES_EACH = 30
"""Stories of one history, before a fresh one begins."""
IN_VAIN = 60
"""After so many steps in a row that brought no new pair the tour is over."""
TRIES = 6
"""So often is tried what may be done but was refused, for want of time or of somebody who fits."""
WALKS = 0.4
"""How often chance has the next word instead of a story."""


def tour(begin: Callable[[], History], seed: int) -> None:
    """Forbidden pairs first, for they change nothing; then those allowed; then another story."""
    dice, vain = Random(seed), 0
    while vain < IN_VAIN:
        history = begin()
        for _story in range(STORIES_EACH):
            if vain >= IN_VAIN or history.is_over():
                return
            vain = 0 if _try_all(history, dice) else vain + 1
            step = history.walk if dice.random() < WALKS else history.story
            step(dice.randrange(2**20))


def _try_all(history: History, dice: Random) -> int:
    """Whatever can be tried now and has not been; how much that was."""
    tried = 0
    for kind in (False, True):
        while (found := _next(history, kind, dice)) is not None and not history.is_over():
            tried += 1
            name, rows = found
            history.ask(name, dice.choice(rows), dice)
    return tried


def _next(history: History, allowed: bool, dice: Random) -> tuple[str, list[Row]] | None:
    """An action no step of this process has tried in a status that some rows have now, and those rows."""
    pairs = history.tally.pairs
    known = {key[:3] for key, times in pairs.items() if key[3] != "stranger" and (key[3] != "refused" or times > TRIES)}
    for table, names in model.ASKED.items():
        for name, statuses in names.items():
            new = [
                row
                for row in history.rows_for(name, dice)
                if (row["status"] in statuses) == allowed
                and (table, row["status"], name) not in known
                and not (allowed and history.is_in_vain(name, row, dice))
            ]
            if new:
                return name, [row for row in new if row["status"] == new[0]["status"]]
    return None
