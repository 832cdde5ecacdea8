"""Made-up people: deterministic, plausible, and plainly made up."""

from collections import Counter
from datetime import date

import phonenumbers

from app.demo import accounts, menu
from app.demo.people import residents, staff
from app.demo.shapes import metres
from app.demo.tiny import tiny
from app.demo.volunteers import volunteers
from app.people.choices import LANGUAGES

TODAY = date(2026, 11, 22)
MANY = volunteers(tiny(), 600, 7, TODAY)


def test_the_same_seed_makes_the_same_people() -> None:
    assert volunteers(tiny(), 40, 7, TODAY) == volunteers(tiny(), 40, 7, TODAY)
    assert residents(tiny(), 30, 7, TODAY) == residents(tiny(), 30, 7, TODAY)
    assert staff(tiny(), 7) == staff(tiny(), 7)
    assert volunteers(tiny(), 40, 8, TODAY) != volunteers(tiny(), 40, 7, TODAY)


def test_telephones_are_valid_to_programs_and_set_aside_for_made_up_people() -> None:
    everybody = [*MANY, *residents(tiny(), 300, 7, TODAY), *staff(tiny(), 7)]
    phones = [person.phone for person in everybody]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("+861990000") for phone in phones)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)


def test_common_skills_are_common_and_rare_ones_are_there() -> None:
    counted = Counter(skill for volunteer in MANY for skill in volunteer.skills)
    assert set(counted) == {skill.code for skill in menu.SKILLS}
    assert counted["company"] > 8 * counted["law"]


def test_languages_and_papers_are_called_as_on_the_forms() -> None:
    assert {word for volunteer in MANY for word in volunteer.languages} <= set(LANGUAGES)
    assert {person.speaks for person in residents(tiny(), 300, 7, TODAY)} <= set(LANGUAGES)
    assert {paper.kind for volunteer in MANY for paper in volunteer.credentials} == set(menu.CREDENTIALS)


def test_nobody_is_without_skills_or_free_hours_and_slots_never_overlap() -> None:
    for volunteer in MANY:
        assert volunteer.skills and volunteer.slots
        assert all(0 <= day < 7 and 0 <= start < end <= 1440 for day, start, end in volunteer.slots)
        for one, other in zip(sorted(volunteer.slots), sorted(volunteer.slots)[1:], strict=False):
            assert one[0] < other[0] or one[2] <= other[1]


def test_the_young_are_no_experts_and_some_credentials_have_run_out() -> None:
    for volunteer in MANY:
        if TODAY.year - volunteer.birth_year < 24:
            assert not {"law", "nursing", "counselling"} & set(volunteer.skills)
    ends = [paper.expires_on for volunteer in MANY for paper in volunteer.credentials if paper.expires_on]
    assert any(end < TODAY for end in ends) and any(end > TODAY for end in ends)


def test_most_residents_are_sixty_or_older() -> None:
    old = [person for person in residents(tiny(), 500, 7, TODAY) if TODAY.year - person.birth_year >= 60]
    assert 350 < len(old) < 450


def test_li_xiaomei_is_free_at_any_hour_and_lives_next_door_to_grandmother_wang() -> None:
    volunteer, resident = MANY[0], residents(tiny(), 5, 7, TODAY)[0]
    assert (volunteer.name, resident.name) == (accounts.VOLUNTEER.name, accounts.RESIDENT.name)
    assert metres(volunteer.point, resident.point) < 100
    assert {(day, 0, 1440) for day in range(7)} == set(volunteer.slots)
    assert volunteer.on_duty_hours > 24
    nearer = [
        other for other in MANY[1:] if metres(other.point, resident.point) < metres(volunteer.point, resident.point)
    ]
    assert len(nearer) <= 2


def test_the_demo_accounts_of_offices_stand_in_one_line_from_station_to_city() -> None:
    held = {person.phone: person.office for person in staff(tiny(), 7)}
    of = {account.level: held[f"+86{account.phone}"] for account in accounts.DEMO_ACCOUNTS[2:]}
    assert of == {"community": "T111", "street": "T11", "district": "T1", "city": "T"}
    assert len({account.phone for account in accounts.DEMO_ACCOUNTS}) == len(accounts.DEMO_ACCOUNTS)


def test_every_office_above_the_stations_has_a_coordinator() -> None:
    covered = {person.office for person in staff(tiny(), 7) if person.role == "coordinator"}
    assert {place.code for place in tiny().places if place.level != "community"} <= covered
