"""The fall-back, and the yardstick: orders by priority, each takes its cheapest volunteers still free."""

import numpy as np

from dispatch.candidates import Candidates
from dispatch.geo import IntArray


def solve(options: list[Candidates]) -> list[IntArray]:
    """For each order (in the order given), which of its candidates serve it; equal priorities in the order
    given."""
    chosen = [np.zeros(0, dtype=np.int64)] * len(options)
    busy: set[int] = set()
    for i in sorted(range(len(options)), key=lambda i: -options[i].order.priority):
        free = [k for k, one in enumerate(options[i].who.tolist()) if one not in busy]
        if options[i].order.together and len(free) < options[i].order.positions:
            continue
        chosen[i] = np.array(free[: options[i].order.positions], dtype=np.int64)
        busy.update(options[i].who[chosen[i]].tolist())
    return chosen
