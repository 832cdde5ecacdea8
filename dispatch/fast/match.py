"""match_tables(): the exact instant matching of a whole city, arrays in and arrays out."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from dispatch import costs
from dispatch.compiled import compiled
from dispatch.costs import Extremes, Weights
from dispatch.crowd import BoolArray
from dispatch.fast.arrays import DELAYS, SPEEDS, Dials, Needs, People, dials_of, needs_of, people_of
from dispatch.fast.grid import build
from dispatch.fast.lists import Collector, Lists
from dispatch.fast.loops import CompiledLoops
from dispatch.fast.pair import first_start, metres_between, travel_time
from dispatch.fast.search import NO_KEY, City
from dispatch.geo import IntArray
from dispatch.instant import network as instant
from dispatch.instant.network import Answer, FlowFailed, Network
from dispatch.instant.paths import Arcs
from dispatch.instant.together import MOST_ARCS, Solved, cost_of, linked_halves, solve_together
from dispatch.tables import Tables

FIRST_WIDTH = 6  # candidates an order to begin with; lists too short are found by the certificate
WIDER = 2
MANY = 2  # more people than so many times the positions: scarcity is not likely
LOOPS = CompiledLoops()


@dataclass(frozen=True, slots=True)
class Ties:
    """What decides between equals: the rank of every volunteer, and the turn of every order."""

    rank: IntArray
    turn: IntArray

    @classmethod
    def drawn(cls, tables: Tables, seed: int) -> "Ties":
        """By the seed and the rows: tables know no names."""
        dice = np.random.default_rng(seed)
        return cls(dice.permutation(len(tables.volunteers)), dice.permutation(len(tables.orders)))


@dataclass(frozen=True, slots=True)
class FastMatching:
    """The pairs chosen, as rows (`order`, `volunteer`) with `start` (epoch seconds) and `cost` (points), by order.

    order_price, open_price (by order), volunteer_price: as in matching.Matching. `lists` are the candidates kept; whose
    cost + volunteer_price - order_price is checked to be 0 or more for all feasible pairs where `certificate` is
    "optimal"; `used` are the arcs chosen. `stopped` by the clock. seconds: by stage. counts: rounds, arcs, scans,
    widened (lists that turned out too short), added (arcs found by their price).
    """

    order: IntArray
    volunteer: IntArray
    start: IntArray
    cost: IntArray
    order_price: IntArray
    volunteer_price: IntArray
    open_price: IntArray
    unfilled: int
    objective: int
    bound: int
    solver: str
    certificate: str
    city: City
    lists: Lists
    used: IntArray
    stopped: bool
    seconds: dict[str, float]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is looked at before another way is taken; the plan's cost is the same whatever these are.

    haste, ease   lists looked through for each row (see network.PATIENCE) before people are taken to be scarce; `ease`
                  where there are MANY people
    everybody     orders × volunteers up to which all pairs are looked at where people are scarce
    wide          candidates an order where they are scarce and pairs too many for that
    added         candidates added to an order in one round of pricing
    """

    haste: float = 5
    ease: float = 20
    everybody: int = 200_000_000
    wide: int = 40
    added: int = 100


EFFORT = Effort()


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = perf_counter()

    def lap(self, stage: str) -> None:
        now = perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now


def match_tables(
    tables: Tables, weights: Weights | None = None, seed: int = 0, seconds: float = 5.0, effort: Effort = EFFORT
) -> FastMatching:
    """The cheapest matching over all feasible pairs, with the prices that prove it. Raises FlowFailed.

    Ties by `seed` and row. `seconds` bounds the search where orders that want all or nothing come out filled by halves.
    """
    return match_city(tables, weights or Weights(), Ties.drawn(tables, seed), seconds, False, effort)


