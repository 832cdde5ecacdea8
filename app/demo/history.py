"""A month of orders: how many of each fate, what was asked for, when, by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.demo import fates, menu
from app.demo.asked import Plan
from app.demo.crew import Crew, Pick
from app.demo.fates import Fate
from app.demo.tale import Tale
from app.demo.world import Neighbour, World
from app.kernel.clock import LOCAL, local

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FULL = 300
"""Orders of a whole city's month; smaller towns get a share of each fate, at least one."""
_VISITING = (8, 9, 9, 9, 10, 10, 14, 14, 14, 15, 15, 16, 18, 18, 19)
"""Local hours at which people are visited, mornings most."""
_POPULAR = {
    "hospital-escort": 10, "errands": 10, "company": 9, "phone-lesson": 9, "haircut": 8, "medicine-pickup": 7,
    "home-cleaning": 6, "small-repairs": 6, "blood-pressure": 5, "primary-homework": 5, "meals": 5, "walk": 4,
}  # fmt: skip
_HOME_SHARE, _HOME_SHARE_LIVE = 0.04, 0.2
"""Of past and of live orders come from the demo station, so that its board is not empty."""


@dataclass(frozen=True)
class Chapter:
    """A fate with the number of orders that meet it, and when these are to be served: hours from now, from … to."""

    fate: Fate
    number: int
    from_hours: float
    to_hours: float
    waits: tuple[float, float] | None = None
    """How many minutes ago it was placed; None: some days before the visit."""
    asks: Callable[[menu.Item], bool] = lambda item: True
    enough: Callable[[Plan, Sequence[Pick]], bool] = lambda plan, picks: len(picks) > plan.positions
    any_hour: bool = False
    seeks: bool = False
    """Volunteers are looked for as soon as the city wakes: such an order must not be one for the newcomer."""
    by_web: bool = False
    """Written by the residents themselves: what the desk writes down is open at once."""


def _rounded(moment: datetime) -> datetime:
    """To five minutes, as people agree on."""
    return moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)


def _is_looked_at(item: menu.Item) -> bool:
    return not item.is_instant


def _is_long(item: menu.Item) -> bool:
    return item.minutes >= 60 and item.positions <= 2


def _is_quick(item: menu.Item) -> bool:
    return item.positions <= 3


def _nobody_fits(plan: Plan, picks: Sequence[Pick]) -> bool:
    return len(picks) <= 2


def _anybody(plan: Plan, picks: Sequence[Pick]) -> bool:
    return True


CHAPTERS = (
    Chapter(fates.closed, 152, -29 * 24, -14),
    Chapter(fates.closed_unrated, 18, -29 * 24, -7.3 * 24),
    Chapter(fates.cancelled, 24, -29 * 24, -5),
    Chapter(fates.no_show, 4, -20 * 24, -14),
    Chapter(fates.disputed, 2, -6 * 24, -30),
    Chapter(fates.reopened, 2, -4 * 24, -30),
    Chapter(fates.unfilled, 7, -20 * 24, -5, enough=_nobody_fits),
    Chapter(fates.rejected, 7, -25 * 24, -14, asks=_is_looked_at, by_web=True, enough=_anybody),
    Chapter(fates.returned, 4, 20, 120, (120, 2500), asks=_is_looked_at, by_web=True, enough=_anybody),
    Chapter(fates.transferred, 2, 20, 90, (60, 500), asks=_is_looked_at, by_web=True, enough=_anybody),
    Chapter(fates.served, 14, -3 * 24, -2),
    Chapter(fates.complained, 3, -30, -4),
    Chapter(fates.staffed, 18, 1.5, 46, (120, 1800)),
    Chapter(fates.serving, 8, -0.5, -0.2, asks=_is_long, any_hour=True),
    Chapter(fates.offering, 14, 3, 60, (6, 50), asks=_is_quick, seeks=True),
    Chapter(fates.looking, 6, 3, 60, (1.5, 15), seeks=True, enough=_anybody),
    Chapter(fates.pressed, 3, 20, 70, (400, 900), seeks=True, enough=_nobody_fits),
    Chapter(fates.submitted, 9, 14, 90, (3, 500), asks=_is_looked_at, by_web=True, enough=_anybody),
)
"""Past first: who served often has no time left later. Together with the merged ones these are `FULL`."""
MERGED = 3


