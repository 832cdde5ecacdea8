"""How long people take to answer: the share of all answers that is there by minute t, as a curve of few numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.geo import FloatArray

# Ends of the steps in minutes: fine where offers are decided, coarse where they have long run out.
STEPS = (0.5, 1, 2, 3, 4, 5, 7, 10, 13, 17, 22, 30, 40, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880)


@dataclass(frozen=True, slots=True)
class Delay:
    """A distribution of delays: `share[k]` of all answers of this sort have come `minutes[k]` after the asking.

    Straight between the points and from (0, 0); after the last point its share holds for ever. Shares never fall and
    stay within 0 to 1, minutes rise: ValueError otherwise.
    """

    minutes: tuple[float, ...]
    share: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.minutes) != len(self.share) or not self.minutes:
            raise ValueError("a curve of delays needs as many shares as minutes, and at least one")
        steps = zip(self.minutes, self.minutes[1:], strict=False)
        if self.minutes[0] <= 0 or any(b <= a for a, b in steps):
            raise ValueError("the minutes of a curve of delays must rise from above zero")
        levels = (0.0, *self.share)
        if any(b < a for a, b in zip(levels, self.share, strict=False)) or self.share[-1] > 1.0:
            raise ValueError("the shares of a curve of delays must not fall, and stay within 0 to 1")

    def by(self, minutes: Any) -> FloatArray:
        """The share of answers that came within `minutes` (any shape); 0 for times before the asking."""
        found: FloatArray = np.interp(minutes, (0.0, *self.minutes), (0.0, *self.share))
        return found

    def to_dict(self) -> dict[str, list[float]]:
        return {"minutes": list(self.minutes), "share": list(self.share)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Sequence[float]]) -> "Delay":
        return cls(tuple(map(float, data["minutes"])), tuple(map(float, data["share"])))


def lognormal(median: float, spread: float) -> Delay:
    """The curve of delays whose logarithm is normal: `median` minutes, `spread` the deviation of the logarithm."""
    from math import erf, log, sqrt

    return Delay(
        tuple(map(float, STEPS)),
        tuple(0.5 * (1 + erf(log(step / median) / (spread * sqrt(2)))) for step in STEPS),
    )
