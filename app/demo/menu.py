"""The demo city's menu: eight standing categories, their items, and the skills and credentials they ask for.

The items stand in `data/menu.csv`, one a line, to be edited without knowing Python.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_ITEMS = Path(__file__).with_name("data") / "menu.csv"


@dataclass(frozen=True)
class Word:
    """A code of the data with its name in both languages."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class SkillWord(Word):
    """A skill; `share` is how many of a hundred made-up volunteers have it: law is rare."""

    share: int


@dataclass(frozen=True)
class Item:
    """A standing kind of service. `is_instant`: low risk, so the rule approves it at once."""

    category: str
    code: str
    name: str
    name_en: str
    description: str
    description_en: str
    minutes: int
    positions: int
    skills: tuple[str, ...]
    credentials: tuple[str, ...]
    risk: str
    risk_note: str
    is_instant: bool
    minimum_age: int
    urgency: str


CATEGORIES = (
    Word("policy", "理论政策宣讲", "Policy talks"),
    Word("culture", "文化文艺", "Culture and arts"),
    Word("teaching", "助学支教", "Tutoring"),
    Word("health", "医疗健身", "Health and fitness"),
    Word("science", "科学普及", "Science for everyone"),
    Word("law", "法律服务", "Legal services"),
    Word("cleaning", "卫生环保", "Cleaning and environment"),
    Word("relief", "扶贫帮困", "Help in hardship"),
)

SKILLS = (
    SkillWord("company", "陪伴聊天", "Company and talk", 55),
    SkillWord("errands", "跑腿代办", "Errands", 45),
    SkillWord("cleaning", "打扫整理", "Cleaning and tidying", 40),
    SkillWord("escort", "陪诊陪护", "Escort to hospital", 30),
    SkillWord("phones", "手机电脑", "Phones and computers", 28),
    SkillWord("events", "活动组织", "Organising events", 24),
    SkillWord("tutoring", "课业辅导", "Tutoring", 20),
    SkillWord("cooking", "做饭送餐", "Cooking and meals", 18),
    SkillWord("driving", "开车接送", "Driving", 16),
    SkillWord("sports", "健身领操", "Leading exercise", 14),
    SkillWord("reading", "读书读报", "Reading aloud", 14),
    SkillWord("childcare", "儿童看护", "Minding children", 12),
    SkillWord("talks", "宣讲讲解", "Public speaking", 12),
    SkillWord("arts", "文艺表演", "Performing arts", 11),
    SkillWord("photo", "摄影摄像", "Photography", 10),
    SkillWord("haircut", "理发", "Hairdressing", 7),
    SkillWord("first_aid", "急救", "First aid", 7),
    SkillWord("repairs", "家电水电维修", "Repairs", 7),
    SkillWord("calligraphy", "书法绘画", "Calligraphy and painting", 6),
    SkillWord("health_checks", "健康测量", "Health checks", 6),
    SkillWord("nursing", "护理助浴", "Nursing and bathing", 5),
    SkillWord("science", "科普讲解", "Explaining science", 5),
    SkillWord("counselling", "心理疏导", "Counselling", 3),
    SkillWord("law", "法律咨询", "Legal advice", 3),
)

CREDENTIALS = ("健康证", "急救证", "教师资格证", "律师执业证", "电工证", "护士执业证", "心理咨询师证", "驾驶证")
"""Papers that items ask for, by the names people know them by."""


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _item(row: dict[str, str]) -> Item:
    return Item(
        category=row["category"],
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        description=row["description"],
        description_en=row["description_en"],
        minutes=int(row["minutes"]),
        positions=int(row["positions"]),
        skills=_codes(row["skills"]),
        credentials=_codes(row["credentials"]),
        risk=row["risk"],
        risk_note=row["risk_note"],
        is_instant=row["instant"] == "yes",
        minimum_age=int(row["minimum_age"]),
        urgency=row["urgency"],
    )


def items() -> tuple[Item, ...]:
    """All items of the menu, in the order of the file."""
    with _ITEMS.open(encoding="utf-8", newline="") as lines:
        return tuple(_item(row) for row in csv.DictReader(lines))
