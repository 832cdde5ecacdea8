"""One city and its weeks as they are played: who lives where, free when; which orders come when. All public knowledge.

The engine itself says who may serve each order and at what cost (rules.py, costs.py). What changes while playing,
accepted work, is looked at pair by pair (office.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch import geo
from dispatch.candidates import screen
from dispatch.costs import Weights, price
from dispatch.crowd import Crowd
from dispatch.geo import IntArray
from dispatch.problem import OrderSpec, Problem, VolunteerSpec
from dispatch.simulate.figures import Figures

DAY, HOUR, MINUTE = 86_400, 3600, 60
WEEK = 7 * DAY
WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Placed:
    """One order as it came: when, where, what, for when. It may begin until `slack` seconds after `start`;
    `cancelled` is the share of the time until then at which the resident cancels, if so."""

    placed: int
    kind: str
    lat: float
    lon: float
    street: str
    urgency: str
    start: int
    duration: int
    positions: int = 1
    slack: int = 0
    wanted: bool = False
    cancelled: float | None = None


@dataclass(slots=True)
class Need:
    """One order. Aligned lists over its candidates: volunteers, km from home, travel seconds, engine points.

    `latest`: the last moment at which the service may begin (`start` itself where it is fixed).
    """

    number: int
    kind: str
    wanted: bool
    street: str
    spot: tuple[float, float, float]
    urgency: str
    placed: int
    start: int
    latest: int
    duration: int
    positions: int
    cancelled: int | None
    who: list[int]
    km: list[float]
    travel: list[int]
    cost: list[int]

    @property
    def id(self) -> str:
        return f"o{self.number}"


@dataclass(slots=True)
class World:
    """A city and its weeks: orders by time of placing; `measured` is the moment from which results count; the last
    `newcomers` of the people were not there in truth (what-if)."""

    figures: Figures
    seed: int
    people: tuple[VolunteerSpec, ...]
    spots: list[tuple[float, float, float]]
    needs: list[Need]
    begin: int
    measured: int
    end: int
    newcomers: int = 0


def build(
    figures: Figures,
    seed: int,
    people: Sequence[VolunteerSpec],
    orders: Sequence[Placed],
    duty: IntArray,
    span: tuple[int, int, int],
) -> World:
    """A world of these people and orders. `duty`: rows of volunteer (place in `people`), begin, end of being on duty;
    `span`: its first moment, the one from which results count, and its end."""  # fmt: skip
    crowd = Crowd(Problem(span[0], (), tuple(people)))
    places = {person.id: i for i, person in enumerate(people)}
    order = [places[person.id] for person in crowd.people]  # a problem sorts by id
    rank = np.argsort(order)
    moved = np.column_stack([rank[duty[:, 0]], duty[:, 1:]]) if len(duty) else duty
    coming = sorted(orders, key=lambda one: (one.placed, one.start, one.lat, one.lon, one.kind))
    needs = [_need(number, crowd, moved, one) for number, one in enumerate(coming)]
    spots = [tuple(column) for column in crowd.spots.T.tolist()]
    return World(figures, seed, crowd.people, spots, needs, *span)


def _need(number: int, crowd: Crowd, duty: IntArray, one: Placed) -> Need:
    latest = one.start + one.slack
    order = OrderSpec(
        f"o{number}", one.lat, one.lon, one.start, latest + one.duration, one.duration, one.positions,
        frozenset([one.kind]), now=one.urgency == "urgent",
    )  # fmt: skip
    crowd.problem = Problem(one.placed, (), ())
    if order.now:
        crowd.on_duty = np.zeros(crowd.size, dtype=np.bool_)
        crowd.on_duty[duty[(duty[:, 1] <= one.placed) & (one.placed < duty[:, 2]), 0]] = True
    short, _, _ = screen(crowd, order)
    cost = price(short, WEIGHTS).sum(axis=0)
    ends = None if one.cancelled is None else one.placed + int(one.cancelled * max(0, one.start - one.placed))
    return Need(
        number, one.kind, one.wanted, one.street, geo.place(one.lat, one.lon), one.urgency, one.placed, one.start,
        latest, one.duration, one.positions, ends,
        short.who.tolist(), (short.metres / 1000).tolist(), short.travel.tolist(), cost.tolist(),
    )  # fmt: skip
