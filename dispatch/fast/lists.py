"""The candidates kept for every order, and how these lists grow."""

from dataclasses import dataclass

import numpy as np

from dispatch.compiled import compiled
from dispatch.crowd import BoolArray
from dispatch.fast.search import Bids, City, Found, search
from dispatch.geo import IntArray
from dispatch.instant.paths import Arcs

NO_LIMIT = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Lists:
    """arcs: the candidates of every order, cheapest first, ties by rank. whole: nobody else may serve the order."""

    arcs: Arcs
    whole: BoolArray

    def too_short(self, price: IntArray) -> IntArray:
        """The orders who might want somebody beyond the end of their list, where they pay up to this price."""
        full = np.flatnonzero(~self.whole & (np.diff(self.arcs.ptr) > 0))
        return full[price[full] >= self.arcs.cost[self.arcs.ptr[full + 1] - 1]]


class Collector:
    """Looks for candidates in a city: first the cheapest few, then whatever the prices ask for."""

    def __init__(self, city: City, cell_of: IntArray, rank: IntArray) -> None:
        self.city, self.cell_of, self.rank = city, cell_of, rank
        self.people = len(rank)
        self.by_rank = np.empty_like(rank)
        self.by_rank[rank] = np.arange(self.people)

    def first(self, positions: IntArray, width: int) -> Lists:
        """The cheapest few of every order, twice as many as it has positions at least."""
        none = Arcs(np.zeros(len(positions) + 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
        nobody = Lists(none, np.full(len(positions), not self.people))
        if not self.people:
            return nobody
        return self.longer(nobody, np.arange(len(positions)), np.maximum(width, 2 * positions))

    def longer(self, lists: Lists, orders: IntArray, width: IntArray) -> Lists:
        """New lists for some orders: the `width` cheapest of each."""
        limit, price = np.full(len(orders), NO_LIMIT), np.zeros(self.people, np.int64)
        found = self._search(orders, np.minimum(width, self.people + 1), limit, price)
        whole = lists.whole.copy()
        whole[orders] = found.whole
        return Lists(Arcs(*merge(lists.arcs, orders, found, self.rank, self.by_rank, True)), whole)

    def cheaper(self, lists: Lists, order_price: IntArray, volunteer_price: IntArray, width: int) -> tuple[Lists, int]:
        """Add, for every order, up to `width` of those who would serve it for less than its price, and how many these
        are over all orders. The prices must hold for all arcs there are, so that nobody comes twice."""
        orders = np.flatnonzero(~lists.whole)
        found = self._search(orders, np.full(len(orders), width), order_price[orders], volunteer_price)
        return Lists(Arcs(*merge(lists.arcs, orders, found, self.rank, self.by_rank, False)), lists.whole), len(
            found.cost
        )

    def _search(self, orders: IntArray, width: IntArray, limit: IntArray, price: IntArray) -> Found:
        """From place to place, so that neighbours find the city in the cache; then back in the order asked for."""
        near = np.argsort(self.cell_of[orders], kind="stable")
        bids = Bids(orders[near], width[near], limit[near], price, self.rank, self.by_rank)
        return in_order(near, search(self.city, bids))


@compiled
def in_order(near: IntArray, found: Found) -> Found:
    """Lists of orders near[0], near[1], … as lists 0, 1, …"""
    size = len(near)
    place = np.empty(size, dtype=np.int64)
    ptr = np.zeros(size + 1, dtype=np.int64)
    whole = np.empty(size, dtype=np.bool_)
    for k in range(size):
        place[near[k]] = k
        ptr[near[k] + 1] = found.ptr[k + 1] - found.ptr[k]
        whole[near[k]] = found.whole[k]
    ptr = np.cumsum(ptr)
    volunteer, cost = np.empty(ptr[size], dtype=np.int64), np.empty(ptr[size], dtype=np.int64)
    for i in range(size):
        first, stop = found.ptr[place[i]], found.ptr[place[i] + 1]
        volunteer[ptr[i] : ptr[i + 1]] = found.volunteer[first:stop]
        cost[ptr[i] : ptr[i + 1]] = found.cost[first:stop]
    return Found(ptr, volunteer, cost, whole)


@compiled
def merge(
    arcs: Arcs, orders: IntArray, found: Found, rank: IntArray, by_rank: IntArray, anew: bool
) -> tuple[IntArray, IntArray, IntArray]:
    """ptr, volunteer and cost with what was found for `orders` (ascending): added to what is there, or in its place."""
    size, crowd = len(arcs.ptr) - 1, max(len(rank), 1)
    which = np.full(size, -1, dtype=np.int64)
    which[orders] = np.arange(len(orders))
    most = len(arcs.cost) + len(found.cost)
    ptr, volunteer, cost = np.zeros(size + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    at = 0
    for order in range(size):
        begin, k = at, which[order]
        if k < 0 or not anew:
            for arc in range(arcs.ptr[order], arcs.ptr[order + 1]):
                volunteer[at], cost[at] = arcs.volunteer[arc], arcs.cost[arc]
                at += 1
        if k >= 0 and found.ptr[k] < found.ptr[k + 1]:
            for arc in range(found.ptr[k], found.ptr[k + 1]):
                volunteer[at], cost[at] = found.volunteer[arc], found.cost[arc]
                at += 1
            if not anew:
                keys = np.sort(cost[begin:at] * crowd + rank[volunteer[begin:at]])
                for i in range(at - begin):
                    volunteer[begin + i], cost[begin + i] = by_rank[keys[i] % crowd], keys[i] // crowd
        ptr[order + 1] = at
    return ptr, volunteer[:at].copy(), cost[:at].copy()
