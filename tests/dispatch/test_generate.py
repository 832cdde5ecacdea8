"""Made-up cities: the same for the same seed, the same as tables and as specs, with something for every rule."""

from dataclasses import fields

import numpy as np
import pytest

from dispatch import generate, solve, tables, violations
from dispatch.draws import MONDAY
from dispatch.tables import Tables


def same(one: Tables, other: Tables) -> list[str]:
    """Columns that differ, in values or in type."""
    found = [name for name in ("now", "utc_offset") if getattr(one, name) != getattr(other, name)]
    for side in ("orders", "volunteers"):
        left, right = getattr(one, side), getattr(other, side)
        for field in fields(left):
            a, b = getattr(left, field.name), getattr(right, field.name)
            if a.dtype != b.dtype or a.shape != b.shape or not np.array_equal(a, b):
                found.append(f"{side}.{field.name}")
    return found


@pytest.mark.parametrize(
    ("orders", "volunteers", "extras"),
    [(400, 900, {"work": 0.2, "bans": 1.5}), (30, 60, {}), (3, 5, {"work": 1.0, "bans": 1.0}), (0, 4, {}), (4, 0, {})],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_tables_and_the_specs_are_one_city(orders: int, volunteers: int, extras: dict, seed: int) -> None:
    specs = generate.problem(orders, volunteers, seed, **extras)
    assert same(generate.city(orders, volunteers, seed, **extras), tables.of(specs)) == []


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    assert generate.problem(20, 30, 7).digest() == generate.problem(20, 30, 7).digest()
    assert generate.problem(20, 30, 7).digest() != generate.problem(20, 30, 8).digest()


def test_every_rule_but_the_weekly_ones_has_somebody_to_refuse() -> None:
    city = generate.problem(300, 300, 3, work=0.3, bans=2.0)
    plan = solve(city)
    lost = {rule for one in plan.unplaced for rule, count in one.lost.items() if count}
    assert {"active", "skills", "credentials", "sex", "radius", "reach", "availability"} <= lost
    assert violations(city, plan) == []


def test_skills_are_skewed_and_people_live_in_clusters() -> None:
    city = generate.city(2000, 4000, 1)
    held = [int((city.volunteers.skills[:, 0] >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(24)]
    assert max(held) > 50 * min(held)
    cells = np.floor(np.stack([city.volunteers.lat, city.volunteers.lon]) * 100).T
    _, crowded = np.unique(cells, axis=0, return_counts=True)
    assert np.sort(crowded)[-30:].sum() > 0.2 * len(city.volunteers)


def test_a_day_has_everybody_free_once_and_nothing_accepted() -> None:
    city = generate.day(60, 80, 5)
    assert all(len(one.availability) == 1 and one.active and not one.commitments for one in city.volunteers)
    assert all(MONDAY <= start < end <= MONDAY + 86400 for one in city.volunteers for start, end in one.availability)
    assert {one.positions for one in city.orders} == {1}
    assert {one.daily_limit for one in city.volunteers} == {1, 2, 3, 5}
    assert {one.mode for one in city.volunteers} == {"walk", "transit", "car"}
    assert city.now < min(one.window_start for one in city.orders)


def test_meetings_are_a_share_of_a_days_orders_and_change_nothing_else() -> None:
    alone, meeting = generate.day(400, 10, 5), generate.day(400, 10, 5, meetings=0.15)
    several = [one for one in meeting.orders if one.positions > 1]
    assert 30 <= len(several) <= 90
    assert {one.positions for one in several} == {2, 3, 4}
    assert [one.window_start for one in alone.orders] == [one.window_start for one in meeting.orders]
    assert alone.volunteers == meeting.volunteers
