"""Small problems for tests: one order and one volunteer who fits it, and random little cities for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from dispatch import Commitment, OrderSpec, Problem, VolunteerSpec

HOUR, DAY = 3600, 86400
MIDNIGHT = 1_767_542_400  # Monday 5 January 2026, 00:00 in Shanghai
NOW = MONDAY_8 = MIDNIGHT + 8 * HOUR
LAT, LON = 30.25, 120.16
STEP = 0.005  # about 550 m


def at(hour: float, day: int = 0) -> int:
    """Local time on the Monday of the tests, or on a day after it."""
    return MIDNIGHT + day * DAY + round(hour * HOUR)


def order(id: str = "o1", **changes: Any) -> OrderSpec:
    """One hour, to begin at ten or eleven at the latest."""
    given = {"lat": LAT, "lon": LON, "window_start": at(10), "window_end": at(12), "duration": HOUR} | changes
    return OrderSpec(id, **given)


def volunteer(id: str = "v1", **changes: Any) -> VolunteerSpec:
    """Free all day, next door, on foot."""
    given = {"lat": LAT, "lon": LON, "availability": ((at(0), at(24)),)} | changes
    return VolunteerSpec(id, **given)


def problem(orders: Any = None, volunteers: Any = None, now: int = NOW) -> Problem:
    return Problem(
        now,
        tuple([order()] if orders is None else orders),
        tuple([volunteer()] if volunteers is None else volunteers),
    )


def work(begin: float, end: float, day: int = 0, lat: float = LAT, lon: float = LON) -> Commitment:
    return Commitment(at(begin, day), at(end, day), lat, lon)


WORDS = ("a", "b", "c")
some_words = st.frozensets(st.sampled_from(WORDS), max_size=1)
many_words = st.frozensets(st.sampled_from(WORDS), max_size=3)
sexes = st.sampled_from((None, None, "female", "male"))
ids = st.sampled_from([f"v{k}" for k in range(6)])


@st.composite
def places(draw: Any) -> dict[str, float]:
    return {"lat": LAT + STEP * draw(st.integers(0, 4)), "lon": LON + STEP * draw(st.integers(0, 4))}


@st.composite
def orders(draw: Any, id: str) -> OrderSpec:
    start = at(draw(st.integers(14, 40)) / 2, draw(st.integers(0, 1)))
    duration = draw(st.sampled_from((1800, 3600, 7200)))
    slack = draw(st.sampled_from((0, 1800, 7200, 20 * HOUR)))
    return order(
        id,
        **draw(places()),
        window_start=start,
        window_end=start + duration + slack,
        duration=duration,
        positions=draw(st.sampled_from((1, 1, 1, 2, 3))),
        skills=draw(some_words),
        credentials=draw(st.frozensets(st.just("licence"), max_size=1)) if draw(st.booleans()) else (),
        priority=draw(st.integers(1, 4)),
        now=draw(st.integers(0, 4)) == 0,
        languages=draw(some_words),
        sex=draw(sexes),
        preferred=draw(st.frozensets(ids, max_size=2)),
        excluded=draw(st.dictionaries(ids, st.sampled_from(("declined", "blocked")), max_size=2)),
        minimum_age=draw(st.sampled_from((None, None, 18))),
    )


@st.composite
def intervals(draw: Any) -> tuple[int, int]:
    begin = draw(st.integers(12, 44)) / 2
    day = draw(st.integers(0, 1))
    return at(begin, day), at(begin + draw(st.integers(2, 24)) / 2, day)


@st.composite
def jobs(draw: Any) -> Commitment:
    begin, day = draw(st.integers(14, 42)) / 2, draw(st.integers(0, 1))
    return Commitment(at(begin, day), at(begin + draw(st.integers(1, 4)) / 2, day), *draw(places()).values())


@st.composite
def volunteers(draw: Any, id: str) -> VolunteerSpec:
    return volunteer(
        id,
        **draw(places()),
        skills=draw(many_words),
        credentials=draw(st.sampled_from(((), (("licence", None),), (("licence", at(14)),)))),
        availability=tuple(draw(st.lists(intervals(), max_size=3))) + ((at(9), at(20)),) * draw(st.integers(0, 1)),
        radius_m=draw(st.sampled_from((600, 2000, 9000))),
        mode=draw(st.sampled_from(("walk", "bike", "ebike", "car", "transit"))),
        commitments=tuple(draw(st.lists(jobs(), max_size=2))),
        daily_limit=draw(st.sampled_from((None, None, 1, 2))),
        weekly_limit_minutes=draw(st.sampled_from((None, None, 60, 180))),
        on_duty=draw(st.booleans()),
        load=float(draw(st.integers(0, 20)) * 60),
        answer_chance=draw(st.sampled_from((0.25, 1.0))),
        sex=draw(sexes),
        languages=draw(many_words),
        age=draw(st.sampled_from((None, 16, 30))),
        active=draw(st.integers(0, 9)) > 0,
    )


@st.composite
def cities(draw: Any, most_orders: int = 4, most_volunteers: int = 6) -> Problem:
    """Little tight cities in which every rule has something to refuse."""
    needs = [draw(orders(f"o{k}")) for k in range(draw(st.integers(0, most_orders)))]
    people = [draw(volunteers(f"v{k}")) for k in range(draw(st.integers(0, most_volunteers)))]
    return problem(needs, people)


@st.composite
def schedules(draw: Any) -> Problem:
    """One order with a window of a day or two and one volunteer with a full diary: only the time rules matter."""
    need = order(
        **draw(places()), window_start=at(draw(st.integers(14, 40)) / 2), window_end=at(draw(st.integers(2, 48)), 1)
    )
    person = volunteer(
        "v1",
        availability=draw(st.lists(intervals(), min_size=1, max_size=4)),
        commitments=draw(st.lists(jobs(), max_size=4)),
        daily_limit=draw(st.sampled_from((None, 1, 2))),
        weekly_limit_minutes=draw(st.sampled_from((None, 60, 240))),
        radius_m=9000,
    )
    return problem([need], [person], now=draw(st.sampled_from((NOW, at(14)))))
