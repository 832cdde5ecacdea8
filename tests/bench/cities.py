"""Seeded made-up cities for measurements: places, skewed skills, weekly hours, own radius, accepted work, load."""

import random
from dataclasses import dataclass, field

from dispatch import Commitment, OrderSpec, Problem, VolunteerSpec

MONDAY = 1_767_542_400  # Monday 5 January 2026, 00:00 in Shanghai
NOW = MONDAY + 8 * 3600
SKILLS = [
    "errands", "company", "phone", "cleaning", "escort", "tutoring", "repair", "haircut", "bathing", "law", "nursing",
]  # fmt: skip
MODES = ["walk", "walk", "bike", "ebike", "ebike", "transit", "car"]
RADIUS = {"walk": 2500, "bike": 5000, "ebike": 8000, "transit": 10000, "car": 15000}


@dataclass(slots=True)
class City:
    """Half of all people live around a few centres, the rest anywhere in a square of `width` degrees."""

    seed: int
    width: float = 0.25
    centres: int = 12
    dice: random.Random = field(init=False)
    middles: list[tuple[float, float]] = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.middles = [self.anywhere() for _ in range(self.centres)]

    def anywhere(self) -> tuple[float, float]:
        return 30.15 + self.dice.random() * self.width, 120.05 + self.dice.random() * self.width

    def place(self) -> tuple[float, float]:
        if self.dice.random() < 0.5:
            return self.anywhere()
        lat, lon = self.dice.choice(self.middles)
        return lat + self.dice.gauss(0, 0.01), lon + self.dice.gauss(0, 0.01)

    def skills(self, share: float, fade: float) -> frozenset[str]:
        """Skewed: the k-th skill is k**fade times rarer than the first."""
        return frozenset(s for k, s in enumerate(SKILLS, 1) if self.dice.random() < share / k**fade)

    def order(self, number: int, days: int) -> OrderSpec:
        dice, (lat, lon) = self.dice, self.place()
        start = MONDAY + dice.randrange(days) * 86400 + dice.randrange(36, 80) * 900
        duration = dice.choice([1800, 3600, 5400, 7200])
        positions = dice.choices([1, 2, 4], [88, 9, 3])[0]
        slack = dice.choice([1800, 3600, 7200, 14400]) if positions == 1 else 0
        return OrderSpec(
            f"o{number:06}", lat, lon, max(start, NOW + 3600), max(start, NOW + 3600) + duration + slack, duration,
            positions, self.skills(0.3, 0.8), priority=dice.choices([1, 2, 4, 8], [5, 3, 2, 1])[0],
            languages=frozenset(["hangzhou"] if dice.random() < 0.1 else []),
            sex=dice.choices([None, "female", "male"], [90, 8, 2])[0],
        )  # fmt: skip

    def hours(self, days: int) -> list[tuple[int, int]]:
        begin, length = self.dice.choice([(8, 4), (9, 8), (13, 5), (17, 4), (8, 12)])
        free = [day for day in range(days) if self.dice.random() < 0.6]
        return [(MONDAY + d * 86400 + begin * 3600, MONDAY + d * 86400 + (begin + length) * 3600) for d in free]

    def work(self, days: int) -> list[Commitment]:
        starts = [MONDAY + self.dice.randrange(days) * 86400 + self.dice.randrange(9, 20) * 3600 for _ in range(2)]
        return [Commitment(s, s + 3600, *self.place()) for s in starts if self.dice.random() < 0.2]

    def volunteer(self, number: int, days: int) -> VolunteerSpec:
        dice, (lat, lon), mode = self.dice, self.place(), self.dice.choice(MODES)
        return VolunteerSpec(
            f"v{number:06}", lat, lon, self.skills(0.9, 0.5), (), self.hours(days), RADIUS[mode], mode,
            self.work(days), dice.choice([None, 1, 2]), dice.choice([None, 240, 600]),
            load=float(int(dice.expovariate(1 / 300))), answer_chance=dice.choice([0.5, 0.8, 1.0]),
            sex=dice.choice(["female", "male"]), languages=frozenset(["hangzhou"] if dice.random() < 0.3 else []),
            age=dice.randrange(18, 75), active=dice.random() < 0.97,
        )  # fmt: skip


def problem(orders: int, volunteers: int, seed: int, days: int = 7) -> Problem:
    city = City(seed)
    needs = tuple(city.order(i, days) for i in range(orders))
    return Problem(NOW, needs, tuple(city.volunteer(i, days) for i in range(volunteers)))
