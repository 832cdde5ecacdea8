"""What came of a run, in the figures that policies are compared by; and means over seeds with their intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

import numpy as np

from dispatch.offering.fairness import gini, worst_gap
from dispatch.simulate.play import Record
from dispatch.simulate.truth import Truth
from dispatch.simulate.world import World

MEASURES = {
    "fill": "positions served, of all asked for and not cancelled",
    "accept_p50": "minutes from opening to the yes, of positions that got one: median",
    "accept_p90": "the same, 90 % are quicker",
    "promised": "positions that got their yes within an hour, of all",
    "alerts": "messages for each position filled",
    "refusals": "refusals for each position filled",
    "gini_offers": "Gini of messages among volunteers who could serve something",
    "gini_work": "Gini of accepted work among the same",
    "gap": "how far the worst street's fill rate lies below the city's",
    "km": "kilometres to each position filled, straight",
    "lost": "volunteers lost to too many messages, of a hundred, over all weeks",
    "idle": "volunteers who could serve something and were never asked",
    "ceiling": "positions for which enough would say yes, were everybody asked and rested: no policy fills more",
    "ceiling_gap": "the worst street's gap that is left even then",
}
STUDENT = {  # degrees of freedom → the 97.5 % point
    1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 11: 2.20,
           12: 2.18, 13: 2.16, 14: 2.14, 15: 2.13, 16: 2.12, 17: 2.11, 18: 2.10, 19: 2.09, 24: 2.06, 29: 2.05,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds and half the width of its 95 % interval (Student's t; 0 for a single seed)."""

    mean: float
    half: float

    def __str__(self) -> str:
        return f"{self.mean:.3g} ± {self.half:.2g}"


def measures(world: World, truth: Truth, record: Record) -> dict[str, float]:
    """The figures of MEASURES for one run."""
    ceiling, ceiling_gap = truth.ceiling(world)
    able = {who for need in world.needs if need.placed >= world.measured for who in need.who}
    filled = max(1, record.positions - record.open_forever)
    waits = np.array(record.waits or [np.nan])
    offers = [record.offers.get(who, 0) for who in able]
    return {
        "fill": record.served / max(1, record.positions),
        "accept_p50": float(np.percentile(waits, 50)),
        "accept_p90": float(np.percentile(waits, 90)),
        "promised": float((waits <= 60).sum()) / max(1, len(waits) + record.open_forever),
        "alerts": record.alerts / filled,
        "refusals": record.refusals / filled,
        "gini_offers": gini(offers),
        "gini_work": gini([record.work.get(who, 0) for who in able]),
        "gap": worst_gap(record.streets),
        "km": record.metres / 1000 / filled,
        "lost": 100 * record.lost / len(world.people),
        "idle": sum(not one for one in offers) / max(1, len(offers)),
        "ceiling": ceiling,
        "ceiling_gap": ceiling_gap,
    }


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and interval of one figure over seeds; values that are not a number are left out."""
    known = [value for value in values if value == value]
    if not known:
        return Estimate(float("nan"), float("nan"))
    if len(known) < 2:
        return Estimate(known[0], 0.0)
    degrees = len(known) - 1
    t = next((STUDENT[one] for one in sorted(STUDENT, reverse=True) if one <= degrees), STUDENT[1])
    return Estimate(fmean(known), t * stdev(known) / sqrt(len(known)))


def estimates(runs: Sequence[Mapping[str, float]]) -> dict[str, Estimate]:
    """estimate() of every figure of several runs."""
    return {name: estimate([run[name] for run in runs]) for name in runs[0]}


def differences(before: Sequence[Mapping[str, float]], after: Sequence[Mapping[str, float]]) -> dict[str, Estimate]:
    """after - before, seed by seed: the same luck on both sides, so that what is common drops out."""
    pairs = list(zip(before, after, strict=True))
    return {name: estimate([b[name] - a[name] for a, b in pairs]) for name in before[0]}
