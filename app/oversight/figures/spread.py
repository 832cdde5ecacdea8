"""How numbers spread: the value below which most lie, and how evenly work falls on people."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 5
"""Fewer people than this: no share is shown, for it would be an anecdote, and might tell who said or did what."""


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the sorted values lies, between neighbours in proportion."""
    at = (len(ordered) - 1) * share
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def busiest(values: Sequence[float], of: int) -> float | None:
    """What the busiest tenth of the people (`of` 10; a fifth: 5; rounded up to whole people) carry ÷ what all carry.

    None for fewer than FEW people or nothing carried. With everybody alike it is 1 / `of`."""
    total = sum(values)
    if len(values) < FEW or not total:
        return None
    return sum(sorted(values, reverse=True)[: -(-len(values) // of)]) / total


def gini(values: Sequence[float]) -> float | None:
    """Gini coefficient: 0 when all carry alike, near 1 when one carries everything; None as above."""
    ordered, total = sorted(values), sum(values)
    if len(ordered) < FEW or not total:
        return None
    weighted = sum(place * value for place, value in enumerate(ordered, 1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def each(values: Sequence[float]) -> float | None:
    """What one of them carries on average; None for fewer than FEW people, of whom it would tell."""
    return sum(values) / len(values) if len(values) >= FEW else None
