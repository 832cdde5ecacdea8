"""Orders of several people who all begin at the same moment.

In the linear program each place at a meeting has the price of its order, whatever the start: an order of n people is
sold n times, at most. What that misses is that places are worth nothing until all n are taken at one start.
"""

import numpy as np
from numpy.typing import NDArray

from dispatch.day.shifts import Shifts


def hopeless(day: Shifts) -> NDArray[np.bool_]:
    """Tasks (T) that are a common start to which not enough volunteers could come."""
    people = np.bincount(day.pair_task, minlength=len(day.task_order))  # nobody's own shifts overlap
    return np.asarray(people < day.order_people[day.task_order])


def coverable(day: Shifts) -> int:
    """What the orders are worth that somebody could serve at all, alone or with as many others as it takes."""
    orders, first = np.unique(day.task_order[~hopeless(day)], return_index=True)
    value = day.task_value[~hopeless(day)][first]
    return int((value * day.order_people[orders]).sum())
