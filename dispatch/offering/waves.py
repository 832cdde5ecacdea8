"""How many to ask at once: chances of enough yes, and what the clock demands."""

from collections.abc import Iterable, Sequence

import numpy as np

from dispatch.geo import FloatArray


def at_least(needed: int, chances: Iterable[float]) -> float:
    """The chance of `needed` or more yes among people who answer independently (Poisson-binomial distribution).

    Exact, by adding one person after another; 1 when nothing is needed.
    """
    if needed <= 0:
        return 1.0
    fewer = [1.0] + [0.0] * (needed - 1)
    for chance in chances:
        for count in range(needed - 1, 0, -1):
            fewer[count] += chance * (fewer[count - 1] - fewer[count])
        fewer[0] *= 1.0 - chance
    return max(0.0, 1.0 - sum(fewer))


def at_least_each(needed: int, chances: FloatArray) -> FloatArray:
    """at_least() for every row of `chances` (moments × people)."""
    rows = len(chances)
    if needed <= 0:
        return np.ones(rows)
    fewer = np.zeros((needed, rows))
    fewer[0] = 1.0
    for column in chances.T:
        fewer[1:] += column * (fewer[:-1] - fewer[1:])
        fewer[0] *= 1.0 - column
    left: FloatArray = np.maximum(0.0, 1.0 - fewer.sum(axis=0))
    return left


def smallest_wave(
    needed: int, waiting: Sequence[float], ranked: Sequence[float], goal: float, most: int
) -> tuple[int, float]:
    """How many of the `ranked` (chances, best first) to ask beside those `waiting` for an answer, and the chance then.

    The least number that brings the chance of `needed` yes to `goal`; when that takes more than `most`, or all are not
    enough, as many as may be. Never more than `most`.
    """
    if needed <= 0:
        return 0, 1.0
    fewer = [1.0] + [0.0] * (needed - 1)
    asked, chance = 0, at_least(needed, waiting)
    if chance >= goal:
        return 0, chance
    for reached, one in enumerate([*waiting, *ranked[: max(0, most)]], 1):
        for count in range(needed - 1, 0, -1):
            fewer[count] += one * (fewer[count - 1] - fewer[count])
        fewer[0] *= 1.0 - one
        asked = max(0, reached - len(waiting))
        chance = max(0.0, 1.0 - sum(fewer))
        if asked and chance >= goal:
            break
    return asked, chance


def demanded(target: float, minutes_left: float, wave_minutes: float) -> float:
    """The chance that those asked now must have, so that wave after wave until the end the target is met.

    With k waves still to come, each of chance c, all fail with (1 - c)^k; so c = 1 - (1 - target)^(1/k). Much time
    left: one person suffices. One wave left: the whole target.
    """
    waves = max(1.0, minutes_left / wave_minutes)
    return float(1.0 - (1.0 - target) ** (1.0 / waves))


def demanded_each(target: float, minutes_left: FloatArray, wave_minutes: float) -> FloatArray:
    """demanded() for several moments."""
    waves = np.maximum(1.0, minutes_left / wave_minutes)
    chances: FloatArray = 1.0 - (1.0 - target) ** (1.0 / waves)
    return chances
