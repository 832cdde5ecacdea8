"""From the chosen candidates to proposals with reasons and open positions with counts.

A reason is a code with its figures, parts divided by colons ("travel:walk:800:667"); explain.py says it in
words.
"""

from collections.abc import Mapping
from dataclasses import fields

from dispatch.candidates import Candidates
from dispatch.costs import TERMS, Weights, price
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.plan import Candidate, Proposal, Unplaced
from dispatch.rules import Shortlist


def conclude(
    crowd: Crowd,
    options: list[Candidates],
    chosen: list[IntArray],
    weights: Weights,
    elsewhere: Mapping[int, str] | None = None,
) -> tuple[tuple[Proposal, ...], tuple[Unplaced, ...]]:
    """Every proposal and every order with open positions, both in order of ids. `elsewhere` says which volunteers
    (by place in the crowd) serve orders that are not among the options."""
    serves: dict[int, str] = dict(elsewhere or {})
    for option, picks in zip(options, chosen, strict=True):
        serves.update(dict.fromkeys(option.who[picks].tolist(), option.order.id))
    proposals: list[Proposal] = []
    unplaced: list[Unplaced] = []
    for option, picks in zip(options, chosen, strict=True):
        if len(picks):
            proposals.extend(_proposals(crowd, option, picks, serves, weights))
        if len(picks) < option.order.positions:
            unplaced.append(_unplaced(option, len(picks), serves))
    proposals.sort(key=lambda proposal: (proposal.order, proposal.volunteer))
    return tuple(proposals), tuple(sorted(unplaced, key=lambda one: one.order))


def _proposals(
    crowd: Crowd, option: Candidates, picks: IntArray, serves: dict[int, str], weights: Weights
) -> list[Proposal]:
    second = next((k for k, one in enumerate(option.who.tolist()) if one not in serves), None)
    runner_up = None if second is None else crowd.people[option.who[second]].id
    found = present(crowd, option, picks, weights)
    return [
        Proposal(
            order=option.order.id,
            runner_up=runner_up,
            margin=None if second is None else int(option.cost[second]) - one.cost,
            **{field.name: getattr(one, field.name) for field in fields(one)},
        )
        for one in found
    ]


def present(crowd: Crowd, option: Candidates, picks: IntArray, weights: Weights) -> list[Candidate]:
    """Some of an order's candidates with everything a reader may want to know."""
    short = Shortlist(crowd, option.order, option.who[picks])
    terms = price(short, weights)
    return [
        Candidate(
            volunteer=crowd.people[option.who[k]].id,
            start=int(option.start[k]),
            end=int(option.start[k]) + option.order.duration,
            distance_m=int(short.metres[row]),
            travel_s=int(short.travel[row]),
            cost=int(option.cost[k]),
            terms=dict(zip(TERMS, terms[:, row].tolist(), strict=True)),
            reasons=_reasons(option, short, row, weights),
        )
        for row, k in enumerate(picks.tolist())
    ]


def _unplaced(option: Candidates, filled: int, serves: dict[int, str]) -> Unplaced:
    takers = {serves[one] for one in option.who.tolist() if one in serves} - {option.order.id}
    return Unplaced(
        order=option.order.id,
        open_positions=option.order.positions - filled,
        lost=option.lost,
        bans=option.bans,
        eligible=option.eligible,
        verdict="taken_by_others" if takers else "nobody_eligible",
        taken_by=tuple(sorted(takers)),
    )


def _reasons(option: Candidates, short: Shortlist, row: int, weights: Weights) -> tuple[str, ...]:
    """Codes of what speaks for this candidate, the nearest and the most personal first."""
    order, volunteer = option.order, short.crowd.people[short.who[row]]
    spoken = sorted(order.languages & volunteer.languages)
    found = {
        f"travel:{volunteer.mode}:{short.metres[row]}:{short.travel[row]}": True,
        "continuity": volunteer.id in order.preferred,
        f"language:{spoken[0] if spoken else ''}": bool(spoken),
        f"skills:{'+'.join(sorted(order.skills))}": bool(order.skills),
        "credentials": bool(order.credentials),
        "sex": order.sex is not None,
        "on_duty": order.now,
        "available": True,
        "turn": weights.fairness > 0 and round(volunteer.load) * option.eligible < option.load,
        "only_one": option.eligible == 1,
    }
    return tuple(code for code, holds in found.items() if holds)
