"""Who could serve what: every order against everybody, rule by rule, with what was lost at each rule."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dispatch import costs
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.problem import OrderSpec
from dispatch.rules import RULE_NAMES, RULES, Shortlist


@dataclass(frozen=True, slots=True)
class Candidates:
    """The volunteers who may serve one order, cheapest first, the arrays aligned; `lost` counts the others.

    The arrays may stop at the cheapest few of the `eligible`; `load` is the recent work of all of these together.
    """

    order: OrderSpec
    who: IntArray
    start: IntArray
    cost: IntArray
    eligible: int
    load: int
    lost: dict[str, int]
    bans: dict[str, int]

    def __len__(self) -> int:
        return len(self.who)


def ranks(ids: Iterable[str], seed: int) -> IntArray:
    """The seeded hash of each id, as a rank: the only tie-breaker, so that no name and no position is
    favoured."""
    keyed = [(hashlib.blake2b(f"{seed}:{one}".encode(), digest_size=8).digest(), one) for one in ids]
    order = sorted(range(len(keyed)), key=keyed.__getitem__)
    rank = np.empty(len(keyed), dtype=np.int64)
    rank[order] = np.arange(len(keyed))
    return rank


def gather(crowd: Crowd, order: OrderSpec, weights: Weights, rank: IntArray, most: int) -> Candidates:
    """Who passes every rule for one order, sorted by cost, ties by rank; at most the `most` cheapest."""
    short, lost, bans = screen(crowd, order)
    cost = costs.price(short, weights).sum(axis=0)
    eligible, load = len(cost), int(crowd.load[short.who].sum())
    best = _cheapest(cost, rank[short.who], most)
    return Candidates(order, short.who[best], short.start[best], cost[best], eligible, load, lost, bans)


def _cheapest(cost: IntArray, rank: IntArray, most: int) -> IntArray:
    """Places of the `most` cheapest in order; sorts no more than it must."""
    near = np.arange(len(cost))
    if most < len(cost):
        near = np.flatnonzero(cost <= np.partition(cost, most)[most])
    return near[np.lexsort((rank[near], cost[near]))[:most]]


def screen(crowd: Crowd, order: OrderSpec) -> tuple[Shortlist, dict[str, int], dict[str, int]]:
    """Rule after rule over everybody: who is left, how many each rule cost, and the bans among the last."""
    short = Shortlist(crowd, order, np.arange(crowd.size, dtype=np.int64))
    lost: dict[str, int] = {}
    bans: dict[str, int] = {}
    for rule in RULES:
        keep = rule.keeps(short)
        lost[rule.name] = len(keep) - int(np.count_nonzero(keep))
        if rule.name == "banned":
            bans = _ban_words(crowd, order, short.who[~keep])
        if lost[rule.name]:
            short.only(keep)
        if not len(short.who):
            break
    return short, {name: lost.get(name, 0) for name in RULE_NAMES}, bans


def _ban_words(crowd: Crowd, order: OrderSpec, who: IntArray) -> dict[str, int]:
    gone = {crowd.people[i].id for i in who.tolist()}
    return dict(sorted(Counter(why for volunteer, why in order.bans if volunteer in gone).items()))
