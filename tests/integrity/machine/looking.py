"""After a step: what changed is held against the model, and everything is looked over."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flask import Flask

from tests.integrity.machine import facts, model
from tests.integrity.machine.actions import Action, Change
from tests.integrity.machine.doors import Answer, Doors
from tests.integrity.machine.facts import Journal, Row, Rows, Writes
from tests.integrity.machine.town import Copy, People

BESIDES = frozenset({"auth_session", "account", "request_log"})
"""Tables that even a refused request may write to: whoever sends it may have signed in for it, which is noted."""


@dataclass
class Tally:
    """What was tried in this process, over all histories."""

    steps: int = 0
    histories: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    edges: set[tuple[str, str, str]] = field(default_factory=set)


class Wrong(AssertionError):
    """The app did what the model says it must not."""


class Looking:
    """A town from its beginning, and all that is done in it. One at a time in a process."""

    def __init__(
        self, app: Flask, people: People, copy: Copy, writes: Writes, tally: Tally, deadline: float = math.inf
    ) -> None:
        self.app, self.people, self.copy, self.writes, self.tally = app, people, copy, writes, tally
        self.deadline = deadline
        copy.put_back()
        self.doors = Doors(app, people)
        self.journal, self.rows, self.told = Journal(), Rows.read(), list[str]()
        self.keyed: list[tuple[Any, ...]] = []
        self.last_key = 0
        tally.histories += 1

    def is_over(self) -> bool:
        """The time for all histories together is over: what is still drawn is let go."""
        return time.monotonic() > self.deadline

    def _dice(self, draw: int) -> Random:
        """Chance by the draw and by how far the history has come: the same draw twice is not the same step."""
        return Random(draw * 1_000_003 + len(self.told))

    def _nothing_changed(self, answer: Answer, besides: frozenset[str], silent: bool = False) -> None:
        written = self.writes.since() - BESIDES - besides
        if written and not silent:
            raise Wrong(f"{answer} wrote to {sorted(written)}")
        fresh = Rows.read()
        if not besides and fresh != self.rows:
            raise Wrong(f"{answer} changed rows")
        if besides and fresh.statuses(*model.STATUSES) != self.rows.statuses(*model.STATUSES):
            raise Wrong(f"{answer} changed a status")
        self.rows = fresh

    def _changed(self, action: Action, row: Row, before: str) -> None:
        """The row went where the model says, and nothing else changed that must not."""
        self.writes.since()
        fresh = Rows.read()
        asked = model.ASKED[action.table][action.name][before]
        held = getattr(fresh, action.table)[row["id"]]["status"]
        ways = {asked} | {after for table, start, after in action.side if (table, start) == (action.table, asked)}
        ways |= {after for table, start, after in action.side if (table, start) == (action.table, before)}
        if held not in ways:
            raise Wrong(f"{action.name} led from {before} to {held}, not to {asked}")
        self._along(fresh, action.side, action.makes, row["id"])
        self.rows = fresh

    def _along(self, fresh: Rows, side: frozenset[Change], makes: frozenset[str], subject: str | None) -> None:
        """Every status that changed did so in a way that was to be expected, and no rows came from nowhere."""
        for name in model.STATUSES:
            was, now = getattr(self.rows, name), getattr(fresh, name)
            if missing := set(was) - set(now):
                raise Wrong(f"rows of {name} are gone: {missing}")
            if set(now) - set(was) and name not in makes:
                raise Wrong(f"rows of {name} were made: {sorted(set(now) - set(was))}")
            for key in was:
                step = name, was[key]["status"], now[key]["status"]
                if step[1] != step[2] and key != subject and step not in side and name != "runs":
                    raise Wrong(f"{key} of {name} went from {step[1]} to {step[2]}")

    def _look_over(self, answer: Answer | None) -> None:
        """After each step: no answer of 500, the journal gives the rows, every invariant holds."""
        self.tally.steps += 1
        if answer is not None:
            self.tally.answers[answer.status] += 1
            if answer.status >= 500:
                raise Wrong(f"an answer of {answer.status}")
        if found := facts.faults(self.rows, self.journal):
            raise Wrong("; ".join(found))
        self.tally.edges |= self.journal.edges
        self.writes.since()

    def _tell(self, words: str) -> None:
        self.told.append(words)