def match_city(
    tables: Tables, weights: Weights, ties: Ties, seconds: float, complete: bool = True, effort: Effort = EFFORT
) -> FastMatching:
    """match_tables() with ties of one's own. `complete`: every list has somebody idle in it or everybody eligible, and
    everybody eligible where a position stays open."""
    clock = Clock()
    people, needs = people_of(tables, weights), needs_of(tables)
    unfilled = unfilled_weight(people, needs, tables, weights)
    city, cell_of = city_of(people, needs, dials_of(tables, weights))
    clock.lap("index")
    search = Search(Collector(city, cell_of, ties.rank), tables.orders.positions, clock, effort)
    net, answer = search.settle(_prices(tables, unfilled), turn_of(tables, ties))
    solved = search.together(net, answer, tables.orders.together, seconds)
    answer = search.complete(solved.answer) if complete else solved.answer
    lists = search.lists
    order = np.repeat(np.arange(len(tables.orders)), np.diff(lists.arcs.ptr))[answer.used]
    volunteer = lists.arcs.volunteer[answer.used]
    start = starts(city, order, volunteer)
    clock.lap("starts")
    return FastMatching(
        order, volunteer, start, lists.arcs.cost[answer.used],
        answer.order_price, answer.volunteer_price, net.open_price, unfilled,
        solved.objective, solved.bound, answer.solver, "optimal" if solved.proven else "bounded",
        city, lists, answer.used, solved.stopped, clock.seconds, search.counts,
    )  # fmt: skip


def _prices(tables: Tables, unfilled: int) -> IntArray:
    """Of an open position; FlowFailed where keys of cost and rank would not fit 64 bits."""
    most = int(tables.orders.priority.max(initial=0)) * unfilled
    if 2 * most * (len(tables.volunteers) + 1) >= NO_KEY:
        raise FlowFailed(f"prices up to {most} for {len(tables.volunteers)} volunteers do not fit 64 bits")
    return tables.orders.priority * unfilled


class Search:
    """Lists that grow until the prices hold for everybody who is not in them."""

    def __init__(self, collector: Collector, positions: IntArray, clock: Clock, effort: Effort) -> None:
        self.collector, self.positions, self.clock, self.effort = collector, positions, clock, effort
        self.lists = collector.first(positions, FIRST_WIDTH)
        self.counts = {"rounds": 0, "arcs": len(self.lists.arcs.cost), "widened": 0, "added": 0, "scans": 0}
        clock.lap("search")

    def settle(self, open_price: IntArray, turn: IntArray) -> tuple[Network, Answer]:
        """The cheapest matching over all feasible pairs.

        An order whose price is below the dearest of its list wants nobody beyond; the others get longer lists. Where
        people are scarce (the search for paths takes too long), the flow is asked: on all pairs if they are few enough,
        else on those kept and on whoever would serve for less than the prices found, until nobody would.
        """
        plenty = self.collector.people > MANY * int(self.positions.sum())
        patience = self.effort.ease if plenty else self.effort.haste
        while True:
            net = Network(self.lists.arcs, self.positions, open_price, self.collector.people, turn)
            answer = instant.by_paths(net, LOOPS, patience) if patience else None
            self.clock.lap("solve")
            if answer is None and patience:
                patience = 0
                net = replace(net, arcs=self._everybody())
                self.clock.lap("search")
            if answer is None:
                answer = instant.by_flow(net, LOOPS)
                self.clock.lap("solve")
            done = not (self._lengthen(answer) if patience else self._add(answer))
            self.counts["rounds"] += 1
            self.counts["scans"] += answer.scans
            self.counts["arcs"] = len(self.lists.arcs.cost)
            self.clock.lap("certificate")
            if done:
                return net, answer

    def _everybody(self) -> Arcs:
        """All pairs, where these are not too many, else what there is and some more."""
        orders = np.flatnonzero(~self.lists.whole)
        few = len(self.positions) * self.collector.people <= self.effort.everybody
        width = self.collector.people + 1 if few else self.effort.wide
        self.lists = self.collector.longer(self.lists, orders, np.full(len(orders), width))
        return self.lists.arcs

    def _lengthen(self, answer: Answer) -> int:
        short = self.lists.too_short(answer.order_price)
        if len(short):
            width = WIDER * np.diff(self.lists.arcs.ptr)[short]
            self.lists = self.collector.longer(self.lists, short, width)
        self.counts["widened"] += len(short)
        return len(short)

    def _add(self, answer: Answer) -> int:
        self.lists, added = self.collector.cheaper(
            self.lists, answer.order_price, answer.volunteer_price, self.effort.added
        )
        self.counts["added"] += added
        return added

    def together(self, net: Network, answer: Answer, together: BoolArray, seconds: float) -> Solved:
        """With orders that want all or nothing: proven where all who may serve the orders concerned are listed."""
        if not together.any():
            objective = cost_of(net, answer)
            return Solved(answer, objective, objective)
        while True:
            linked = linked_halves(net, together, answer)
            enough = int(net.positions[linked].sum()) + 1
            short = linked[~self.lists.whole[linked] & (np.diff(self.lists.arcs.ptr)[linked] < enough)]
            if not len(short) or len(self.lists.arcs.cost) > MOST_ARCS:
                break
            width = np.minimum(WIDER * np.diff(self.lists.arcs.ptr)[short], enough)
            self.lists = self.collector.longer(self.lists, short, width)
            net = replace(net, arcs=self.lists.arcs)
            answer = instant.solve(net, LOOPS)
        relaxed = cost_of(net, answer)
        solved = solve_together(net, together, seconds, LOOPS)
        self.clock.lap("together")
        return replace(solved, bound=relaxed) if len(short) else solved

    def complete(self, answer: Answer) -> Answer:
        """With lists that name a runner-up for every order, or everybody where there is none or a position is open."""
        while True:
            arcs, used = self.lists.arcs, answer.used
            order = np.repeat(np.arange(len(self.positions)), np.diff(arcs.ptr))
            busy = np.zeros(self.collector.people, dtype=np.bool_)
            busy[arcs.volunteer[used]] = True
            idle = np.bincount(order[~busy[arcs.volunteer]], minlength=len(self.positions))
            filled = np.bincount(order[used], minlength=len(self.positions))
            short = np.flatnonzero(~self.lists.whole & ((idle == 0) | (filled < self.positions)))
            if not len(short):
                return answer
            chosen = order[used] * self.collector.people + arcs.volunteer[used]
            self.lists = self.collector.longer(self.lists, short, WIDER * np.diff(arcs.ptr)[short])
            arcs = self.lists.arcs
            order = np.repeat(np.arange(len(self.positions)), np.diff(arcs.ptr))
            answer = replace(
                answer, used=np.flatnonzero(np.isin(order * self.collector.people + arcs.volunteer, chosen))
            )


