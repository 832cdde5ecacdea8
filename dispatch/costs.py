"""The soft costs: among those who may serve, who is the better choice. One function a term, in whole points.

A point is a sixth of a minute's travel under the default weights; every term is zero or more. No term looks
at bans or at how often somebody said no: declining costs nothing.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from dispatch import geo
from dispatch.geo import FloatArray, IntArray
from dispatch.rules import Shortlist
from dispatch.validation import ProblemError, whole

LONGEST_LOAD = 60_000  # minutes; beyond a thousand hours everybody counts as equally busy


@dataclass(frozen=True, slots=True)
class Weights:
    """The visible dials. Filled positions always come first: `unfilled` is raised by itself, where it must
    be, so that one priority point outweighs every other term of the whole plan together.

    unfilled            points for each priority point of a position left open
    travel_per_minute   points a minute from home to the order
    fairness            points a squared hour of load: the busier somebody has been, the dearer the next hour
    language            points when the wished-for language is not spoken
    continuity          points when the resident was served before by somebody else than this volunteer
    answer              points for a volunteer who never answers at all (yes or no), in proportion for others
    stability           points for taking a place from somebody it was offered to already
    """

    unfilled: int = 100_000
    travel_per_minute: int = 6
    fairness: int = 2
    language: int = 60
    continuity: int = 60
    answer: int = 60
    stability: int = 30

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            whole(value, f"weights.{name}", 0, 1_000_000)

    def to_dict(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Weights":
        known = {field.name for field in fields(cls)}
        for key in data:
            if key not in known:
                raise ProblemError(f"weights.{key}", "is not a known weight")
        return cls(**data)


Term = Callable[[Shortlist, Weights], IntArray]


def travel(short: Shortlist, weights: Weights) -> IntArray:
    return short.travel * weights.travel_per_minute // 60


def fairness(short: Shortlist, weights: Weights) -> IntArray:
    """Convex in load: what a service of d minutes adds to the sum of squared loads, (L + d)² − L²."""
    load = np.minimum(short.crowd.load[short.who], LONGEST_LOAD)
    minutes = short.order.duration // 60
    return (2 * load + minutes) * minutes * weights.fairness // 3600


def language(short: Shortlist, weights: Weights) -> IntArray:
    """Nothing for who speaks any of the languages wished for."""
    if not short.order.languages:
        return np.zeros(len(short.who), dtype=np.int64)
    heard = np.logical_or.reduce([short.crowd.speaking(one) for one in short.order.languages])
    return np.where(heard[short.who], 0, weights.language)


def continuity(short: Shortlist, weights: Weights) -> IntArray:
    known = short.crowd.positions_of(short.order.preferred)
    if not len(known):
        return np.zeros(len(short.who), dtype=np.int64)
    return np.where(np.isin(short.who, known), 0, weights.continuity)


def answer(short: Shortlist, weights: Weights) -> IntArray:
    silence = np.floor(short.crowd.silence[short.who] * weights.answer)
    return silence.astype(np.int64)


def stability(short: Shortlist, weights: Weights) -> IntArray:
    """Nothing for whom the order is offered to already: plans that people have heard of move only for a reason."""
    asked = short.crowd.positions_of(short.order.offered)
    if not len(asked):
        return np.zeros(len(short.who), dtype=np.int64)
    return np.where(np.isin(short.who, asked), 0, weights.stability)


TERMS: dict[str, Term] = {
    "travel": travel,
    "fairness": fairness,
    "language": language,
    "continuity": continuity,
    "answer": answer,
    "stability": stability,
}


def price(short: Shortlist, weights: Weights) -> IntArray:
    """Points of every term (rows, in the order of TERMS) for every volunteer on the list (columns)."""
    return np.stack([term(short, weights) for term in TERMS.values()]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Extremes:
    """The farthest, busiest and most silent of a problem: `reach` has for each volunteer the metres they may go."""

    reach: IntArray
    speed: IntArray
    delay: IntArray
    load: int
    silence: float


def reach(homes: FloatArray, places: FloatArray, radius: IntArray) -> IntArray:
    """Metres no trip exceeds: a volunteer's own radius, or the whole extent of the problem (places as (3, n))."""
    both = np.concatenate([homes, places], axis=1)
    extent = np.linalg.norm(both.max(axis=1, initial=-np.inf) - both.min(axis=1, initial=np.inf)) if both.size else 0.0
    return np.minimum(radius, int(extent) + 1)


def unfilled_weight(extremes: Extremes, duration: IntArray, positions: IntArray, weights: Weights) -> int:
    """Points a priority point: more than the dearest plan could cost, so that filling always comes first."""
    if not len(duration) or not len(extremes.reach):
        return weights.unfilled
    seconds = int(geo.travel_seconds(extremes.reach, extremes.speed, extremes.delay).max())
    fixed = weights.language + weights.continuity + weights.stability + int(extremes.silence * weights.answer) + 1
    fixed += seconds * weights.travel_per_minute // 60
    load = min(extremes.load, LONGEST_LOAD)
    minutes = [int(one) for one in duration // 60]
    dearest = [fixed + (2 * load + one) * one * weights.fairness // 3600 for one in minutes]
    fillable = min(int(positions.sum()), len(extremes.reach))
    whole_plan = sum(count * points for count, points in zip(positions.tolist(), dearest, strict=True))
    return max(weights.unfilled, min(whole_plan, fillable * max(dearest)) + 1)
