"""The part of an instant plan that a change reaches, solved anew; prices prove that nothing outside of it need move.

Every change is an order or a volunteer that is new, gone or not what it was. The region begins with the orders these
touch. Outside of it the old prices still hold, so the outside can trade with the region at these prices: it hands over
a busy volunteer for no less than their price, and it takes one for no more than the best order there would pay. When
the region's cheapest plan trades nothing, both parts together are the cheapest plan of all; when it trades, the orders
concerned join the region and it is solved again.
"""

from dataclasses import dataclass, field

import numpy as np

from dispatch import geo
from dispatch.candidates import Candidates, gather
from dispatch.costs import Weights
from dispatch.crowd import NO_LIMIT, Crowd
from dispatch.geo import IntArray
from dispatch.instant import network as instant
from dispatch.instant.network import Network, PlainLoops
from dispatch.instant.paths import Arcs
from dispatch.reasons.market import pair_cost

NOBODY = -1
LARGEST_SHARE = 0.5  # of the orders; beyond it the whole plan is solved anew


class TooWide(Exception):
    """The change reaches so far that solving everything is quicker."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The old plan in the places of the new problem: for each volunteer the order they serve (NOBODY: none), and the
    prices that proved it (order_price of a changed order means nothing)."""

    serves: IntArray
    order_price: IntArray
    volunteer_price: IntArray