def turn_of(tables: Tables, ties: Ties) -> IntArray:
    """Urgent orders enter the solver first, equal ones in their turn."""
    place = np.argsort(ties.turn, kind="stable")
    return place[np.argsort(-tables.orders.priority[place], kind="stable")]


def city_of(people: People, needs: Needs, dials: Dials) -> tuple[City, IntArray]:
    grid, layer_of, cell_of = build(people, needs)
    return City(people, needs, dials, grid, layer_of), cell_of


def unfilled_weight(people: People, needs: Needs, tables: Tables, weights: Weights) -> int:
    """costs.unfilled_weight of the same problem."""
    rows, orders = people.row[:-1], needs.row[:-1]
    homes, places = (np.stack([row[axis] for axis in ("x", "y", "z")]) for row in (rows, orders))
    reach = costs.reach(homes, places, tables.volunteers.radius_m)
    load, silence = int(tables.volunteers.load.max(initial=0)), float(tables.volunteers.silence.max(initial=0.0))
    extremes = Extremes(reach, SPEEDS[rows["mode"]], DELAYS[rows["mode"]], load, silence)
    return costs.unfilled_weight(extremes, tables.orders.duration, tables.orders.positions, weights)


@compiled
def starts(city: City, order: IntArray, volunteer: IntArray) -> IntArray:
    """The earliest start of each pair."""
    found = np.empty(len(order), dtype=np.int64)
    for k in range(len(order)):
        row, need = city.people.row[volunteer[k]], city.needs.row[order[k]]
        travel = travel_time(metres_between(row, need), row["mode"])
        found[k] = first_start(city.people, city.needs, city.dials, order[k], volunteer[k], travel)
    return found
