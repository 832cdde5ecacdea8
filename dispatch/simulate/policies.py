"""What people run today: five other ways of offering, each with the settings it may be run at."""

from collections.abc import Iterable

import numpy as np

from dispatch.costs import Weights
from dispatch.instant import network
from dispatch.instant.network import Network
from dispatch.instant.paths import Arcs
from dispatch.offering.budget import Rules, is_quiet
from dispatch.simulate.office import Office, Open
from dispatch.simulate.world import MINUTE, Need

Ask = tuple[int, int]
OPEN_PRICE = Weights().unfilled


class Plain:
    """What they have in common: no notion of chances, nothing learnt, a late yes is lost."""

    name = ""
    keeps_late = False

    def __init__(self, setting: str, minutes: float) -> None:
        self.setting, self.minutes = setting, minutes

    def limit(self, need: Need) -> float:
        """Minutes an offer stands; never longer than until the visit."""
        return self.minutes

    def night(self, office: Office, now: int) -> None:
        pass

    def foreseen(self, order: Open, who: int) -> float | None:
        return None

    def _again(self, now: int) -> int:
        """Nobody is free at present: look again after a while."""
        return now + 10 * MINUTE


class Nearest(Plain):
    """The k nearest at once; when all have refused or the time is up, the next k (k = 1: one by one, Tookan's mode).

    `replace`: each refusal is replaced at once (the New Zealand simulation's best).
    """

    def __init__(self, k: int, minutes: float, replace: bool = False) -> None:
        super().__init__(f"{k} nearest, {minutes:g} min{', replaced' if replace else ''}", minutes)
        self.k, self.replace = k, replace
        self.name = "nearest one by one" if k == 1 else "nearest k"

    def step(self, office: Office, order: Open, now: int) -> tuple[list[Ask], int | None]:
        need = order.need
        most = max(self.k, order.needed)
        room = most - len(order.asked) if self.replace or self.k == 1 or not order.asked else 0
        if order.needed <= 0 or room <= 0:
            return [], None
        near = sorted((self.points(office, need, place), who) for place, who in office.candidates(order, now))
        asked = [(need.number, who) for _, who in near[:room]]
        return asked, None if asked or order.asked else self._again(now)

    def points(self, office: Office, need: Need, place: int) -> float:
        return need.km[place]


class Best(Nearest):
    """One by one by the engine's cost of the pair: travel, load, language and what else it weighs."""

    def __init__(self, minutes: float) -> None:
        super().__init__(1, minutes)
        self.name, self.setting = "greedy best score", f"{minutes:g} min"

    def points(self, office: Office, need: Need, place: int) -> float:
        return float(office.cost(need, place))


class Broadcast(Plain):
    """Everybody within the radius at once, the first yes wins."""

    name = "broadcast"

    def __init__(self, km: float, minutes: float = 240.0) -> None:
        super().__init__(f"{km:g} km" if km < 50 else "own radius", minutes)
        self.km = km

    def step(self, office: Office, order: Open, now: int) -> tuple[list[Ask], int | None]:
        if order.needed <= 0:
            return [], None
        need = order.need
        found = [(need.number, who) for place, who in office.candidates(order, now) if need.km[place] <= self.km]
        return found, None if found or order.asked else self._again(now)


class Exact(Plain):
    """Every minute all orders that nobody is asked for are matched to free volunteers, together and exactly, by the
    engine's own solver: one order a volunteer, no notion of chances."""

    name = "exact matching"

    def __init__(self, minutes: float) -> None:
        super().__init__(f"{minutes:g} min", minutes)

    def step(self, office: Office, order: Open, now: int) -> tuple[list[Ask], int | None]:
        if order.needed <= len(order.asked):
            return [], None
        if now % MINUTE:
            return [], now - now % MINUTE + MINUTE
        busy = {who for one in office.open.values() for who in one.asked}
        waiting = [one for one in office.open.values() if one.needed > len(one.asked) and self._may_ask(one, now)]
        rows = [sorted(self._pairs(office, one, busy, now)) for one in waiting]
        asked = self._match(waiting, rows, len(office.world.people))
        mine = any(number == order.need.number for number, _ in asked)
        return asked, None if mine or order.asked else self._again(now)

    def _may_ask(self, one: Open, now: int) -> bool:
        return max(one.opened, one.look_at - MINUTE) <= now and (
            one.need.urgency == "urgent" or not is_quiet(now, Rules().quiet)
        )

    def _pairs(self, office: Office, one: Open, busy: set[int], now: int) -> Iterable[tuple[int, int]]:
        return ((office.cost(one.need, place), who) for place, who in office.candidates(one, now) if who not in busy)

    def _match(self, waiting: list[Open], rows: list[list[tuple[int, int]]], people: int) -> list[Ask]:
        ptr = np.cumsum([0, *(len(row) for row in rows)])
        if not ptr[-1]:
            return []
        pairs = np.array([pair for row in rows for pair in row], dtype=np.int64).reshape(-1, 2)
        who, places = np.unique(pairs[:, 1], return_inverse=True)
        open_now = np.array([one.needed - len(one.asked) for one in waiting], dtype=np.int64)
        arcs = Arcs(ptr.astype(np.int64), places.astype(np.int64), pairs[:, 0].copy())
        price = np.full(len(waiting), OPEN_PRICE + int(pairs[:, 0].max()) * len(waiting), dtype=np.int64)
        net = Network(arcs, open_now, price, len(who), np.arange(len(waiting), dtype=np.int64))
        used = network.solve(net).used
        of = np.searchsorted(ptr, used, side="right") - 1
        return [(waiting[i].need.number, int(pairs[arc, 1])) for i, arc in zip(of.tolist(), used.tolist(), strict=True)]
