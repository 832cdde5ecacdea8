"""Exact matching by shortest augmenting paths, and the least prices that prove it.

The assignment method of Jonker and Volgenant (1987) in its sparse form: positions enter one after another, each along
the cheapest chain of exchanges (Dijkstra on reduced costs), or stay open where that is cheaper. Plain functions over
numbers, lists of them when small; fast/loops.py compiles the same functions for arrays.

Prices: p of an order, q of a volunteer. For every arc cost + q - p >= 0, and = 0 where it is used; p <= the price of
staying open, and = that where a position stays open; q >= 0, and = 0 where a volunteer is free. These are the
optimality conditions of the linear program; of all prices that meet them the least are found.
"""

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

FREE = -1


class Arcs(NamedTuple):
    """Who may serve what: the arcs of order i are ptr[i]:ptr[i + 1], ascending by cost; whole numbers all."""

    ptr: Any
    volunteer: Any
    cost: Any


class Work(NamedTuple):
    """The matching as it grows. A row is one position of an order.

    arc (row → its arc), row (volunteer → the row that holds them): FREE where there is none;
    p (row), q (volunteer): prices, 0 to begin with.
    The rest is for the search under way: reached (volunteer) and seen (order) say in which search, FREE to begin with;
    distance, by_row, by_arc (volunteer): how far, and from where.
    """

    arc: Any
    row: Any
    p: Any
    q: Any
    reached: Any
    distance: Any
    by_row: Any
    by_arc: Any
    seen: Any


def augment(arcs: Arcs, order_of: Any, open_price: Any, work: Work, budget: int) -> int:
    """Match row after row, row r being a position of order order_of[r]. Fills `work`.

    Answers how many lists of arcs were looked through, or FREE where that would exceed the budget: then nothing is
    decided yet.
    """
    ptr, volunteer, cost = arcs
    arc_of, row_of, p, q, reached, distance, by_row, by_arc, seen = work
    scans = 0
    heap = [(np.int64(0), np.int64(0))]
    settled = [np.int64(0)]
    for first in range(len(order_of)):
        best = open_price[order_of[first]]
        end, leaver = FREE, first
        row, base = first, best - best
        heap.clear()
        settled.clear()
        while row != FREE:
            order = order_of[row]
            if seen[order] != first:  # else an equal row of the same order was as near
                seen[order] = first
                scans += 1
                shift = base - p[row]
                for arc in range(ptr[order], ptr[order + 1]):
                    away = shift + cost[arc]
                    if away >= best:
                        break
                    v = volunteer[arc]
                    away += q[v]
                    if away < best and (reached[v] != first or away < distance[v]):
                        reached[v], distance[v], by_row[v], by_arc[v] = first, away, row, arc
                        if row_of[v] == FREE:
                            best, end = away, v
                        else:
                            heappush(heap, (away, v))
            row = FREE
            while len(heap) > 0:
                base, v = heappop(heap)
                if base >= best:
                    break
                if base == distance[v]:
                    settled.append(v)
                    row = row_of[v]
                    leaving = base + open_price[order_of[row]] - p[row]
                    if leaving < best:
                        best, end, leaver = leaving, FREE, row
                    break
        if scans > budget:
            return FREE
        p[first] = best
        for v in settled:
            q[v] += best - distance[v]
            p[row_of[v]] += best - distance[v]
        if end == FREE and leaver != first:
            end = volunteer[arc_of[leaver]]
            arc_of[leaver] = FREE
        while end != FREE:  # back along the chain, each row hands its volunteer to the next
            row = by_row[end]
            left = arc_of[row]
            arc_of[row], row_of[end] = by_arc[end], row
            end = FREE if left == FREE else volunteer[left]
    return scans


def settle_prices(arcs: Arcs, open_price: Any, holder: Any, paid: Any, p: Any, q: Any, queue: Any, queued: Any) -> bool:
    """Raise p (order) and q (volunteer, from 0) to the least prices that prove a matching to be optimal.

    `holder` (volunteer → order, or FREE) and `paid` (cost of that arc) are the matching; p comes as the open price
    where a position is open, else as the dearest arc used. Work space for the orders: queue, and queued as zeros.
    Answers False where the matching is not optimal; then the prices mean nothing.
    """
    ptr, volunteer, cost = arcs
    size = len(open_price)
    for order in range(size):
        queue[order], queued[order] = order, 1
    head, waiting = 0, size
    while waiting > 0:
        order = queue[head]
        head, waiting, queued[order] = (head + 1) % size, waiting - 1, 0
        for arc in range(ptr[order], ptr[order + 1]):
            if cost[arc] >= p[order]:
                break
            v = volunteer[arc]
            if p[order] - cost[arc] <= q[v]:
                continue
            q[v] = p[order] - cost[arc]
            other = holder[v]
            if other == FREE or paid[v] + q[v] > open_price[other]:
                return False
            if paid[v] + q[v] > p[other]:
                p[other] = paid[v] + q[v]
                if queued[other] == 0:
                    queue[(head + waiting) % size], queued[other] = other, 1
                    waiting += 1
    return True