@dataclass
class History:
    """Tells all tales of one city."""

    world: World
    random: Random
    now: datetime
    tales: list[Tale] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._newcomer, self.crew = Crew(self.world.helpers[:1]), Crew(self.world.helpers[1:])
        self._items = menu.items()

    def tell(self, orders: int) -> Iterator[int]:
        """Write about so many orders; gives back how many are written after each."""
        self._old_acquaintances()
        for chapter in CHAPTERS:
            for number in range(max(1, round(chapter.number * orders / FULL))):
                self._one(chapter, at_home=number == 0)
                yield len(self.tales)
        for _ in range(max(1, round(MERGED * orders / FULL))):
            self._merged()
            yield len(self.tales)

    # ---------- what is asked for ----------

    def _one(self, chapter: Chapter, at_home: bool) -> None:
        plan = self._plan(chapter, at_home)
        if plan is not None:
            self._told(plan, chapter.fate)

    def _told(self, plan: Plan, fate: Fate, crew: Crew | None = None) -> Tale:
        tale = Tale(self.world, crew or self.crew, self.random, plan)
        fate(tale, self.now)
        self.tales.append(tale)
        return tale

    def _plan(self, chapter: Chapter, at_home: bool) -> Plan | None:
        """A wish that can meet this fate; None where forty tries found none."""
        for _ in range(40):
            plan = self._draft(chapter, at_home)
            if plan is None:
                continue
            picks = self.crew.fitting(plan.need, plan.span, any_hour=chapter.any_hour)
            tempting = chapter.seeks and self._newcomer.fitting(plan.need, plan.span)
            if chapter.enough(plan, picks) and not tempting:
                return plan
        return None

    def _draft(self, chapter: Chapter, at_home: bool) -> Plan | None:
        item = self._item(chapter)
        begins, ends = self.now + chapter.from_hours * HOUR, self.now + chapter.to_hours * HOUR
        starts_at = self._visiting_hour(begins, ends)
        if starts_at is None and not chapter.any_hour:
            return None
        starts_at = starts_at or _rounded(begins + (ends - begins) * self.random.random())
        span = starts_at, starts_at + timedelta(minutes=item.minutes if item else 60)
        slack = self.random.choice((0, 30, 30, 60)) * MINUTE
        created_at = self._placed_at(chapter, starts_at - slack, item)
        return Plan(self._neighbour(chapter, at_home), item, created_at, span, slack)

    def _item(self, chapter: Chapter) -> menu.Item | None:
        """Now and then a free-form order, where somebody will look at it."""
        if chapter.asks is _is_looked_at and self.random.random() < 0.25:
            return None
        able = [item for item in self._items if chapter.asks(item)]
        return self.random.choices(able, [_POPULAR.get(item.code, 2) for item in able])[0]

    def _visiting_hour(self, begins: datetime, ends: datetime) -> datetime | None:
        day = local(begins + (ends - begins) * self.random.random())
        hour, minute = self.random.choice(_VISITING), self.random.choice((0, 0, 30))
        starts_at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)
        return starts_at if begins <= starts_at <= ends else None

    def _placed_at(self, chapter: Chapter, latest: datetime, item: menu.Item | None) -> datetime:
        if chapter.waits:
            moment = self.now - self.random.uniform(*chapter.waits) * MINUTE
            return self._by_day(moment) if chapter.waits[0] >= 60 else moment
        days = {"urgent": (0.1, 0.8), "planned": (1.5, 5)}.get(item.urgency if item else "", (0.3, 3))
        return self._by_day(latest - self.random.uniform(*days) * DAY)

    def _by_day(self, moment: datetime) -> datetime:
        """The evening before, for what would have been ordered at night."""
        at = local(moment)
        if 7 <= at.hour < 21:
            return moment
        evening = at.replace(hour=self.random.randint(17, 20), minute=self.random.randint(0, 59))
        return evening if at.hour >= 21 else evening - DAY

    def _neighbour(self, chapter: Chapter, at_home: bool) -> Neighbour:
        others = [one for one in self.world.neighbours[1:] if one.account_id or not chapter.by_web]
        share = _HOME_SHARE_LIVE if chapter.to_hours > -1 else _HOME_SHARE
        if at_home or self.random.random() < share:
            others = [one for one in others if one.draft.station == self.world.city.home] or others
        return self.random.choice(others)

    # ---------- orders that belong together ----------

    def _old_acquaintances(self) -> None:
        """王奶奶 has been served by 李晓梅 before, and by somebody else; both times she was content."""
        for code, days, crew in (("company", 16, self._newcomer), ("walk", 9, self.crew)):
            item = next(item for item in self._items if item.code == code)
            starts_at = local(self.now - days * DAY).replace(hour=9, minute=0, second=0, microsecond=0)
            span = starts_at, starts_at + timedelta(minutes=item.minutes)
            plan = Plan(self.world.neighbours[0], item, starts_at - 16 * HOUR, span, 30 * MINUTE)
            if crew.fitting(plan.need, span):
                self._told(plan, fates.content, crew)

    def _merged(self) -> None:
        """The same need twice: the second order joins the first."""
        live = [tale for tale in self.tales if tale.is_sought and tale.plan.item and not tale.is_joined]
        if not live:
            return
        first = self.random.choice(live)
        plan = Plan(first.plan.neighbour, first.plan.item, self.now - MINUTE, first.plan.span, first.plan.slack)
        second = self._told(plan, fates.submitted)
        second.merge_into(first, self.now - timedelta(seconds=20))
