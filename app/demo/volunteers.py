"""Made-up volunteers: who they are, what they can, when they have time, how far they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.demo import accounts
from app.demo.menu import SKILLS
from app.demo.names import name
from app.demo.people import VOLUNTEERS_FROM, homes, phone
from app.demo.places import City, Place
from app.demo.shapes import Point, nearby

Slot = tuple[int, int, int]
"""Weekday (0 is Monday), from and until in minutes after local midnight."""

ON_DUTY_SHARE = 0.15
_EXPERT = {"law", "nursing", "counselling", "health_checks"}
"""Skills that one does not have before 24."""
_PROOF = {
    "law": ("律师执业证", 0.9, False),
    "repairs": ("电工证", 0.5, True),
    "nursing": ("健康证", 0.8, True),
    "cooking": ("健康证", 0.7, True),
    "first_aid": ("急救证", 0.8, True),
    "tutoring": ("教师资格证", 0.35, False),
    "health_checks": ("护士执业证", 0.55, True),
    "counselling": ("心理咨询师证", 0.8, False),
    "driving": ("驾驶证", 0.97, True),
}
"""Skill → the credential that goes with it, how many have it, whether it runs out."""
_TRAVEL = (
    ("walk", 18, 1500),
    ("bike", 14, 3000),
    ("ebike", 42, 4000),
    ("transit", 16, 6000),
    ("car", 10, 10_000),
)
"""How they go, how many of a hundred, and how far (metres)."""
_DIALECTS = (("宁波话", 0.05), ("温州话", 0.05), ("粤语", 0.02), ("手语", 0.015), ("英语", 0.12))
_TEAMS = ("", "", "银龄服务队", "红马甲服务队", "青年服务队", "邻里帮帮团", "巾帼服务队")


@dataclass(frozen=True)
class CredentialDraft:
    kind: str
    number: str
    expires_on: date | None


@dataclass(frozen=True)
class VolunteerDraft:
    """A volunteer's whole profile. `on_duty_hours` counts from the moment of seeding; 0 is off duty."""

    phone: str
    name: str
    sex: str
    birth_year: int
    station: str
    point: Point
    team: str
    travel_mode: str
    radius_m: int
    daily_limit: int
    weekly_limit_minutes: int
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    credentials: tuple[CredentialDraft, ...]
    slots: tuple[Slot, ...]
    quiet: tuple[int, int] | None
    on_duty_hours: int
    is_verified: bool = True
    is_paused: bool = False


def _days(random: Random, days: range, share: float) -> list[int]:
    return [day for day in days if random.random() < share]


def _retired(random: Random) -> list[Slot]:
    """Mornings after breakfast, some afternoons after the nap."""
    mornings = [(day, 480, 660) for day in _days(random, range(7), 0.8)]
    return mornings + [(day, 840, 1020) for day in _days(random, range(7), 0.45)]


def _working(random: Random) -> list[Slot]:
    """Evenings after work and parts of the weekend."""
    evenings = [(day, 1080, 1260) for day in _days(random, range(5), 0.5)]
    return evenings + [(day, start, start + 240) for day in _days(random, range(5, 7), 0.7) for start in (540, 840)]


def _student(random: Random) -> list[Slot]:
    """Whole weekends, one free afternoon."""
    weekend = [(day, 540, 1260) for day in _days(random, range(5, 7), 0.85)]
    return [(random.choice((2, 4)), 780, 1020), *weekend]


def _at_home(random: Random) -> list[Slot]:
    """While the children are at school."""
    return [(day, start, end) for day in _days(random, range(5), 0.75) for start, end in ((540, 660), (780, 960))]


def _freelance(random: Random) -> list[Slot]:
    """Whole days, a few a week, till late."""
    return [(day, 540, random.choice((1080, 1260, 1380))) for day in _days(random, range(7), 0.5)]


_Week = Callable[[Random], list[Slot]]
_WALKS: tuple[tuple[int, int, int, _Week], ...] = (
    (45, 55, 74, _retired),
    (25, 25, 54, _working),
    (15, 18, 23, _student),
    (7, 28, 45, _at_home),
    (8, 24, 50, _freelance),
)
"""Share of a hundred, youngest, oldest, week."""