class Columns:
    """What single volunteers could serve, worked out where asked for and kept."""

    def __init__(self, crowd: Crowd, weights: Weights) -> None:
        self.crowd, self.weights = crowd, weights
        self.orders = crowd.problem.orders
        self.spots = geo.places([(order.lat, order.lon) for order in self.orders])
        self._costs: dict[tuple[int, int], int | None] = {}

    def all(self, volunteer: int) -> IntArray:
        """Places of all orders that this volunteer may serve."""
        return self.below(volunteer, np.full(len(self.orders), NO_LIMIT, dtype=np.int64))[0]

    def below(self, volunteer: int, limit: IntArray) -> tuple[IntArray, IntArray]:
        """Places of the orders that this volunteer may serve for fewer points than `limit` has for each, and how many.

        No other term is negative, so whose way alone costs as much is not looked at.
        """
        crowd, person = self.crowd, self.crowd.people[volunteer]
        metres = geo.metres(self.spots, crowd.spots[:, volunteer])
        seconds = geo.travel_seconds(metres, crowd.speed[volunteer], crowd.delay[volunteer])
        hopeful = (metres <= person.radius_m) & (seconds * self.weights.travel_per_minute // 60 < limit)
        found = [
            (place, cost)
            for place in np.flatnonzero(hopeful).tolist()
            if self.orders[place].skills <= person.skills
            and (cost := self._cost(place, volunteer)) is not None
            and cost < limit[place]
        ]
        pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def _cost(self, place: int, volunteer: int) -> int | None:
        if (place, volunteer) not in self._costs:
            self._costs[place, volunteer] = pair_cost(self.crowd, self.orders[place], volunteer, self.weights)
        return self._costs[place, volunteer]


@dataclass(slots=True)
class Region:
    """The orders solved anew, growing. `touched`: volunteers who are not what they were; `freed`: those whose order
    is gone. `rank` breaks ties, `unfilled` is the points of a priority point left open."""

    crowd: Crowd
    weights: Weights
    rank: IntArray
    unfilled: int
    old: Settled
    inside: set[int]
    touched: set[int]
    freed: set[int]
    columns: Columns = field(init=False)
    options: dict[int, Candidates] = field(init=False, default_factory=dict)
    serves: IntArray = field(init=False)
    order_price: IntArray = field(init=False)
    volunteer_price: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.columns = Columns(self.crowd, self.weights)

    def solve(self) -> None:
        """Fill `serves` and the prices, for everybody. Raises TooWide, or FlowFailed."""
        while True:
            if len(self.inside) > LARGEST_SHARE * len(self.crowd.problem.orders):
                raise TooWide
            worth = self._worth()
            trade = Trade.of(self, worth)
            bought, sold = trade.solve()
            if not bought and not sold:
                self._take_over(trade)
                return
            self.inside.update(int(self.old.serves[one]) for one in bought)
            self.inside.update(order for one in sold for order in self._takers(one, worth[one]))

    def option(self, order: int) -> Candidates:
        """The cheapest who may serve this order."""
        if order not in self.options:
            orders = self.crowd.problem.orders
            most = sum(one.positions for one in orders) + 1
            self.options[order] = gather(self.crowd, orders[order], self.weights, self.rank, most)
        return self.options[order]

    def outside(self, volunteer: int) -> bool:
        """Does this volunteer serve an order outside, in the old plan and still?"""
        order = int(self.old.serves[volunteer])
        return order != NOBODY and order not in self.inside

    def _worth(self) -> dict[int, int]:
        """For the volunteers that the region may let go, what the best order outside would give for each."""
        inside = np.fromiter(self.inside, dtype=np.int64, count=len(self.inside))
        mine = np.flatnonzero(np.isin(self.old.serves, inside)).tolist()
        changed = {one: self._best_outside(one) for one in self.touched}
        kept = {one: int(self.old.volunteer_price[one]) for one in (*mine, *self.freed) if one not in changed}
        exact = {one: self._best_outside(one) if price else 0 for one, price in kept.items()}
        return {one: price for one, price in {**changed, **exact}.items() if price > 0}

    def _gains(self, volunteer: int) -> tuple[IntArray, IntArray]:
        """Orders outside that would be better off with this volunteer, and by how many points."""
        price = self.old.order_price.copy()
        price[list(self.inside)] = 0
        orders, cost = self.columns.below(volunteer, price)
        return orders, price[orders] - cost

    def _best_outside(self, volunteer: int) -> int:
        return int(self._gains(volunteer)[1].max(initial=0))

    def _takers(self, volunteer: int, worth: int) -> list[int]:
        orders, gain = self._gains(volunteer)
        return orders[gain == worth].tolist()

    def _take_over(self, trade: "Trade") -> None:
        self.serves = self.old.serves.copy()
        self.serves[np.isin(self.serves, trade.orders)] = NOBODY
        self.serves[trade.people[trade.taken]] = trade.orders[trade.taker]
        self.order_price, self.volunteer_price = self.old.order_price.copy(), self.old.volunteer_price.copy()
        self.order_price[trade.orders] = trade.order_price
        let_go = [*self.touched, *self.freed, *np.flatnonzero(np.isin(self.old.serves, trade.orders)).tolist()]
        self.volunteer_price[let_go] = 0
        mine = ~trade.foreign
        self.volunteer_price[trade.people[mine]] = trade.volunteer_price[mine]


@dataclass(slots=True)
class Trade:
    """One region as a network: its orders, everybody they could have, and a buyer outside for each of `worth`.

    `foreign`: people who serve orders outside, whose cost here includes their price.
    """

    orders: IntArray
    people: IntArray
    foreign: np.ndarray
    buyers: IntArray
    net: Network
    taken: IntArray = field(init=False)
    taker: IntArray = field(init=False)
    order_price: IntArray = field(init=False)
    volunteer_price: IntArray = field(init=False)

    @classmethod
    def of(cls, region: Region, worth: dict[int, int]) -> "Trade":
        orders = np.array(sorted(region.inside), dtype=np.int64)
        rows = [region.option(order) for order in orders.tolist()]
        sellable = np.array(sorted(worth), dtype=np.int64)
        who = np.concatenate([np.zeros(0, dtype=np.int64), *(row.who for row in rows), sellable])
        people, place = np.unique(who, return_inverse=True)
        foreign = np.array([region.outside(one) for one in people.tolist()], dtype=np.bool_)
        fee = np.where(foreign, region.old.volunteer_price[people], 0)
        cost = np.concatenate([np.zeros(0, dtype=np.int64), *(row.cost for row in rows), np.zeros_like(sellable)])
        length = [len(row) for row in rows] + [1] * len(sellable)
        specs = [row.order for row in rows]
        wants = [spec.positions for spec in specs] + [1] * len(sellable)
        price = [spec.priority * region.unfilled for spec in specs] + [worth[one] for one in sellable.tolist()]
        arcs = _ascending(np.array(length, dtype=np.int64), place, cost + fee[place])
        net = Network(arcs, np.array(wants, np.int64), np.array(price, np.int64), len(people), np.arange(len(length)))
        return cls(orders, people, foreign, place[len(who) - len(sellable) :], net)

    def solve(self) -> tuple[list[int], list[int]]:
        """Who is bought from outside and who is sold to it. Where nobody is, the prices are worked out.

        A trade that saves nothing is not made: every point counts as many as there could be trades.
        """
        arcs, orders = self.net.arcs, len(self.orders)
        row = np.repeat(np.arange(len(self.net.positions)), np.diff(arcs.ptr))
        traded = self.foreign[arcs.volunteer] | (row >= orders)
        scale = int(self.net.positions.sum()) + 1
        dear = Arcs(arcs.ptr, arcs.volunteer, arcs.cost * scale + traded)
        order = _order_within(dear)
        dear = Arcs(arcs.ptr, dear.volunteer[order], dear.cost[order])
        net = Network(dear, self.net.positions, self.net.open_price * scale, self.net.volunteers, self.net.turn)
        used = np.sort(order[instant.solve(net).used])
        self.taken, self.taker = arcs.volunteer[used], row[used]
        home = self.taker < orders
        bought = self.people[self.taken[home & self.foreign[self.taken]]].tolist()
        sold = self.people[self.taken[~home]].tolist()
        if not bought and not sold:
            self._price(used)
        return bought, sold

    def _price(self, used: IntArray) -> None:
        found, self.volunteer_price = instant.prices(self.net, used, PlainLoops())
        self.order_price = found[: len(self.orders)]


def _ascending(length: IntArray, volunteer: IntArray, cost: IntArray) -> Arcs:
    arcs = Arcs(np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(length)]), volunteer, cost)
    order = _order_within(arcs)
    return Arcs(arcs.ptr, volunteer[order], cost[order])


def _order_within(arcs: Arcs) -> IntArray:
    """The arcs of every order by cost, equals as they come."""
    row = np.repeat(np.arange(len(arcs.ptr) - 1), np.diff(arcs.ptr))
    return np.lexsort((arcs.cost, row))
