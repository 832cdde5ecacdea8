"""The hard rules: who may be asked for an order at all. Each has a name, and RULES is their documented order.

Volunteers are lost at the first rule they fail, in that order, so the counts of an order's losses and its
eligible volunteers always add up to everybody. The time rules share one start: the earliest that every time
rule allows.

    active        takes part at present
    skills        has every skill asked for
    credentials   holds every credential asked for, valid until the end of the service
    minimum_age   is known to be old enough
    sex           is of the sex asked for
    on_duty       is on duty now, when the order is to be served at once
    radius        lives within the distance they chose themselves
    reach         can get there, leaving now, before the latest start
    availability  has free hours that cover the whole service
    overlap       keeps accepted commitments, with the travel to and from them
    daily_limit   stays within their number of orders a local day
    weekly_limit  stays within their minutes a local week (Monday to Sunday)
    banned        has no ban for this order: declined, blocked, already offered…
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dispatch import geo
from dispatch.crowd import DAY, BoolArray, Crowd, local_day, local_week
from dispatch.geo import IntArray
from dispatch.problem import OrderSpec


class Shortlist:
    """One order against some volunteers: their places in the crowd and what the rules have worked out so
    far."""

    def __init__(self, crowd: Crowd, order: OrderSpec, who: IntArray) -> None:
        self.crowd, self.order, self.who = crowd, order, who
        self.earliest = max(order.window_start, crowd.problem.now)

    def only(self, keep: BoolArray) -> None:
        """Go on with fewer volunteers; what was worked out for them stays."""
        self.who = self.who[keep]
        for name in ("metres", "travel", "latest", "start"):
            if name in self.__dict__:
                self.__dict__[name] = self.__dict__[name][keep]
        self.__dict__.pop("booked", None)

    @cached_property
    def metres(self) -> IntArray:
        spot = np.array(geo.place(self.order.lat, self.order.lon))
        return geo.metres(self.crowd.spots[:, self.who], spot)

    @cached_property
    def travel(self) -> IntArray:
        """Seconds from home to the order."""
        return self.travel_from(self.metres)

    def travel_from(self, metres: IntArray, row: IntArray | slice = slice(None)) -> IntArray:
        who = self.who[row]
        seconds: IntArray = geo.travel_seconds(metres, self.crowd.speed[who], self.crowd.delay[who])
        return seconds

    @cached_property
    def latest(self) -> IntArray:
        """Latest start: the service ends within the window and before any credential it needs runs out."""
        end = np.full(len(self.who), self.order.window_end, dtype=np.int64)
        for kind in self.order.credentials:
            np.minimum(end, self.crowd.valid_until(kind)[self.who], out=end)
        return end - self.order.duration

    @cached_property
    def booked(self) -> tuple[IntArray, IntArray]:
        """The commitments of all on the list: for each, the row of its volunteer here and its place in Work."""
        return self.crowd.work.of(self.who)

    @cached_property
    def start(self) -> IntArray:
        """Earliest start found so far; to begin with, the arrival of somebody who leaves now."""
        arrival = self.crowd.problem.now + self.travel
        arrival[self.crowd.under_way[self.who]] = 0  # they leave from that work, which `overlap` sees to
        return np.maximum(arrival, self.earliest)


Push = Callable[[Shortlist, IntArray], IntArray]


def settle(short: Shortlist, *pushes: Push) -> BoolArray:
    """Move every start later until no push moves it any more; keep those that still start in time.

    The newest push comes first; the others hold already when this is called. Only a start that the newest moved
    goes back to them, to the oldest first, so that each finds those before it settled.
    """
    while True:
        start = pushes[0](short, short.start)
        moved = (start != short.start) & (start <= short.latest)
        short.start = start
        if not moved.any():
            return start <= short.latest
        for oldest in range(len(pushes) - 1, 0, -1):
            settle(short, *pushes[oldest:])


def into_hours(short: Shortlist, start: IntArray) -> IntArray:
    return short.crowd.hours.next_start(short.who, start, short.order.duration)


def past_commitments(short: Shortlist, start: IntArray) -> IntArray:
    """Behind any commitment that leaves too little time before it or after it, travel included."""
    work, duration = short.crowd.work, short.order.duration
    row, at = short.booked
    if not len(row):
        return start
    spot = np.array(geo.place(short.order.lat, short.order.lon))
    travel = short.travel_from(geo.metres(work.spots[:, at], spot), row)
    ready = work.ends[at] + travel
    clash = (start[row] + duration + travel > work.starts[at]) & (start[row] < ready)
    later = start.copy()
    np.maximum.at(later, row[clash], ready[clash])
    return later


def past_full_days(short: Shortlist, start: IntArray) -> IntArray:
    """To the next local midnight, while the day of the start has its number of orders already."""
    work = short.crowd.work
    day = local_day(start, work.utc_offset)
    row, at = short.booked
    booked = np.bincount(row[work.day[at] == day[row]], minlength=len(start))
    full = booked >= short.crowd.daily_limit[short.who]
    return np.where(full, (day + 1) * DAY - work.utc_offset, start)


def past_full_weeks(short: Shortlist, start: IntArray) -> IntArray:
    """To the next local Monday, while the week of the start has no room for this service."""
    work = short.crowd.work
    week = local_week(local_day(start, work.utc_offset))
    row, at = short.booked
    same = work.week[at] == week[row]
    booked = np.zeros(len(start), dtype=np.int64)
    np.add.at(booked, row[same], (work.ends - work.starts)[at[same]])
    full = booked + short.order.duration > short.crowd.weekly_limit[short.who]
    return np.where(full, (week * 7 + 4) * DAY - work.utc_offset, start)


def is_active(short: Shortlist) -> BoolArray:
    return short.crowd.active[short.who]


def has_skills(short: Shortlist) -> BoolArray:
    keep = np.ones(len(short.who), dtype=np.bool_)
    for skill in short.order.skills:
        keep &= short.crowd.skilled(skill)[short.who]
    return keep


def has_credentials(short: Shortlist) -> BoolArray:
    needed_until = short.earliest + short.order.duration
    keep = np.ones(len(short.who), dtype=np.bool_)
    for kind in short.order.credentials:
        keep &= short.crowd.valid_until(kind)[short.who] >= needed_until
    return keep


def is_old_enough(short: Shortlist) -> BoolArray:
    least = short.order.minimum_age
    return _all(short) if least is None else short.crowd.age[short.who] >= max(least, 0)


def is_of_sex(short: Shortlist) -> BoolArray:
    return _all(short) if short.order.sex is None else short.crowd.of_sex(short.order.sex)[short.who]


def is_on_duty(short: Shortlist) -> BoolArray:
    return short.crowd.on_duty[short.who] if short.order.now else _all(short)


def is_within_radius(short: Shortlist) -> BoolArray:
    return short.metres <= short.crowd.radius[short.who]


def arrives_in_time(short: Shortlist) -> BoolArray:
    return short.start <= short.latest


def is_free(short: Shortlist) -> BoolArray:
    return settle(short, into_hours)


def keeps_commitments(short: Shortlist) -> BoolArray:
    return settle(short, past_commitments, into_hours)


def keeps_daily_limit(short: Shortlist) -> BoolArray:
    return settle(short, past_full_days, past_commitments, into_hours)


def keeps_weekly_limit(short: Shortlist) -> BoolArray:
    return settle(short, past_full_weeks, past_full_days, past_commitments, into_hours)


def is_not_banned(short: Shortlist) -> BoolArray:
    banned = short.crowd.positions_of(volunteer for volunteer, _ in short.order.bans)
    return np.isin(short.who, banned, invert=True) if len(banned) else _all(short)


def _all(short: Shortlist) -> BoolArray:
    return np.ones(len(short.who), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Rule:
    """`keeps` says who passes (and may move starts later); `alone` is the push of a time rule by itself."""

    name: str
    keeps: Callable[[Shortlist], BoolArray]
    alone: Push | None = None


RULES: tuple[Rule, ...] = (
    Rule("active", is_active),
    Rule("skills", has_skills),
    Rule("credentials", has_credentials),
    Rule("minimum_age", is_old_enough),
    Rule("sex", is_of_sex),
    Rule("on_duty", is_on_duty),
    Rule("radius", is_within_radius),
    Rule("reach", arrives_in_time),
    Rule("availability", is_free, into_hours),
    Rule("overlap", keeps_commitments, past_commitments),
    Rule("daily_limit", keeps_daily_limit, past_full_days),
    Rule("weekly_limit", keeps_weekly_limit, past_full_weeks),
    Rule("banned", is_not_banned),
)
RULE_NAMES: tuple[str, ...] = tuple(rule.name for rule in RULES)


def failed_alone(crowd: Crowd, order: OrderSpec, who: IntArray) -> tuple[str, ...]:
    """For one volunteer, every rule the pair breaks by itself; else the one that breaks only with the others."""
    broken = tuple(rule.name for rule in RULES if not _passes_alone(rule, crowd, order, who))
    return broken or _first_broken(Shortlist(crowd, order, who))


def _passes_alone(rule: Rule, crowd: Crowd, order: OrderSpec, who: IntArray) -> bool:
    short = Shortlist(crowd, order, who)
    short.latest = np.array([order.window_end - order.duration], dtype=np.int64)  # credentials have their own rule
    if rule.alone is None:
        return bool(rule.keeps(short)[0])
    hopeless = bool(short.start[0] > short.latest[0])  # `reach` says so, not this rule
    return hopeless or bool(settle(short, rule.alone)[0])


def _first_broken(short: Shortlist) -> tuple[str, ...]:
    for rule in RULES:
        if not rule.keeps(short)[0]:
            return (rule.name,)
    return ()
