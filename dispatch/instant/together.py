"""Orders that want all of their positions filled or none: no network can say that, so CP-SAT does where it matters.

The flow without that wish is a lower bound, and most often fills nobody by halves. Where it does, the orders linked to
those by shared candidates are decided anew by CP-SAT; then the flow is solved once more with its decisions fixed, which
gives the cheapest plan under them and its prices.
"""

from dataclasses import dataclass, replace

import numpy as np

from dispatch.crowd import BoolArray
from dispatch.geo import IntArray
from dispatch.instant.network import Answer, Loops, Network, solve
from dispatch.instant.paths import Arcs

MOST_ARCS = 300_000  # CP-SAT is not tried on more


@dataclass(frozen=True, slots=True)
class Solved:
    """The answer, the proven bound on its objective, and whether it is as good as that; `stopped` by the clock."""

    answer: Answer
    objective: int
    bound: int
    stopped: bool = False

    @property
    def proven(self) -> bool:
        return self.bound == self.objective


def solve_together(net: Network, together: BoolArray, seconds: float, loops: Loops | None = None) -> Solved:
    """The cheapest plan in which no order of `together` is filled by halves. Raises FlowFailed.

    With the decisions of CP-SAT fixed, the price of an order left out is what its cheapest place would cost, and that
    of an order kept in may be more than its open price.
    """
    relaxed = solve(net, loops)
    objective = cost_of(net, relaxed)
    halves = _halves(net, together, relaxed)
    if not len(halves):
        return Solved(relaxed, objective, objective)
    left_out, answer = _without_halves(net, together, relaxed, loops)
    within = _linked(net, halves)
    part, arcs = _part(net, within)
    bound, stopped = objective, False
    if len(part.arcs.cost) <= MOST_ARCS:
        before = cost_of(net, relaxed, within)
        from dispatch.instant.branching import Model  # only now: it takes a second to load

        model = Model(part, together[within])
        model.hint(np.isin(arcs, answer.used))
        found = model.solve(seconds)
        bound, stopped = objective - before + max(before, found.bound), found.stopped
        if found.cost < cost_of(net, answer, within):
            left_out = left_out.copy()
            left_out[within] = found.left_out
            answer = _fixed(net, together, left_out, loops)
    return Solved(answer, cost_of(net, answer), bound, stopped)


def cost_of(net: Network, answer: Answer, within: IntArray | None = None) -> int:
    """The objective of an answer, or the share of some orders in it."""
    order = np.repeat(np.arange(len(net.positions)), np.diff(net.arcs.ptr))[answer.used]
    filled = np.bincount(order, minlength=len(net.positions))
    paid = np.zeros(len(net.positions), dtype=np.int64)
    np.add.at(paid, order, net.arcs.cost[answer.used])
    points = paid + (net.positions - filled) * net.open_price
    return int(points.sum() if within is None else points[within].sum())


def _filled(net: Network, answer: Answer) -> IntArray:
    return np.diff(np.searchsorted(answer.used, net.arcs.ptr))


def _halves(net: Network, together: BoolArray, answer: Answer) -> IntArray:
    filled = _filled(net, answer)
    return np.flatnonzero(together & (filled > 0) & (filled < net.positions))


def _without_halves(net: Network, together: BoolArray, answer: Answer, loops: Loops | None) -> tuple[BoolArray, Answer]:
    """A first sound plan: leave out what is filled by halves until nothing is."""
    left_out = np.zeros(len(net.positions), dtype=np.bool_)
    while len(halves := _halves(net, together, answer)):
        left_out[halves] = True
        answer = solve(replace(net, positions=np.where(left_out, 0, net.positions)), loops)
    return together & (_filled(net, answer) == 0), _priced(net, left_out, answer)


def _fixed(net: Network, together: BoolArray, left_out: BoolArray, loops: Loops | None) -> Answer:
    """The cheapest plan that fills every order of `together` but those left out."""
    certain = net.open_price.copy()
    certain[together] = int((net.positions * net.open_price).sum()) + 1
    fixed = replace(net, positions=np.where(left_out, 0, net.positions), open_price=certain)
    return _priced(net, left_out, solve(fixed, loops))


def _priced(net: Network, left_out: BoolArray, answer: Answer) -> Answer:
    """With a price for what is left out: that of its cheapest place, or of staying open."""
    prices = answer.order_price.copy()
    for order in np.flatnonzero(left_out).tolist():
        here = slice(net.arcs.ptr[order], net.arcs.ptr[order + 1])
        place = net.arcs.cost[here] + answer.volunteer_price[net.arcs.volunteer[here]]
        prices[order] = min(int(place.min(initial=net.open_price[order])), int(net.open_price[order]))
    return replace(answer, order_price=prices)


def linked_halves(net: Network, together: BoolArray, answer: Answer) -> IntArray:
    """The orders that an answer fills by halves, and all that are linked to them."""
    return _linked(net, _halves(net, together, answer))


def _linked(net: Network, halves: IntArray) -> IntArray:
    """The orders that share candidates with these, or with those that do, and so on."""
    order = np.repeat(np.arange(len(net.positions)), np.diff(net.arcs.ptr))
    inside = np.zeros(len(net.positions), dtype=np.bool_)
    inside[halves] = True
    people = np.zeros(net.volunteers, dtype=np.bool_)
    while True:
        people[net.arcs.volunteer[inside[order]]] = True
        wider = inside.copy()
        wider[order[people[net.arcs.volunteer]]] = True
        if np.array_equal(wider, inside):
            return np.flatnonzero(inside)
        inside = wider


def _part(net: Network, orders: IntArray) -> tuple[Network, IntArray]:
    """The network of some orders alone, and where its arcs are in the whole one."""
    wanted = np.zeros(len(net.positions), dtype=np.bool_)
    wanted[orders] = True
    widths = np.diff(net.arcs.ptr)
    arcs = np.flatnonzero(np.repeat(wanted, widths))
    ptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(widths[orders])])
    own = Arcs(ptr, net.arcs.volunteer[arcs], net.arcs.cost[arcs])
    turn = np.arange(len(orders))
    return Network(own, net.positions[orders], net.open_price[orders], net.volunteers, turn), arcs
