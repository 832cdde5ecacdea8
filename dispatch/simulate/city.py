"""Made-up cities: streets of different size, people with their weeks and skills, orders by hour and kind."""

from math import cos, radians
from typing import Any

import numpy as np

from dispatch.draws import CENTRE, METRES_PER_DEGREE, MONDAY, RADII
from dispatch.generate import MIXED
from dispatch.geo import FloatArray, IntArray
from dispatch.problem import VolunteerSpec
from dispatch.simulate.figures import Figures
from dispatch.simulate.world import DAY, HOUR, MINUTE, WEEK, Placed, World, build


def world(figures: Figures, seed: int) -> World:
    """The city of a seed. The same figures and seed give the same city."""
    dice = np.random.default_rng([seed, 1])
    town = figures.town
    weeks = town["warm_up_weeks"] + town["weeks"]
    centres = (dice.random((town["streets"], 2)) * 2 - 1) * town["half_width_m"]
    people = _people(dice, figures, centres, weeks)
    orders = _orders(dice, figures, centres, weeks)
    span = (MONDAY, MONDAY + town["warm_up_weeks"] * WEEK, MONDAY + weeks * WEEK)
    return build(figures, seed, people, orders, _duty(dice, figures, people), span)


def _place(dice: np.random.Generator, centre: FloatArray, spread: float) -> tuple[float, float]:
    east, north = (centre + dice.normal(size=2) * spread).tolist()
    lat = CENTRE[0] + north / METRES_PER_DEGREE
    return round(lat, 6), round(CENTRE[1] + east / (METRES_PER_DEGREE * cos(radians(CENTRE[0]))), 6)


def _people(dice: np.random.Generator, figures: Figures, centres: FloatArray, weeks: int) -> tuple[VolunteerSpec, ...]:
    town, size = figures.town, figures.town["volunteers"]
    share = dice.dirichlet(np.full(len(centres), town["uneven_volunteers"]))
    streets = dice.choice(len(centres), size, p=share)
    modes = list(RADII)
    chosen = dice.choice(len(modes), size, p=np.array(MIXED) / sum(MIXED))
    people = []
    for i in range(size):
        lat, lon = _place(dice, centres[streets[i]], town["spread_m"])
        skills = frozenset(kind["name"] for kind in figures.kinds if dice.random() < kind["skilled"])
        people.append(
            VolunteerSpec(
                f"v{i:05d}", lat, lon, skills, availability=_hours(dice, weeks),
                radius_m=int(dice.choice(RADII[modes[chosen[i]]])), mode=modes[chosen[i]],
                daily_limit=int(dice.choice((1, 2, 3), p=(0.4, 0.4, 0.2))),
            )
        )  # fmt: skip
    return tuple(people)


def _hours(dice: np.random.Generator, weeks: int) -> tuple[tuple[int, int], ...]:
    """Evenings and weekends, weekdays by day, or flexible; at most one stretch a day."""
    kind = dice.choice(3, p=(0.35, 0.35, 0.3))
    found = []
    for day in range(weeks * 7):
        weekend = day % 7 >= 5
        begin, end, chance = ((9 if weekend else 17, 20 if weekend else 21, 0.65), (8, 17, 0.25 if weekend else 0.75),
                              (8, 20, 0.65))[kind]  # fmt: skip
        if dice.random() < chance:
            hours = begin + int(dice.integers(-1, 3)) / 2, end + int(dice.integers(-4, 3)) / 2
            found.append(tuple(MONDAY + day * DAY + int(hour * HOUR) for hour in hours))
    return tuple((begin, end) for begin, end in found)


def _duty(dice: np.random.Generator, figures: Figures, people: tuple[VolunteerSpec, ...]) -> IntArray:
    """Rows of volunteer, begin, end."""
    share = figures.people["on_duty"]
    rows = [(who, *one) for who, person in enumerate(people) for one in person.availability if dice.random() < share]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _orders(dice: np.random.Generator, figures: Figures, centres: FloatArray, weeks: int) -> list[Placed]:
    town, arrivals = figures.town, figures.arrivals
    share = dice.dirichlet(np.full(len(centres), town["uneven_orders"]))
    count = int(dice.poisson(town["orders_per_week"] * weeks))
    by_day, by_hour = (np.array(arrivals[name], dtype=np.float64) for name in ("by_weekday", "by_hour"))
    week = dice.integers(0, weeks, count)
    day = dice.choice(7, count, p=by_day / by_day.sum())
    hour = dice.choice(24, count, p=by_hour / by_hour.sum())
    placed = MONDAY + week * WEEK + day * DAY + hour * HOUR + dice.integers(0, HOUR, count)
    kinds = dice.choice(len(figures.kinds), count, p=_shares(figures))
    streets = dice.choice(len(centres), count, p=share)
    drawn = sorted(zip(placed.tolist(), kinds.tolist(), streets.tolist(), strict=True))
    return [_order(dice, figures, at, figures.kinds[kind], centres, street) for at, kind, street in drawn]


def _order(dice: np.random.Generator, figures: Figures, at: int, kind: Any, centres: FloatArray, street: int) -> Placed:
    lat, lon = _place(dice, centres[street], figures.town["spread_m"])
    urgency, start, slack = _when(dice, figures, at)
    positions = 1 + int(dice.choice(4, p=figures.arrivals["positions"]))
    cancelled = float(dice.random()) if dice.random() < figures.arrivals["cancelled"] else None
    minutes = kind["minutes"] * MINUTE
    return Placed(
        at, kind["name"], lat, lon, str(street), urgency, start, minutes, positions, slack, kind["wanted"], cancelled
    )


def _shares(figures: Figures) -> FloatArray:
    shares = np.array([kind["share"] for kind in figures.kinds])
    return shares / shares.sum()


def _when(dice: np.random.Generator, figures: Figures, placed: int) -> tuple[str, int, int]:
    """Urgency, start, and seconds after it by which the visit may begin."""
    arrivals, drawn = figures.arrivals, dice.random()
    opens, closes = (int(hour * HOUR) for hour in arrivals["visits_begin_h"])
    if drawn < arrivals["urgent"] and opens <= (placed - MONDAY) % DAY < closes:
        return "urgent", placed, arrivals["urgent_window_min"] * MINUTE
    urgency = "normal" if drawn < arrivals["urgent"] + arrivals["normal"] else "planned"
    start = placed + int(dice.uniform(*arrivals[f"{urgency}_notice_h"]) * HOUR)
    local = (start - MONDAY) % DAY
    if not opens <= local < closes:  # nobody books a visit for the night: the next day, at a daytime hour
        start += (DAY - local if local >= closes else -local) + opens + int(dice.uniform(0.5, 8) * HOUR)
    return urgency, start // (15 * MINUTE) * 15 * MINUTE, 0
