"""A large Problem by the compiled search, answered in the same terms as a small one."""

import numpy as np

from dispatch import tables
from dispatch.candidates import Candidates, ranks, screen
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.fast.census import census
from dispatch.fast.match import FastMatching, Ties, match_city, starts
from dispatch.geo import IntArray
from dispatch.instant.matching import Matching, Stages
from dispatch.problem import Problem


def match_problem(problem: Problem, weights: Weights, seed: int, stages: Stages) -> Matching:
    """matching.match for many orders and volunteers: the same plan. Raises FlowFailed.

    The candidates of an order are its cheapest; all who are eligible where a position stays open.
    """
    people, orders = problem.volunteers, problem.orders
    with stages.stage("tables"):
        columns = tables.of(problem)
        crowd = Crowd(problem)
        ties = Ties(ranks((one.id for one in people), seed), ranks((one.id for one in orders), seed))
    found = match_city(columns, weights, ties, stages.limit)
    stages.seconds.update({stage: round(seconds, 6) for stage, seconds in found.seconds.items()})
    stages.stopped = found.stopped
    with stages.stage("candidates"):
        options = _options(crowd, found, np.argsort(ties.turn))
    turn = np.argsort(ties.turn)
    return Matching(
        crowd, weights, seed, options, [_picks(found, order) for order in turn.tolist()],
        found.order_price[turn], found.volunteer_price, found.open_price[turn],
        found.unfilled, found.objective, found.bound, found.solver, found.certificate, None, stages, found.counts,
    )  # fmt: skip


def _options(crowd: Crowd, found: FastMatching, turn: IntArray) -> list[Candidates]:
    arcs = found.lists.arcs
    start = starts(found.city, np.repeat(np.arange(len(turn)), np.diff(arcs.ptr)), arcs.volunteer)
    eligible, worked = census(found.city, crowd.load)
    filled = np.bincount(found.order, minlength=len(turn))
    options = []
    for i in turn.tolist():
        order, here = crowd.problem.orders[i], slice(arcs.ptr[i], arcs.ptr[i + 1])
        lost: dict[str, int] = {}
        bans: dict[str, int] = {}
        if filled[i] < order.positions:
            _, lost, bans = screen(crowd, order)
        who, cost = arcs.volunteer[here], arcs.cost[here]
        options.append(Candidates(order, who, start[here], cost, int(eligible[i]), int(worked[i]), lost, bans))
    return options


def _picks(found: FastMatching, order: int) -> IntArray:
    first, stop = found.lists.arcs.ptr[order], found.lists.arcs.ptr[order + 1]
    return found.used[np.searchsorted(found.used, first) : np.searchsorted(found.used, stop)] - first
