"""Made-up people of the demo city: residents, most of them old, and the staff of the offices.

Everything is drawn from one seed: the same seed and day give the same people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from app.demo import accounts
from app.demo.names import name
from app.demo.places import City, Place
from app.demo.shapes import Point, nearby

STAFF_FROM, VOLUNTEERS_FROM, RESIDENTS_FROM = 100, 2000, 5000
"""First of the last four digits of their telephones."""
_HOME_SHARE = 0.015
"""Of all people live at the demo station, so that its board has something to show."""

_AGES = ((18, 59, 20), (60, 69, 25), (70, 79, 33), (80, 93, 22))
_OLD_GROUPS = (("", 62), ("elderly_alone", 20), ("disabled", 10), ("low_income", 8))
_YOUNG_GROUPS = (("", 66), ("child", 14), ("disabled", 12), ("low_income", 8))
_ACCESS = (
    "", "", "", "", "没有电梯。", "楼下有门禁，请按门铃。", "听力不好，请多按几次门铃。",
    "家里有一只小狗，不咬人。", "坐轮椅，开门要等一会儿。", "从小区北门进更近。",
)  # fmt: skip


@dataclass(frozen=True)
class ResidentDraft:
    """Somebody who may be served; whoever has no account orders by telephone."""

    phone: str
    name: str
    birth_year: int
    station: str
    point: Point
    address: str
    priority_group: str
    access_notes: str
    speaks: str
    has_account: bool


@dataclass(frozen=True)
class StaffDraft:
    """Somebody who works in an office."""

    phone: str
    name: str
    role: str
    office: str


def phone(number: int) -> str:
    """1990000 and four digits, E.164: well-formed, and set aside for made-up people."""
    return f"+861990000{number:04d}"


def homes(city: City, count: int, random: Random) -> Iterator[tuple[Place, Point]]:
    """Where `count` people live: some communities are fuller, and the demo station is never empty."""
    stations = city.at("community")
    fullness = [math.exp(random.gauss(0, 0.6)) for _ in stations]
    home = city.place(city.home)
    for _ in range(count):
        station = home if random.random() < _HOME_SHARE else random.choices(stations, fullness)[0]
        yield station, nearby(station.point, 20, 600, random)


def address(city: City, station: Place, random: Random) -> str:
    """Street, community, house, entrance and flat; the last three are made up."""
    street = city.place(station.parent or station.code)
    house, entrance = random.randint(1, 38), random.randint(1, 4)
    flat = random.randint(1, 7) * 100 + random.randint(1, 4)
    return f"{street.name}{station.name}{house}幢{entrance}单元{flat}室"


def _age(random: Random) -> int:
    ((young, old, _),) = random.choices(_AGES, [share for *_, share in _AGES])
    return random.randint(young, old)


def _group(age: int, random: Random) -> str:
    groups = _OLD_GROUPS if age >= 60 else _YOUNG_GROUPS
    ((group, _),) = random.choices(groups, [share for _, share in groups])
    return group


def _speaks(age: int, random: Random) -> str:
    if random.random() < 0.03:
        return random.choice(("宁波话", "温州话", "粤语", "手语"))
    return "杭州话" if age >= 65 and random.random() < 0.3 else "普通话"


def residents(city: City, count: int, seed: int, today: date) -> tuple[ResidentDraft, ...]:
    """The demo account 王奶奶 and `count - 1` others."""
    random = Random(f"residents {seed}")
    drafts = [_grandmother_wang(city, today)]
    for number, (station, point) in enumerate(homes(city, count - 1, random), RESIDENTS_FROM):
        age = _age(random)
        drafts.append(
            ResidentDraft(
                phone=phone(number),
                name=name(random.choice(("female", "female", "male")), age, random),
                birth_year=today.year - age,
                station=station.code,
                point=point,
                address=address(city, station, random),
                priority_group=_group(age, random),
                access_notes=random.choice(_ACCESS),
                speaks=_speaks(age, random),
                has_account=random.random() < (0.85 if age < 70 else 0.45),
            )
        )
    return tuple(drafts)


def _grandmother_wang(city: City, today: date) -> ResidentDraft:
    home = city.place(city.home)
    return ResidentDraft(
        phone=f"+86{accounts.RESIDENT.phone}",
        name=accounts.RESIDENT.name,
        birth_year=today.year - 78,
        station=home.code,
        point=home.point,
        address=f"{city.place(home.parent or home.code).name}{home.name}6幢2单元302室",
        priority_group="elderly_alone",
        access_notes="没有电梯，门铃在左边。",
        speaks="普通话",
        has_account=True,
    )


def ancestors(city: City, code: str) -> dict[str, str]:
    """The codes of an office and of those above it, by level."""
    found, at = {}, city.place(code)
    found[at.level] = at.code
    while at.parent:
        at = city.place(at.parent)
        found[at.level] = at.code
    return found


def staff(city: City, seed: int) -> tuple[StaffDraft, ...]:
    """The demo accounts of the offices, and one coordinator for every office above the stations."""
    random = Random(f"staff {seed}")
    lineage = ancestors(city, city.home)
    offices: Sequence[Place] = [place for place in city.places if place.level != "community"]
    return tuple(
        StaffDraft(f"+86{account.phone}", account.name, account.role, lineage[account.level])
        for account in accounts.DEMO_ACCOUNTS
        if account.role not in ("resident", "volunteer")
    ) + tuple(
        StaffDraft(phone(number), name(random.choice(("female", "male")), 40, random), "coordinator", place.code)
        for number, place in enumerate(offices, STAFF_FROM)
    )
