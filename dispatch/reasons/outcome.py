"""From the chosen candidates to proposals with reasons and open positions with counts.

A reason is a code with its figures, parts divided by colons ("travel:walk:800:667"); explain.py says it in
words.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch import geo
from dispatch.candidates import Candidates
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.plan import Candidate, Proposal, Unplaced
from dispatch.problem import OrderSpec, VolunteerSpec

NOTHING = -1


@dataclass(frozen=True, slots=True)
class Held:
    """What everybody serves: `by` has for each volunteer a place in `names`, or NOTHING."""

    by: IntArray
    names: list[str]


def conclude(
    crowd: Crowd,
    options: list[Candidates],
    chosen: list[IntArray],
    weights: Weights,
    elsewhere: Mapping[int, str] | None = None,
) -> tuple[tuple[Proposal, ...], tuple[Unplaced, ...]]:
    """Every proposal and every order with open positions, both in order of ids. `elsewhere` says which volunteers
    (by place in the crowd) serve orders that are not among the options."""
    held = _held(crowd, options, chosen, elsewhere or {})
    proposals: list[Proposal] = []
    unplaced: list[Unplaced] = []
    ways = iter(_ways(crowd, options, chosen))
    for option, picks in zip(options, chosen, strict=True):
        if len(picks):
            proposals.extend(_proposals(crowd, option, picks, held, weights, [next(ways) for _ in range(len(picks))]))
        if len(picks) < option.order.positions:
            unplaced.append(_unplaced(option, len(picks), held))
    proposals.sort(key=lambda proposal: (proposal.order, proposal.volunteer))
    return tuple(proposals), tuple(sorted(unplaced, key=lambda one: one.order))


def present(crowd: Crowd, option: Candidates, picks: IntArray, weights: Weights) -> list[Candidate]:
    """Some of an order's candidates with everything a reader may want to know."""
    ways = _ways(crowd, [option], [picks])
    return [Candidate(**one) for one in _facts(crowd, option, picks, weights, ways)]


def _held(crowd: Crowd, options: list[Candidates], chosen: list[IntArray], elsewhere: Mapping[int, str]) -> Held:
    by = np.full(crowd.size, NOTHING, dtype=np.int64)
    names = [option.order.id for option in options]
    for place, (option, picks) in enumerate(zip(options, chosen, strict=True)):
        by[option.who[picks]] = place
    for who, order in elsewhere.items():
        by[who] = len(names)
        names.append(order)
    return Held(by, names)


def _ways(crowd: Crowd, options: list[Candidates], chosen: list[IntArray]) -> list[tuple[int, int]]:
    """Metres and seconds from home of all the chosen, option by option."""
    who = np.concatenate([np.zeros(0, np.int64), *(one.who[picks] for one, picks in zip(options, chosen, strict=True))])
    spots = geo.places([(option.order.lat, option.order.lon) for option in options])
    metres = geo.metres(crowd.spots[:, who], np.repeat(spots, [len(picks) for picks in chosen], axis=1))
    seconds = geo.travel_seconds(metres, crowd.speed[who], crowd.delay[who])
    return list(zip(metres.tolist(), seconds.tolist(), strict=True))


def _proposals(
    crowd: Crowd, option: Candidates, picks: IntArray, held: Held, weights: Weights, ways: list[tuple[int, int]]
) -> list[Proposal]:
    free = np.flatnonzero(held.by[option.who] == NOTHING)
    second = int(free[0]) if len(free) else None
    runner_up = None if second is None else crowd.people[option.who[second]].id
    next_cost = None if second is None else int(option.cost[second])
    return [
        Proposal(
            order=option.order.id,
            runner_up=runner_up,
            margin=None if next_cost is None else next_cost - one["cost"],
            **one,
        )
        for one in _facts(crowd, option, picks, weights, ways)
    ]


def _facts(
    crowd: Crowd, option: Candidates, picks: IntArray, weights: Weights, ways: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    """The fields of Candidate for some of an option."""
    found = []
    columns = (option.who[picks].tolist(), option.start[picks].tolist(), option.cost[picks].tolist())
    for who, start, cost, (metres, seconds) in zip(*columns, ways, strict=True):
        found.append(
            {
                "volunteer": crowd.people[who].id,
                "start": start,
                "end": start + option.order.duration,
                "distance_m": metres,
                "travel_s": seconds,
                "cost": cost,
                "terms": _terms(crowd, option, who, seconds, cost, weights),
                "reasons": reasons_for(
                    option.order, crowd.people[who], (metres, seconds), option.eligible, option.load, weights
                ),
            }
        )
    return found


def _terms(crowd: Crowd, option: Candidates, who: int, seconds: int, cost: int, weights: Weights) -> dict[str, int]:
    """The parts of a cost that is known as a whole: fairness is what the others leave of it."""
    fixed = standing_terms(crowd.index, option.order, crowd.people[who], weights)
    way = seconds * weights.travel_per_minute // 60
    return {"travel": way, "fairness": cost - way - sum(fixed.values()), **fixed}


def standing_terms(
    known: Container[str], order: OrderSpec, volunteer: VolunteerSpec, weights: Weights
) -> dict[str, int]:
    """The terms of a pair that depend neither on the way nor on other work; `known` has the ids of all volunteers."""
    before, asked = (any(one in known for one in ids) for ids in (order.preferred, order.offered))
    return {
        "language": weights.language if order.languages and not order.languages & volunteer.languages else 0,
        "continuity": weights.continuity if before and volunteer.id not in order.preferred else 0,
        "answer": int((1.0 - volunteer.answer_chance) * weights.answer),
        "stability": weights.stability if asked and volunteer.id not in order.offered else 0,
    }


def _unplaced(option: Candidates, filled: int, held: Held) -> Unplaced:
    places = np.unique(held.by[option.who]).tolist()
    takers = {held.names[one] for one in places if one != NOTHING} - {option.order.id}
    return Unplaced(
        order=option.order.id,
        open_positions=option.order.positions - filled,
        lost=option.lost,
        bans=option.bans,
        eligible=option.eligible,
        verdict="taken_by_others" if takers else "nobody_eligible",
        taken_by=tuple(sorted(takers)),
    )


def reasons_for(
    order: OrderSpec, volunteer: VolunteerSpec, way: tuple[int, int], eligible: int, load: int, weights: Weights
) -> tuple[str, ...]:
    """Codes of what speaks for this volunteer, the nearest and the most personal first. `way` in metres and seconds;
    `eligible` people have a load of `load` minutes together."""
    metres, seconds = way
    spoken = sorted(order.languages & volunteer.languages)
    found = {
        f"travel:{volunteer.mode}:{metres}:{seconds}": True,
        "continuity": volunteer.id in order.preferred,
        f"language:{spoken[0] if spoken else ''}": bool(spoken),
        f"skills:{'+'.join(sorted(order.skills))}": bool(order.skills),
        "credentials": bool(order.credentials),
        "sex": order.sex is not None,
        "on_duty": order.now,
        "available": True,
        "turn": weights.fairness > 0 and round(volunteer.load) * eligible < load,
        "only_one": eligible == 1,
    }
    return tuple(code for code, holds in found.items() if holds)
