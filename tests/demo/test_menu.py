"""The demo menu."""

from collections import Counter

from app.demo import menu
from models.kinds import Risk, Urgency


def test_the_standing_eight_categories_all_have_items() -> None:
    counted = Counter(item.category for item in menu.items())
    assert list(counted) == [category.code for category in menu.CATEGORIES]
    assert len(counted) == 8
    assert counted.total() >= 40


def test_every_item_asks_for_skills_and_credentials_that_exist() -> None:
    skills = {skill.code for skill in menu.SKILLS}
    for item in menu.items():
        assert set(item.skills) <= skills, item.code
        assert set(item.credentials) <= set(menu.CREDENTIALS), item.code
        assert (item.risk, item.urgency) == (Risk(item.risk), Urgency(item.urgency))


def test_only_low_risk_is_approved_at_once_and_high_risk_is_told() -> None:
    for item in menu.items():
        assert not item.is_instant or item.risk == "low", item.code
        assert item.risk != "high" or item.risk_note, item.code


def test_everything_is_said_in_both_languages() -> None:
    words = [*menu.CATEGORIES, *menu.SKILLS, *menu.items()]
    assert all(word.name and word.name_en for word in words)
    assert all(item.description and item.description_en for item in menu.items())
    assert len({item.code for item in menu.items()}) == len(menu.items())
