"""What would have been different: an office's own recent weeks, played as they were and with something changed.

Both plays have the same luck, so the difference is that of the change; its interval says how much luck is left in it.
What people would have answered is not known: it is drawn anew for every seed, around the office's own share of yes.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dispatch.offering.answer import AnswerModel
from dispatch.offering.budget import Rules
from dispatch.offering.settings import PACES, Offering
from dispatch.problem import VolunteerSpec
from dispatch.simulate.figures import Figures, figures
from dispatch.simulate.measures import Estimate, differences, estimates, measures
from dispatch.simulate.ours import Ours
from dispatch.simulate.play import Play
from dispatch.simulate.truth import Truth
from dispatch.simulate.world import Placed, World, build

LEAST_SEEDS = 5
"""Fewer say nothing about how sure an answer is."""


class WhatIfError(ValueError):
    """There is nothing to play, or the change means nothing in these weeks."""


class TooLong(WhatIfError):
    """Not even LEAST_SEEDS seeds were played in the time there was."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """An office's recent weeks.

    begin, end  epoch seconds; orders placed in between
    volunteers  with their free hours of those weeks
    duty        (volunteer id, begin, end) of being on duty
    acceptance  share of offers that ended in a yes (Fitted.mean_yes); refusing as in the answer model
    model       the fitted answer model, or None while there is only the prior
    newcomers   so many of the volunteers, the last by id, were not there in truth
    """

    begin: int
    end: int
    volunteers: tuple[VolunteerSpec, ...]
    orders: tuple[Placed, ...]
    duty: tuple[tuple[str, int, int], ...] = ()
    acceptance: float = 0.2
    model: AnswerModel | None = None
    settings: Offering = field(default_factory=Offering)
    rules: Rules = field(default_factory=Rules)
    newcomers: int = 0


Change = Callable[[Weeks], Weeks]


@dataclass(frozen=True, slots=True)
class Answered:
    """The figures of measures.MEASURES as things were, with the change, and the difference, seed by seed."""

    before: Mapping[str, Estimate]
    after: Mapping[str, Estimate]
    difference: Mapping[str, Estimate]
    seeds: int

    def sure(self, name: str) -> bool:
        """Whether the interval of the difference leaves out zero."""
        found = self.difference[name]
        return abs(found.mean) > found.half


Row = tuple[dict[str, float], dict[str, float]]
"""The figures of one seed, as things were and with the change."""


def what_if(weeks: Weeks, change: Change, seeds: Iterable[int] = range(20)) -> Answered:
    """What `change` would have done to these weeks. WhatIfError when they hold no order or nobody."""
    return _answered(list(_pairs(weeks, change, seeds)))


def what_if_within(
    weeks: Weeks, change: Change, seeds: Iterable[int], seconds: float, told: Callable[[int], None]
) -> Answered:
    """The same with as many seeds as fit into the time; `told` hears how many are played. TooLong, WhatIfError."""
    until, rows = time.monotonic() + seconds, list[Row]()
    for row in _pairs(weeks, change, seeds):
        rows.append(row)
        told(len(rows))
        if time.monotonic() > until:
            break
    if len(rows) < LEAST_SEEDS:
        raise TooLong(f"{len(rows)} seeds in {seconds:g} s")
    return _answered(rows)


def _pairs(weeks: Weeks, change: Change, seeds: Iterable[int]) -> Iterator[Row]:
    changed = change(weeks)
    for seed in seeds:
        yield _played(weeks, seed), _played(changed, seed)


def _answered(rows: Sequence[Row]) -> Answered:
    before, after = [row[0] for row in rows], [row[1] for row in rows]
    return Answered(estimates(before), estimates(after), differences(before, after), len(rows))


@dataclass(frozen=True, slots=True)
class Question:
    """A change in plain values, for a program that is asked from outside: so many more `people` at a place, who could
    serve these `kinds` (empty: as those the office has), or, for nobody more, offers that stand so many `minutes`."""

    people: int = 0
    lat: float = 0.0
    lon: float = 0.0
    mode: str = "ebike"
    kinds: frozenset[str] = frozenset()
    minutes: float = 0.0
    urgency: str = "normal"

    def change(self) -> Change:
        if self.people:
            return more_volunteers(self.people, self.lat, self.lon, mode=self.mode, skills=self.kinds)
        return answer_limit(self.minutes, self.urgency)


def more_volunteers(
    count: int, lat: float, lon: float, *, mode: str = "car", radius_m: int = 8000, skills: Iterable[str] = ()
) -> Change:
    """`count` more people living at a place. Their free hours are those of people the office has, drawn by lot; so are
    their skills, unless `skills` says."""
    wanted = frozenset(skills)

    def change(weeks: Weeks) -> Weeks:
        _something(weeks)
        dice = np.random.default_rng(0)
        alike = [weeks.volunteers[i] for i in dice.integers(0, len(weeks.volunteers), count).tolist()]
        new = tuple(
            replace(
                one, id=f"~new{i:03d}", lat=lat, lon=lon, mode=mode, radius_m=radius_m, skills=wanted or one.skills,
                commitments=(), load=0.0, active=True,
            )
            for i, one in enumerate(alike)
        )  # fmt: skip
        duty = tuple(
            (person.id, begin, end)
            for person, model in zip(new, alike, strict=True)
            for who, begin, end in weeks.duty
            if who == model.id
        )
        return replace(weeks, volunteers=weeks.volunteers + new, duty=weeks.duty + duty, newcomers=count)

    return change


def answer_limit(minutes: float, urgency: str) -> Change:
    """Offers of one urgency stand `minutes`. WhatIfError for an urgency that does not exist."""
    if urgency not in PACES:
        raise WhatIfError(f"not an urgency: {urgency}")
    return lambda weeks: with_pace(weeks, urgency, answer_minutes=minutes)


def with_pace(weeks: Weeks, urgency: str, **changed: Any) -> Weeks:
    """The same weeks with other settings for one urgency (settings.Pace)."""
    pace = replace(weeks.settings.pace(urgency), **changed)
    return replace(weeks, settings=replace(weeks.settings, paces={**weeks.settings.paces, urgency: pace}))


def _played(weeks: Weeks, seed: int) -> dict[str, float]:
    made = world_of(weeks, seed)
    policy = Ours(weeks.settings, weeks.rules)
    if weeks.model is not None:
        policy.model = deepcopy(weeks.model)
    truth = Truth(made)
    return measures(made, truth, Play(made, truth, policy).run())


def world_of(weeks: Weeks, seed: int) -> World:
    """The weeks as a world. Everything counts; there is no warm-up."""
    _something(weeks)
    places = {person.id: i for i, person in enumerate(weeks.volunteers)}
    rows = [(places[who], begin, end) for who, begin, end in weeks.duty if who in places]
    duty = np.array(rows, dtype=np.int64).reshape(-1, 3)
    span = (weeks.begin, weeks.begin, weeks.end)
    world = build(_figures(weeks), seed, weeks.volunteers, weeks.orders, duty, span)
    world.newcomers = weeks.newcomers
    return world


def _figures(weeks: Weeks) -> Figures:
    """Ours for what cannot be known, the office's own kinds and share of yes for what can."""
    known = figures().but(town_acceptance=weeks.acceptance)
    kinds: Sequence[Mapping[str, Any]] = [
        {"name": name, "taste": 0.0} for name in sorted({o.kind for o in weeks.orders})
    ]
    return Figures(known.town, known.arrivals, tuple(kinds), known.people)


def _something(weeks: Weeks) -> None:
    if not weeks.orders or not weeks.volunteers:
        raise WhatIfError("these weeks hold no order, or nobody who could serve one")
