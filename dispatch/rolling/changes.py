"""Two plans side by side: what stayed, what moved, and for every move its cause, in codes and in words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dispatch.board import judge
from dispatch.plan import Plan, Proposal
from dispatch.problem import OrderSpec, Problem
from dispatch.reasons.sentences import BAN_WORDS, LOST
from dispatch.rolling.sentences import CAUSES, MOVES


@dataclass(frozen=True, slots=True)
class Move:
    """One place of an order: who was asked and who is now, None for nobody. The same person twice: at another time."""

    order: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change(Move):
    """A move with its cause: a code, its particular after a colon ("made_room_for:o7"). CAUSES has all of them."""

    cause: str

    def words(self, lang: str = "zh", *, names: Mapping[str, str] | None = None) -> str:
        """One sentence for the coordinator; `names` gives shown names of orders and volunteers."""
        code, _, rest = self.cause.partition(":")
        names = names or {}
        shown = {key: names.get(one, one) for key, one in self._ids(rest).items()}
        why = {"banned": BAN_WORDS, "unsuitable": LOST}.get(code, {}).get(lang, {}).get(rest, rest)
        reason = CAUSES[lang][code].format(**{**shown, "why": why})
        return MOVES[lang][self.kind].format(**shown, cause=reason)

    @property
    def kind(self) -> str:
        """added, dropped, moved or retimed."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "dropped"
        return "retimed" if self.before == self.after else "moved"

    def _ids(self, other: str) -> dict[str, str]:
        return {"order": self.order, "before": self.before or "", "after": self.after or "", "other": other}


@dataclass(frozen=True, slots=True)
class Totals:
    """What a plan comes to. `open` counts positions; `cost` is points without those of open positions."""

    filled: int
    open: int
    volunteers: int
    travel_s: int
    cost: int

    @classmethod
    def of(cls, plan: Plan) -> "Totals":
        parts = plan.routes or plan.proposals
        return cls(
            len(plan.proposals),
            sum(one.open_positions for one in plan.unplaced),
            len({one.volunteer for one in plan.proposals}),
            sum(one.travel_s for one in parts),
            sum(one.cost for one in parts),
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One plan against another, in order of ids; `kept` has (order, volunteer) at the same time as before."""

    kept: tuple[tuple[str, str], ...]
    moved: tuple[Move, ...]
    retimed: tuple[Move, ...]
    added: tuple[Move, ...]
    dropped: tuple[Move, ...]
    before: Totals
    after: Totals

    @property
    def moves(self) -> tuple[Move, ...]:
        """Everything that is not as it was, order by order."""
        found = (*self.moved, *self.retimed, *self.added, *self.dropped)
        return tuple(sorted(found, key=lambda move: (move.order, move.before or "", move.after or "")))


def difference(before: Plan, after: Plan) -> Difference:
    """What became of every place of the earlier plan, and what is new in the later one."""
    then, now = _starts(before.proposals), _starts(after.proposals)
    kept: list[tuple[str, str]] = []
    found: dict[str, list[Move]] = {"moved": [], "retimed": [], "added": [], "dropped": []}
    for order in sorted(then.keys() | now.keys()):
        old, new = then.get(order, {}), now.get(order, {})
        for who in sorted(old.keys() & new.keys()):
            if old[who] == new[who]:
                kept.append((order, who))
            else:
                found["retimed"].append(Move(order, who, who))
        for kind, move in _exchanged(order, sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())):
            found[kind].append(move)
    lists = {kind: tuple(moves) for kind, moves in found.items()}
    return Difference(tuple(kept), **lists, before=Totals.of(before), after=Totals.of(after))


def _starts(proposals: Iterable[Proposal]) -> dict[str, dict[str, int]]:
    starts: dict[str, dict[str, int]] = defaultdict(dict)
    for one in proposals:
        starts[one.order][one.volunteer] = one.start
    return starts


def _exchanged(order: str, gone: list[str], come: list[str]) -> Iterator[tuple[str, Move]]:
    """Who left and who came to one order, in pairs as far as they go."""
    pairs = min(len(gone), len(come))
    yield from (("moved", Move(order, *pair)) for pair in zip(gone[:pairs], come[:pairs], strict=True))
    yield from (("dropped", Move(order, who, None)) for who in gone[pairs:])
    yield from (("added", Move(order, None, who)) for who in come[pairs:])


def causes(before: Plan, after: Plan, problem: Problem, earlier: Problem | None = None) -> tuple[Change, ...]:
    """Every move with its cause. `problem` is what the later plan answers, `earlier` the other one's, where known."""
    look = _Look(before, after, problem, earlier)
    return tuple(
        Change(move.order, move.before, move.after, look.cause(move)) for move in difference(before, after).moves
    )


class _Look:
    """Both plans by id, for telling causes."""

    def __init__(self, before: Plan, after: Plan, problem: Problem, earlier: Problem | None) -> None:
        self.problem = problem
        self.orders = {order.id: order for order in problem.orders}
        self.people = {person.id: person for person in problem.volunteers}
        self.then, self.now = (_by_volunteer(plan.proposals) for plan in (before, after))
        self.cost_then, self.cost_now = (
            {(one.order, one.volunteer): one.cost for one in plan.proposals} for plan in (before, after)
        )
        self.wanted = _wanted(before, earlier)
        self.known = None if earlier is None else {person.id for person in earlier.volunteers}

    def cause(self, move: Move) -> str:
        order = self.orders.get(move.order)
        if order is None:
            return "order_gone"
        if move.before is None:
            return self._why_added(order, str(move.after))
        if move.before == move.after:
            return "other_time"
        return self._why_left(order, move.before, move.after)

    def _why_added(self, order: OrderSpec, who: str) -> str:
        if order.id not in self.wanted:
            return "new_order"
        if order.positions > self.wanted[order.id]:
            return "more_needed"
        if self.known is not None and who not in self.known:
            return "new_volunteer"
        left = sorted(self.then[who] - self.now[who])
        return f"freed_from:{left[0]}" if left else "now_possible"

    def _why_left(self, order: OrderSpec, who: str, successor: str | None) -> str:
        person = self.people.get(who)
        if person is None or not person.active:
            return "volunteer_gone"
        bans = [why for banned, why in order.bans if banned == who]
        if bans:
            return "declined" if "declined" in bans else f"banned:{bans[0]}"
        if successor is None and order.positions < self.wanted.get(order.id, order.positions):
            return "fewer_needed"
        broken = judge(replace(self.problem, orders=(order,), volunteers=(person,)), order.id, who)
        if broken:
            return f"unsuitable:{broken[0].rule}"
        gained = sorted(self.now[who] - self.then[who])
        if gained:
            return f"made_room_for:{gained[0]}"
        if successor is None:
            return "rearranged"
        cheaper = self.cost_now[order.id, successor] < self.cost_then[order.id, who]
        return "cheaper" if cheaper else "rearranged"


def _by_volunteer(proposals: Iterable[Proposal]) -> dict[str, set[str]]:
    serves: dict[str, set[str]] = defaultdict(set)
    for one in proposals:
        serves[one.volunteer].add(one.order)
    return serves


def _wanted(plan: Plan, problem: Problem | None) -> dict[str, int]:
    """Positions of every order that the earlier plan knew."""
    if problem is not None:
        return {order.id: order.positions for order in problem.orders}
    wanted: dict[str, int] = defaultdict(int)
    for proposal in plan.proposals:
        wanted[proposal.order] += 1
    for unplaced in plan.unplaced:
        wanted[unplaced.order] += unplaced.open_positions
    return wanted
