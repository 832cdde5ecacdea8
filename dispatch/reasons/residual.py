"""What becomes of an optimal plan when one thing in it changes: exact, without solving anew.

`Residual` is a market with its decisions and prices, open to changes. Each position of an order, and each volunteer,
that has to find its place again takes one shortest path over reduced costs (Dijkstra), after which decisions and prices
are optimal again: the successive shortest path method for minimum-cost flow (Ahuja, Magnanti and Orlin, Network Flows,
1993).

Paths run order → volunteer (a pair not used yet) → the order which that volunteer serves → … and pass END where
somebody idle is taken or somebody busy set free, and where a position opens or an open one is filled.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from dispatch.reasons.market import IDLE, NOBODY, Market, Prices, Row

END = -1  # orders are nodes 0..n-1, volunteers n, n+1, …
FAR = 1 << 61
Edges = Callable[[int, int], Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Search:
    """Distances of the nodes settled, the node before each, and whether the goal was nearer than the limit."""

    length: int
    settled: dict[int, int]
    before: dict[int, int]
    reached: bool

    def path(self, node: int) -> list[int]:
        """From a node back to where the search began."""
        nodes = [node]
        while nodes[-1] in self.before:
            nodes.append(self.before[nodes[-1]])
        return nodes


class Residual:
    """Indices as in the market; new volunteers follow behind. Changed rows and columns lie over the market's."""

    def __init__(self, market: Market, prices: Prices) -> None:
        self.market = market
        self.order_price, self.volunteer_price = prices.order.copy(), prices.volunteer.copy()
        self.serves, self.vacant = market.serves.copy(), market.vacant.copy()
        self.open_price = market.open_price.copy()
        self.first_volunteer = len(self.order_price)
        self._rows: dict[int, Row] = {}
        self._columns: dict[int, Row] = {}

    def copy(self) -> "Residual":
        """A second one to try things on."""
        other = copy(self)
        for name in ("order_price", "volunteer_price", "serves", "vacant", "open_price", "_rows", "_columns"):
            setattr(other, name, getattr(self, name).copy())
        return other

    def put_order(self, order: int, row: Row, positions: int, open_price: int) -> None:
        """The order now has these pairs, positions and price of staying open; all find their places again."""
        released = np.flatnonzero(self.serves == order).tolist()
        self.serves[released] = IDLE
        self._rows[order], self.vacant[order] = NOBODY, 0
        for volunteer in released:
            self._absorb(volunteer)
        self._rows[order] = row
        self.vacant[order], self.open_price[order] = positions, open_price
        reach = row.cost + self.volunteer_price[row.who]
        self.order_price[order] = reach.min(initial=open_price)
        for _ in range(positions):
            self._fill(order)

    def put_volunteer(self, volunteer: int, column: Row) -> None:
        """The volunteer (one of the market's, or the next new one) can now do this; all find their places again."""
        if volunteer == len(self.serves):
            self.serves = np.append(self.serves, IDLE)
            self.volunteer_price = np.append(self.volunteer_price, 0)
        order = int(self.serves[volunteer])
        self.serves[volunteer], self.volunteer_price[volunteer] = IDLE, 0
        self._columns[volunteer] = NOBODY
        if order != IDLE:
            self.vacant[order] += 1
            self._fill(order)
        self._columns[volunteer] = column
        worth = self.order_price[column.who] - column.cost
        self.volunteer_price[volunteer] = worth.max(initial=0)
        self._absorb(volunteer)

    def slack(self, order: int, volunteer: int) -> int:
        """How many points dearer a pair of the plan could become while the plan stays the best: exact."""
        return self._search(order, self.first_volunteer + volunteer, self._out, FAR).length

    def row(self, order: int) -> Row:
        """Who could serve an order now."""
        if order in self._rows:
            return self._rows[order]
        row = self.market.row(order)
        for volunteer, column in self._columns.items():
            row = _replaced(row, volunteer, column, order)
        return row

    def column(self, volunteer: int) -> Row:
        """What a volunteer could serve now."""
        if volunteer in self._columns:
            return self._columns[volunteer]
        column = self.market.column(volunteer)
        for order, row in self._rows.items():
            column = _replaced(column, order, row, volunteer)
        return column

    def cost(self) -> int:
        """Points of all the pairs chosen: what the filled positions are worth less what their people would save."""
        filled = np.bincount(self.serves[self.serves != IDLE], minlength=len(self.order_price))
        return int((filled * self.order_price).sum() - self.volunteer_price.sum())

    def _fill(self, order: int) -> None:
        """Staff a vacant position along the cheapest chain, or leave it open where that is cheaper."""
        found = self._search(order, END, self._out, int(self.open_price[order] - self.order_price[order]))
        if found.reached:
            self._walk([*reversed(found.path(END)), order])
        for node, away in found.settled.items():
            if node < self.first_volunteer:
                self._raise(node, found.length - away)

    def _absorb(self, volunteer: int) -> None:
        """Give somebody idle the work that helps the plan most, or leave them idle where nothing does."""
        start = self.first_volunteer + volunteer
        found = self._search(start, END, self._into, int(self.volunteer_price[volunteer]))
        if found.reached:
            self._walk(found.path(END))
        for node, away in found.settled.items():
            if node >= self.first_volunteer:
                self.volunteer_price[node - self.first_volunteer] -= found.length - away
            else:
                self.order_price[node] -= found.length - away

    def _walk(self, nodes: list[int]) -> None:
        """Change the decisions along a path."""
        first = self.first_volunteer
        for tail, head in pairwise(nodes):
            if tail == END and head >= first:
                self.serves[head - first] = IDLE
            elif tail == END:
                self.vacant[head] -= 1
            elif tail < first and head == END:
                self.vacant[tail] += 1
            elif tail < first:
                self.serves[head - first] = tail

    def _raise(self, order: int, by: int) -> None:
        """A dearer order makes all of its people dearer: what they bring is what they would save elsewhere."""
        self.order_price[order] += by
        row = self.row(order)
        mine = self.serves[row.who] == order
        self.volunteer_price[row.who[mine]] = self.order_price[order] - row.cost[mine]

    def _search(self, start: int, goal: int, edges: Edges, limit: int) -> Search:
        """Shortest path from start to goal along `edges`, as long as it is shorter than the limit."""
        known, before, settled = {start: 0}, dict[int, int](), dict[int, int]()
        heap = [(0, start)]
        while heap:
            away, node = heappop(heap)
            if node == goal:
                return Search(away, settled, before, True)
            if node in settled or away >= known.get(goal, limit):
                continue
            settled[node] = away
            for head, length in edges(node, known.get(goal, limit) - away):
                if away + length < min(known.get(head, limit), known.get(goal, limit)):
                    known[head], before[head] = away + length, node
                    heappush(heap, (away + length, head))
        return Search(limit, settled, before, False)

    def _out(self, node: int, bound: int) -> Iterator[tuple[int, int]]:
        """Edges that leave a node, with their reduced costs; of the idle volunteers only the nearest matters."""
        first = self.first_volunteer
        if node == END:
            yield from ((order, 0) for order in np.flatnonzero(self.vacant).tolist())
            near = np.flatnonzero((self.serves != IDLE) & (self.volunteer_price < bound))
            yield from zip((near + first).tolist(), self.volunteer_price[near].tolist(), strict=True)
        elif node >= first:
            holder = int(self.serves[node - first])
            yield (END, 0) if holder == IDLE else (holder, 0)
        else:
            yield END, int(self.open_price[node] - self.order_price[node])
            row = self.row(node)
            reach = row.cost + self.volunteer_price[row.who] - self.order_price[node]
            idle = self.serves[row.who] == IDLE
            if idle.any():
                nearest = int(np.flatnonzero(idle)[reach[idle].argmin()])
                yield int(row.who[nearest]) + first, int(reach[nearest])
                bound = min(bound, int(reach[nearest]))
            near = ~idle & (self.serves[row.who] != node) & (reach < bound)
            yield from zip((row.who[near] + first).tolist(), reach[near].tolist(), strict=True)

    def _into(self, node: int, bound: int) -> Iterator[tuple[int, int]]:
        """Edges that lead to a node, with their reduced costs."""
        first = self.first_volunteer
        if node < first:
            if self.vacant[node]:
                yield END, 0
            yield from ((first + one, 0) for one in np.flatnonzero(self.serves == node).tolist())
            return
        volunteer = node - first
        if self.serves[volunteer] != IDLE:
            yield END, int(self.volunteer_price[volunteer])
        column = self.column(volunteer)
        reach = column.cost + self.volunteer_price[volunteer] - self.order_price[column.who]
        near = (reach < bound) & (column.who != self.serves[volunteer])
        yield from zip(column.who[near].tolist(), reach[near].tolist(), strict=True)


def _replaced(row: Row, one: int, other_way: Row, here: int) -> Row:
    """A row without `one`, and with it again if `here` is among the pairs of `one` now."""
    keep = row.who != one
    again = other_way.who == here
    who = np.append(row.who[keep], np.full(np.count_nonzero(again), one, dtype=np.int64))
    return Row(who, np.append(row.cost[keep], other_way.cost[again]))
