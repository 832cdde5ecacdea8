"""For the coordinator's board: one order against everybody, and one pair judged by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.candidates import Candidates, gather, ranks
from dispatch.costs import Weights, price
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.plan import Candidate
from dispatch.problem import OrderSpec, Problem
from dispatch.reasons.outcome import present
from dispatch.rules import RULES, Shortlist, failed_alone


@dataclass(frozen=True, slots=True)
class Ranking:
    """All of one order's volunteers: the best candidates, how many are eligible, and for each of the others
    the first rule that refuses them (`refused`: volunteer id → rule), counted in `lost`."""

    order: str
    candidates: tuple[Candidate, ...]
    eligible: int
    lost: dict[str, int]
    bans: dict[str, int]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A rule that speaks against a pair; `why` holds the words of a ban, one conflict a ban."""

    rule: str
    why: str | None = None


def candidates_for(
    problem: Problem, order_id: str, limit: int = 10, *, weights: Weights | None = None, seed: int = 0
) -> Ranking:
    """Who could serve this order, cheapest first (at most `limit`), whatever the other orders need."""
    order, crowd, weights = find(problem, order_id), Crowd(problem), weights or Weights()
    rank = ranks((person.id for person in crowd.people), seed)
    option = gather(crowd, order, weights, rank, most=limit)
    best = present(crowd, option, np.arange(len(option)), weights)
    return Ranking(order_id, tuple(best), option.eligible, option.lost, option.bans, _refused(crowd, order))


def rankings(
    problem: Problem, order_ids: Sequence[str], limit: int = 10, *, weights: Weights | None = None, seed: int = 0
) -> dict[str, tuple[Candidate, ...]]:
    """The same for several orders, the cheapest candidates alone: everybody is laid out once."""
    crowd, weights = Crowd(problem), weights or Weights()
    rank = ranks((person.id for person in crowd.people), seed)
    found = {}
    for order_id in order_ids:
        option = gather(crowd, find(problem, order_id), weights, rank, most=limit)
        found[order_id] = tuple(present(crowd, option, np.arange(len(option)), weights))
    return found


def judge(problem: Problem, order_id: str, volunteer_id: str) -> list[Conflict]:
    """Every rule that this pair breaks, for a coordinator who offers by hand; empty when nothing speaks
    against it."""
    order, crowd = find(problem, order_id), Crowd(problem)
    conflicts: list[Conflict] = []
    for name in failed_alone(crowd, order, _one(crowd, volunteer_id)):
        whys = [why for volunteer, why in order.bans if volunteer == volunteer_id] if name == "banned" else [None]
        conflicts.extend(Conflict(name, why) for why in whys)
    return conflicts


def trip(problem: Problem, order_id: str, volunteer_id: str, *, weights: Weights | None = None) -> Candidate:
    """When, how far and at what price for a pair chosen by hand, whatever the rules say against it.

    The start is the arrival of somebody who leaves now, kept within the window; judge() has the objections.
    """
    order, crowd, weights = find(problem, order_id), Crowd(problem), weights or Weights()
    short = Shortlist(crowd, order, _one(crowd, volunteer_id))
    start = np.clip(short.start, order.window_start, order.window_end - order.duration)
    cost = price(short, weights).sum(axis=0)
    option = Candidates(order, short.who, start, cost, 0, 0, {}, {})
    found = present(crowd, option, np.arange(1), weights)[0]
    return replace(found, reasons=found.reasons[:1])  # the way there; nothing else is sure


def _one(crowd: Crowd, volunteer_id: str) -> IntArray:
    if volunteer_id not in crowd.index:
        raise KeyError(f"no volunteer {volunteer_id!r} in this problem")
    return np.array([crowd.index[volunteer_id]], dtype=np.int64)


def find(problem: Problem, order_id: str) -> OrderSpec:
    for order in problem.orders:
        if order.id == order_id:
            return order
    raise KeyError(f"no order {order_id!r} in this problem")


def _refused(crowd: Crowd, order: OrderSpec) -> dict[str, str]:
    short = Shortlist(crowd, order, np.arange(crowd.size, dtype=np.int64))
    refused: dict[str, str] = {}
    for rule in RULES:
        keep = rule.keeps(short)
        refused.update((crowd.people[i].id, rule.name) for i in short.who[~keep].tolist())
        short.only(keep)
    return refused
