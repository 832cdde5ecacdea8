"""Between districts: whose orders must be tried harder. And the measures by which fairness is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Bound:
    """No district's fill rate may trail the city's by more than `gap` (share, 0 to 1) without its orders' priority
    rising until it does not.

    most       the highest boost
    full_at    the shortfall beyond the bound (share) at which the boost is highest
    prior      positions of the city's own rate that every district starts with, so that two unlucky orders in a small
               street do not turn the city round
    """

    gap: float = 0.01
    most: float = 3.0
    full_at: float = 0.05
    prior: float = 10.0


def boosts(positions: Mapping[str, tuple[int, int]], bound: Bound | None = None) -> dict[str, float]:
    """District → boost, 0 to bound.most, from (filled, all) positions of the last weeks.

    0 within the bound; then it rises with the shortfall, continuously, so that it ends by itself when the district has
    caught up.
    """
    rule = bound or Bound()
    filled, every = (sum(row[k] for row in positions.values()) for k in (0, 1))
    if not every:
        return dict.fromkeys(positions, 0.0)
    city = filled / every
    return {name: _boost(city, *row, rule) for name, row in positions.items()}


def _boost(city: float, filled: int, every: int, rule: Bound) -> float:
    beyond = (every * city - filled) / (every + rule.prior) - rule.gap
    return rule.most * min(1.0, max(0.0, beyond / rule.full_at))


def raised(priority: int, boost: float) -> int:
    """The engine's priority of an order of a boosted district: times (1 + boost), rounded, never lower."""
    return max(priority, round(priority * (1.0 + boost)))


def rates(positions: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """District → share of positions filled; districts without orders are left out."""
    return {name: filled / every for name, (filled, every) in positions.items() if every}


def worst_gap(positions: Mapping[str, tuple[int, int]]) -> float:
    """How far the worst district's fill rate lies below the city's (share, ≥ 0)."""
    every = sum(row[1] for row in positions.values())
    if not every:
        return 0.0
    city = sum(row[0] for row in positions.values()) / every
    return max(0.0, city - min(rates(positions).values()))


def gini(values: Sequence[float]) -> float:
    """Gini coefficient: 0 all have alike, towards 1 one has all. 0 for nobody and for nothing.

    Half the mean absolute difference of all pairs, over the mean (C. Gini 1912); ValueError for negative values.
    """
    kept = np.sort(np.asarray(values, dtype=np.float64))
    if not len(kept) or not kept.sum():
        return 0.0
    if kept[0] < 0:
        raise ValueError("shares of work cannot be negative")
    places = np.arange(1, len(kept) + 1)
    return float((2 * places - len(kept) - 1) @ kept / (len(kept) * kept.sum()))
