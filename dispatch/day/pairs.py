"""Which orders a shift may serve at all, by the standing rules and by time, and what each such pair costs beside its
travel and its share of the load."""

from typing import NamedTuple

import numpy as np

from dispatch import costs, rules
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.problem import OrderSpec
from dispatch.rules import Shortlist

STANDING = (
    rules.is_active, rules.has_skills, rules.has_credentials, rules.is_old_enough, rules.is_of_sex, rules.is_on_duty,
    rules.is_within_radius, rules.is_not_banned,
)  # fmt: skip
TERMS = (costs.language, costs.continuity, costs.answer, costs.stability)


class Suited(NamedTuple):
    """Orders and volunteers who pass every rule that has nothing to do with the hours, laid end to end: points of the
    pair, and its latest start."""

    order: IntArray
    volunteer: IntArray
    points: IntArray
    last: IntArray


def suited(crowd: Crowd, orders: tuple[OrderSpec, ...], weights: Weights) -> Suited:
    """Every order against everybody."""
    who: list[IntArray] = []
    points: list[IntArray] = []
    last: list[IntArray] = []
    for order in orders:
        short = _standing(crowd, order)
        who.append(short.who)
        last.append(short.latest)
        points.append(np.sum([term(short, weights) for term in TERMS], axis=0, dtype=np.int64))
    count = np.array([len(one) for one in who], dtype=np.int64)
    place = np.repeat(np.arange(len(orders), dtype=np.int64), count)
    return Suited(place, _flat(who), _flat(points), _flat(last))


def _standing(crowd: Crowd, order: OrderSpec) -> Shortlist:
    short = Shortlist(crowd, order, np.flatnonzero(crowd.active))
    for keeps in STANDING:
        keep = keeps(short)
        if not keep.all():
            short.only(keep)
    return short


def _flat(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def spread(first: IntArray, count: IntArray) -> tuple[IntArray, IntArray]:
    """For each row k, the numbers first[k] … first[k] + count[k] - 1: (rows, numbers), laid end to end."""
    row = np.repeat(np.arange(len(count), dtype=np.int64), count)
    within = np.arange(len(row), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    return row, first[row] + within
