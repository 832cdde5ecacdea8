"""Does the answer model mean what it says: Brier score and reliability table, also where some offers were cut short."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.geo import FloatArray

Flags = NDArray[np.bool_]
EDGES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Offers whose chance was said to lie in [low, high): how many, the mean chance said, the share that said yes."""

    low: float
    high: float
    offers: int
    said: float
    happened: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """brier: mean squared distance of chance and outcome (0 perfect); constant: the same when everybody is given
    `prior`, the mean of what was learnt from; lower is better. `table`: the reliability by bins."""

    brier: float
    constant: float
    prior: float
    offers: int
    table: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"table": [asdict(row) for row in self.table]}

    def worst(self, least: int = 200) -> float:
        """The largest distance of said and happened among bins with `least` offers or more; 0 when there is none."""
        return max((abs(row.said - row.happened) for row in self.table if row.offers >= least), default=0.0)


def calibration(said: FloatArray, yes: Flags, prior: float, weights: FloatArray | None = None) -> Calibration:
    """Hold chances (of a yes within the offer's time) against what happened.

    `weights` make up for offers cut short (censoring_weights); offers of weight 0 count nowhere.
    """
    weight = np.ones(len(said)) if weights is None else weights
    kept = weight > 0
    said, yes, weight = said[kept], yes[kept], weight[kept]
    if not len(said):
        return Calibration(0.0, 0.0, prior, 0, ())
    place = np.clip(np.searchsorted(EDGES, said, side="right") - 1, 0, len(EDGES) - 2)
    table = tuple(
        Bin(EDGES[k], EDGES[k + 1], int(mine.sum()), _mean(said[mine], weight[mine]), _mean(yes[mine], weight[mine]))
        for k in range(len(EDGES) - 1)
        if (mine := place == k).any()
    )
    return Calibration(_mean((said - yes) ** 2, weight), _mean((prior - yes) ** 2, weight), prior, len(said), table)


def _mean(values: Any, weight: FloatArray) -> float:
    return float(np.average(values, weights=weight))


def censoring_weights(minutes: FloatArray, cut: Flags, limit: FloatArray) -> FloatArray:
    """Weights by which the offers that ran their course stand for those that were cut short as well.

    An offer known to have had its outcome after t minutes (an answer, or silence to its `limit`) counts
    1 / P(not cut short before t), the probability by Kaplan and Meier over all offers; one that was `cut` (withdrawn)
    counts 0. Right as long as who is cut short does not depend on their own answer: it is somebody else's yes.
    """
    ends = np.minimum(minutes, limit)
    order = np.argsort(ends, kind="stable")
    risk = np.arange(len(ends), 0, -1)
    steps = np.where(cut[order], 1.0 - 1.0 / risk, 1.0)
    left = np.concatenate([[1.0], np.cumprod(steps)])
    before = left[np.searchsorted(ends[order], ends, side="left")]
    weights: FloatArray = np.where(cut, 0.0, 1.0 / np.maximum(before, 0.05))
    return weights
