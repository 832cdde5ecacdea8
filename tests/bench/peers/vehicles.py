"""A day's problem as vehicle routing knows it: one vehicle a shift, one job an order, travel matrices by mode."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch import Problem, Weights, geo
from dispatch.day.shifts import Shifts
from dispatch.geo import IntArray

ROWS = 500


@dataclass(frozen=True, slots=True)
class Fleet:
    """The day in the words of vehicle routing: `arrays` (orders of one position only), `priority` of each job, the
    vehicles' `mode` (a row of `travel`, seconds between all places), times counted from `base`."""

    arrays: Shifts
    priority: IntArray
    mode: IntArray
    travel: tuple[NDArray[np.uint32], ...]
    base: int

    @property
    def jobs(self) -> int:
        return len(self.arrays.task_order)

    @property
    def vehicles(self) -> int:
        return len(self.arrays.begin)

    def may_do(self, vehicle: int) -> list[int]:
        """The jobs a vehicle is allowed: skills, radius, bans, sex and age in one, as nothing else can say them."""
        return self.arrays.pair_task[self.arrays.ptr[vehicle] : self.arrays.ptr[vehicle + 1]].tolist()


def of(problem: Problem, weights: Weights) -> Fleet:
    """Raises ValueError for what vehicle routing has no words for: orders of several people, shared limits."""
    arrays = Shifts.of(problem, weights)
    several = any(order.positions > 1 for order in problem.orders)
    if several or len(arrays.limit_volunteer) or not len(arrays.begin):
        raise ValueError("no vehicles, or orders of several people, or limits shared by shifts: not in this model")
    modes, mode = np.unique(np.stack([arrays.speed, arrays.delay]), axis=1, return_inverse=True)
    travel = tuple(_matrix(arrays, int(speed), int(delay)) for speed, delay in modes.T)
    priority = np.array([problem.orders[k].priority for k in arrays.task_order.tolist()], dtype=np.int64)
    return Fleet(arrays, priority, mode.reshape(-1), travel, int(arrays.begin.min()))


def _matrix(arrays: Shifts, speed: int, delay: int) -> NDArray[np.uint32]:
    """Seconds between all places, exactly as the engine counts them."""
    spots = arrays.spots
    seconds = np.empty((len(spots), len(spots)), dtype=np.uint32)
    for first in range(0, len(spots), ROWS):
        gap = spots[first : first + ROWS, None, :] - spots[None]
        metres = np.ceil(np.sqrt((gap * gap).sum(axis=2))).astype(np.int64)
        seconds[first : first + ROWS] = geo.travel_seconds(metres, speed, delay)
    return seconds
