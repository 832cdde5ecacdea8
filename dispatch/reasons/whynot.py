"""Why this person, why not that one, why nobody: read off the prices that prove an instant plan (market.py), and in day
plans from what everybody does that day (whynot_day.py).

A pair left out has a reduced cost: by so many points it would have to be cheaper, at the least, before any best plan
chose it. A pair chosen has a slack: so many points dearer, and the plan is still the best. explain.py says all this in
words for volunteers, residents and coordinators.
"""

import numpy as np

from dispatch import costs, geo
from dispatch.costs import TERMS
from dispatch.plan import Plan, Proposal
from dispatch.problem import Problem
from dispatch.reasons import whynot_day
from dispatch.reasons.market import IDLE, Market, Prices
from dispatch.reasons.residual import Residual
from dispatch.reasons.verdicts import PriceList, Taker, Why, WhyNot
from dispatch.rules import Shortlist, failed_alone


def why_not(
    problem: Problem, plan: Plan, volunteer_id: str, *, most: int = 10, market: Market | None = None
) -> tuple[WhyNot, ...]:
    """Why a volunteer is, or is not, asked for the orders of a plan: what they serve first, then the nearest.

    At most `most` orders. `market=Market.of(problem, plan)` may be handed in when asking about several volunteers of an
    instant plan. Raises KeyError for an unknown volunteer.
    """
    if plan.mode == "day":
        return whynot_day.why_not(problem, plan, volunteer_id, most)
    market = _market(problem, plan, market)
    at = market.crowd.index[volunteer_id]
    away = geo.metres(market.order_spots, market.crowd.spots[:, at])
    first = np.lexsort((away, np.arange(len(away)) != market.serves[at]))[:most]
    return tuple(_why_not(market, order, at) for order in first.tolist())


def why_not_pair(
    problem: Problem, plan: Plan, order_id: str, volunteer_id: str, *, market: Market | None = None
) -> WhyNot:
    """The same for one order."""
    if plan.mode == "day":
        return whynot_day.why_not_pair(problem, plan, order_id, volunteer_id)
    market = _market(problem, plan, market)
    return _why_not(market, market.index[order_id], market.crowd.index[volunteer_id])


def why(problem: Problem, plan: Plan, proposal: Proposal, *, market: Market | None = None) -> Why:
    """What a proposal of an instant plan rests on, and what would change it: exact, by one shortest path."""
    market = _market(problem, plan, market)
    prices = None if market.tied else market.greatest
    order, at = market.index[proposal.order], market.crowd.index[proposal.volunteer]
    slack = None if prices is None else Residual(market, prices).slack(order, at)
    lasting = slack is not None and slack >= market.point // 2
    return Why(
        proposal.order, proposal.volunteer, dict(proposal.terms), proposal.runner_up, proposal.margin,
        None if lasting else slack,
        None if lasting or slack is None else minutes_below(market, slack),
        lasting,
    )  # fmt: skip


def price_list(market: Market) -> PriceList | None:
    """The greatest prices of a plan; None where it is not the best, or has all-or-nothing orders."""
    prices = None if market.tied else market.greatest
    if prices is None:
        return None
    orders = [order.id for order in market.problem.orders]
    people = [person.id for person in market.problem.volunteers]
    return PriceList(
        dict(zip(orders, market.open_price.tolist(), strict=True)),
        dict(zip(orders, prices.order.tolist(), strict=True)),
        {one: price for one, price in zip(people, prices.volunteer.tolist(), strict=True) if price},
    )


def slacks(market: Market) -> dict[tuple[str, str], int]:
    """For every pair of the plan a lower bound of its slack, all at once: the least reduced cost of another way for the
    order and of another use for the volunteer. Empty where the plan is not proven or has all-or-nothing orders."""
    prices = None if market.tied else market.greatest
    if prices is None:
        return {}
    other = np.flatnonzero(~market.used)
    reduced = market.cost + prices.volunteer[market.who] - prices.order[market.owner]
    out = market.open_price - prices.order
    into = prices.volunteer.copy()
    np.minimum.at(out, market.owner[other], reduced[other])
    np.minimum.at(into, market.who[other], reduced[other])
    orders, people = market.problem.orders, market.problem.volunteers
    busy = np.flatnonzero(market.serves != IDLE)
    bound = out[market.serves[busy]] + into[busy]
    pairs = zip(market.serves[busy].tolist(), busy.tolist(), bound.tolist(), strict=True)
    return {(orders[order].id, people[at].id): slack for order, at, slack in pairs}