def _skills(age: int, random: Random) -> tuple[str, ...]:
    able = [skill for skill in SKILLS if age >= 24 or skill.code not in _EXPERT]
    chosen = tuple(skill.code for skill in able if random.random() < skill.share / 100)
    return chosen or (random.choice(("company", "errands", "cleaning")),)


def _expiry(today: date, random: Random) -> date:
    """Within three years; one in ten ran out in the last months."""
    return today + timedelta(days=random.randint(-180, -1) if random.random() < 0.1 else random.randint(20, 1100))


def _credentials(skills: tuple[str, ...], today: date, random: Random) -> tuple[CredentialDraft, ...]:
    found: dict[str, CredentialDraft] = {}
    for skill in skills:
        kind, share, runs_out = _PROOF.get(skill, ("", 0.0, False))
        if random.random() < share and kind not in found:
            number = f"DEMO{random.randint(0, 999_999):06d}"
            found[kind] = CredentialDraft(kind, number, _expiry(today, random) if runs_out else None)
    return tuple(found.values())


def _languages(age: int, random: Random) -> tuple[str, ...]:
    local = ("杭州话",) if random.random() < (0.75 if age >= 50 else 0.35) else ()
    return ("普通话", *local, *(code for code, share in _DIALECTS if random.random() < share))


def _drawn(number: int, station: Place, point: Point, today: date, random: Random) -> VolunteerDraft:
    ((_, young, old, week),) = random.choices(_WALKS, [share for share, *_ in _WALKS])
    ((mode, _, radius),) = random.choices(_TRAVEL, [share for _, share, _ in _TRAVEL])
    age, sex = random.randint(young, old), random.choice(("female", "female", "male"))
    skills = _skills(age, random)
    return VolunteerDraft(
        phone=phone(number),
        name=name(sex, age, random),
        sex=sex,
        birth_year=today.year - age,
        station=station.code,
        point=point,
        team=random.choice(_TEAMS),
        travel_mode=mode,
        radius_m=round(radius * random.uniform(8, 16) / 1000) * 100,
        daily_limit=random.choice((1, 2, 2, 3)),
        weekly_limit_minutes=random.choice((180, 240, 360, 480, 600)),
        languages=_languages(age, random),
        skills=skills,
        credentials=_credentials(skills, today, random),
        slots=tuple(week(random)) or ((5, 540, 720),),
        quiet=(1290, 420) if random.random() < 0.5 else None,
        on_duty_hours=random.randint(1, 8) if random.random() < ON_DUTY_SHARE else 0,
        is_verified=random.random() > 0.03,
        is_paused=random.random() < 0.03,
    )


def volunteers(city: City, count: int, seed: int, today: date) -> tuple[VolunteerDraft, ...]:
    """The demo account 李晓梅 and `count - 1` others."""
    random = Random(f"volunteers {seed}")
    others = enumerate(homes(city, count - 1, random), VOLUNTEERS_FROM)
    return (
        _li_xiaomei(city, today),
        *(_drawn(number, station, point, today, random) for number, (station, point) in others),
    )


def _li_xiaomei(city: City, today: date) -> VolunteerDraft:
    """Next door to 王奶奶, always free, able to do what people ask for most: a newcomer's order finds her."""
    home = city.place(city.home)
    every_skill = (
        "company",
        "errands",
        "cleaning",
        "escort",
        "phones",
        "reading",
        "haircut",
        "cooking",
        "sports",
    )
    return VolunteerDraft(
        phone=f"+86{accounts.VOLUNTEER.phone}",
        name=accounts.VOLUNTEER.name,
        sex="female",
        birth_year=today.year - 41,
        station=home.code,
        point=nearby(home.point, 30, 60, Random(1)),
        team="邻里帮帮团",
        travel_mode="ebike",
        radius_m=5000,
        daily_limit=20,
        weekly_limit_minutes=6000,
        languages=("普通话", "杭州话"),
        skills=every_skill,
        credentials=(CredentialDraft("健康证", "DEMO000002", today + timedelta(days=700)),),
        slots=tuple((day, 0, 1440) for day in range(7)),
        quiet=None,
        on_duty_hours=24 * 365,
    )
