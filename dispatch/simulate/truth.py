"""What is hidden from every policy: who would say yes, how soon, who tires, who leaves, who does not come.

Every policy plays the same city with the same luck (common random numbers): the luck of a pair of volunteer and order
is drawn once, before anybody is asked, and does not know which policy asks, when or how often. Only fatigue differs,
for it is the policy's own doing. Newcomers (World.newcomers) are drawn from dice of their own, so that everybody else
has the same luck with them as without.
"""

from dataclasses import dataclass
from math import exp, log1p
from typing import Any

import numpy as np

from dispatch.crowd import BoolArray
from dispatch.geo import FloatArray
from dispatch.offering.fairness import worst_gap
from dispatch.simulate.world import DAY, HOUR, World


@dataclass(frozen=True, slots=True)
class Luck:
    """One pair's fate: the log odds of a yes when rested, and the draws that decide."""

    odds: float
    draw: float  # yes when below the chance
    speaks: bool  # says no rather than nothing, when it is no yes
    delay: float  # minutes until the answer
    absent: bool  # accepts and does not come
    drops: float | None  # accepts and cancels, at this share of the time until the visit


class Truth:
    """The hidden side of a world, and how tired everybody is while it is played."""

    def __init__(self, world: World) -> None:
        self.figures = world.figures.people
        size = len(world.people)
        self.known = size - world.newcomers
        known = self._characters(np.random.default_rng([world.seed, 2]), world, self.known)
        new = self._characters(np.random.default_rng([world.seed, 4]), world, world.newcomers)
        traits = (np.concatenate(pair) for pair in zip(known, new, strict=True))
        (
            self.own, self.taste, self.favourite, self.tires, self.speaks, self.slow, self.patience, self.leaves,
        ) = traits  # fmt: skip
        self.luck = self._luck(world)
        self.restart(size)

    def _characters(self, dice: np.random.Generator, world: World, size: int) -> tuple[Any, ...]:
        """What so many people are like, a column for each trait."""
        p = self.figures
        return (
            dice.normal(0, p["own_spread"], size),
            dice.normal(0, p["kind_spread"], (size, len(world.figures.kinds))),
            dice.integers(0, 3, size),
            p["fatigue"] * np.exp(dice.normal(0, p["fatigue_spread"], size)),
            dice.beta(p["refuses"][0], p["refuses"][1], size),
            np.exp(dice.normal(0, p["delay_person"], size)),
            dice.exponential(1.0, size),
            world.begin + dice.exponential(1 / p["leave_a_week"], size) * 7 * DAY,
        )

    def restart(self, size: int) -> None:
        """Everybody rested, nobody lost."""
        self.level = [0.0] * size
        self.level_at = [0] * size
        self.burden = [0.0] * size
        self.lost = [False] * size

    def _luck(self, world: World) -> list[dict[int, Luck]]:
        """The share of yes is that of the people who were there."""
        dice, new_dice = (np.random.default_rng([world.seed, stream]) for stream in (3, 5))
        odds = [self._odds(world, number) for number in range(len(world.needs))]
        there = [np.array(need.who, dtype=np.int64) < self.known for need in world.needs]
        middle = _middle(
            np.concatenate([row[mine] for row, mine in zip(odds, there, strict=True)]),
            world.figures.town["acceptance"],
        )
        return [
            self._pairs(dice, world, number, row + middle, mine)
            | self._pairs(new_dice, world, number, row + middle, ~mine)
            for number, (row, mine) in enumerate(zip(odds, there, strict=True))
        ]

    def _odds(self, world: World, number: int) -> FloatArray:
        need, p = world.needs[number], self.figures
        who = np.array(need.who, dtype=np.int64)
        kind = [one["name"] for one in world.figures.kinds].index(need.kind)
        part = 0 if (hour := (need.start + 8 * HOUR) % DAY // HOUR) < 12 else 1 if hour < 17 else 2
        fixed = world.figures.kinds[kind]["taste"] + (p["urgent"] if need.urgency == "urgent" else 0.0)
        likes = p["evening"] * (self.favourite[who] == part)
        odds: FloatArray = self.own[who] + self.taste[who, kind] + p["per_km"] * np.array(need.km) + likes + fixed
        return odds

    def _pairs(
        self, dice: np.random.Generator, world: World, number: int, odds: FloatArray, wanted: BoolArray
    ) -> dict[int, Luck]:
        """The luck of the order with those of its candidates that are `wanted`."""
        need, p = world.needs[number], self.figures
        people, odds = np.array(need.who, dtype=np.int64)[wanted], odds[wanted]
        size = len(people)
        draw, speaks, absent, drops, when = dice.random((5, size))
        delay = p["delay_minutes"][need.urgency] * self.slow[people] * np.exp(dice.normal(0, p["delay_offer"], size))
        speaks, absent, drops = speaks < self.speaks[people], absent < p["no_show"], drops < p["drops"]
        return {
            who: Luck(float(odds[i]), float(draw[i]), bool(speaks[i]), float(delay[i]), bool(absent[i]),
                      float(when[i]) if drops[i] else None)
            for i, who in enumerate(people.tolist())
        }  # fmt: skip

    def message(self, who: int, now: int) -> None:
        """Somebody gets a message: a little more tired, and perhaps lost."""
        level = self.tired(who, now)
        self.level[who], self.level_at[who] = level + 1, now
        beyond = level - self.figures["comfort"]
        if beyond > 0:
            self.burden[who] += self.figures["leave_by_message"] * beyond
            self.lost[who] = self.lost[who] or self.burden[who] > self.patience[who]

    def tired(self, who: int, now: int) -> float:
        """Recent messages, each halved in the half-life."""
        half_life = self.figures["fatigue_half_life_days"] * DAY
        return self.level[who] * 0.5 ** ((now - self.level_at[who]) / half_life)

    def gone(self, who: int, now: int) -> bool:
        return self.lost[who] or now >= self.leaves[who]

    def says_yes(self, number: int, who: int, now: int) -> bool:
        """Whether this pair would end in a yes, asked now (before the message itself tires)."""
        luck = self.luck[number][who]
        odds = luck.odds - self.tires[who] * log1p(self.tired(who, now))
        return luck.draw < 1.0 / (1.0 + exp(-odds))

    def ceiling(self, world: World) -> tuple[float, float]:
        """What no policy can exceed: the share of positions for which enough would say yes if everybody who may serve
        were asked, rested; and the worst street's gap that is left even then."""
        streets: dict[str, tuple[int, int]] = {}
        for need in world.needs:
            if need.placed >= world.measured:
                willing = sum(one.draw < 1.0 / (1.0 + exp(-one.odds)) for one in self.luck[need.number].values())
                filled, every = streets.get(need.street, (0, 0))
                streets[need.street] = (filled + min(willing, need.positions), every + need.positions)
        return sum(row[0] for row in streets.values()) / sum(row[1] for row in streets.values()), worst_gap(streets)


def _middle(odds: FloatArray, wanted: float) -> float:
    """What to add to all log odds so that the mean chance is `wanted`, by halving."""
    low, high = -15.0, 15.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if float(np.mean(1 / (1 + np.exp(-odds - middle)))) < wanted else (low, middle)
    return (low + high) / 2