def takers(problem: Problem, plan: Plan, order_id: str, *, market: Market | None = None) -> tuple[Taker, ...]:
    """The orders that hold the people who could serve this one, the most urgent first."""
    if plan.mode == "day":
        return whynot_day.takers(problem, plan, order_id)
    market = _market(problem, plan, market)
    at = market.index[order_id]
    who = market.row(at).who
    held_by = market.serves[who]
    prices = None if market.tied else market.greatest
    found = []
    for one in np.unique(held_by[(held_by != IDLE) & (held_by != at)]).tolist():
        people, order = who[held_by == one], problem.orders[one]
        loses = None if prices is None else round(int(prices.volunteer[people].min()) / market.point)
        found.append(Taker(order.id, len(people), order.priority, loses))
    return tuple(sorted(found, key=lambda one: (-one.priority, one.order)))


def minutes_below(market: Market, points: int) -> int | None:
    """Whole minutes of travel that cost less than so many points; None where travel costs nothing."""
    rate = market.weights.travel_per_minute
    return max(0, (points - 1) // rate) if rate else None


def _market(problem: Problem, plan: Plan, market: Market | None) -> Market:
    if plan.mode != "instant":
        raise ValueError("prices are worked out for instant plans")
    return market or Market.of(problem, plan)


def _why_not(market: Market, order: int, volunteer: int) -> WhyNot:
    need, row, serves = market.problem.orders[order], market.row(order), int(market.serves[volunteer])
    if serves == order:
        return WhyNot(need.id, "serves")
    at = np.flatnonzero(row.who == volunteer)
    if not len(at):
        return WhyNot(need.id, "refused", _rules(market, order, volunteer))
    points = _reduced(market, order, volunteer, int(row.cost[at[0]]))
    lasting = points is not None and points >= market.point // 2
    points = None if lasting else points
    minutes = None if points is None else minutes_below(market, points)
    if serves != IDLE:
        held_by = market.problem.orders[serves].id
        return WhyNot(need.id, "elsewhere", (), held_by, (), points, minutes, lasting)
    chosen = row.who[market.serves[row.who] == order]
    if order in market.left_out or not len(chosen):
        return WhyNot(need.id, "open")
    because = _because(market, order, volunteer, int(chosen[row.cost[np.isin(row.who, chosen)].argmax()]))
    return WhyNot(need.id, "dearer", because=because, points=points, minutes=minutes)


def _rules(market: Market, order: int, volunteer: int) -> tuple[str, ...]:
    """Every rule the pair breaks by itself, each ban with its own word."""
    need, person = market.problem.orders[order], market.problem.volunteers[volunteer].id
    broken = failed_alone(market.crowd, need, np.array([volunteer], dtype=np.int64))
    bans = [f"banned:{why}" for banned, why in need.bans if banned == person]
    return tuple(one for name in broken for one in (bans if name == "banned" else [name]))


def _reduced(market: Market, order: int, volunteer: int, cost: int) -> int | None:
    """How much cheaper a pair must become, at the least, before a best plan has it: by the highest and the lowest
    prices, whichever say more."""
    if market.tied or market.greatest is None or market.least is None:
        return None
    proofs: tuple[Prices, Prices] = (market.greatest, market.least)
    return max(cost + int(one.volunteer[volunteer] - one.order[order]) for one in proofs)


def _because(market: Market, order: int, volunteer: int, chosen: int) -> tuple[str, ...]:
    """Terms in which somebody chosen is the better choice, the weightiest first."""
    short = Shortlist(market.crowd, market.problem.orders[order], np.array([volunteer, chosen], dtype=np.int64))
    points = costs.price(short, market.weights)
    more = dict(zip(TERMS, (points[:, 0] - points[:, 1]).tolist(), strict=True))
    return tuple(sorted((term for term in more if more[term] > 0), key=lambda term: -more[term]))
