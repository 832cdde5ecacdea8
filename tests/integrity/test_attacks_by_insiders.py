"""What residents, volunteers and coordinators of bad intent would try. One test an attack that once worked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.dispatching import queries as dispatching
from app.dispatching import service as dispatch
from app.kernel import clock, errors
from app.kernel.access import NOBODY
from app.ordering import queries as ordering_queries
from app.ordering import service as ordering
from app.people import service as people
from app.rating import service as rating
from app.serving import service as serving
from models import Order, Resident, SavedAddress, Volunteer, db
from models.kinds import Channel
from models.states import OrderStatus
from tests.integrity.attackers import changed, dual
from tests.ordering.wishes import errand, wish
from tests.serving.steps import fresh, profile, served, taken


def test_naming_a_neighbour_does_not_show_how_to_get_into_their_home(town, site):
    victim = town.resident("陈桂英", access_notes="钥匙在门垫下")
    row = db.session.get(Resident, victim.resident_id)
    body = {"item": "errand", "on_behalf": True, "contact_name": row.name, "contact_phone": row.phone,
            "office_id": town.ids["station"], "address": "1 幢", "as_soon": True}  # fmt: skip
    answer = town.program(site, town.resident("坏人")).post("/api/v1/orders", json=body)
    assert answer.status_code == 201
    assert answer.json["access_notes"] == ""


def test_nobody_writes_a_place_into_somebody_elses_address_book(town):
    victim = db.session.get(Resident, town.resident("陈桂英").resident_id)
    told = {"on_behalf": True, "contact_name": victim.name, "contact_phone": victim.phone, "remember": True}
    ordering.place(actor=town.resident("坏人"), **errand(town, **told))
    assert db.session.scalars(select(SavedAddress)).all() == []
    ordering.place(actor=town.coordinator(), channel=Channel.PHONE, consent=True, **errand(town, **told))
    assert len(db.session.scalars(select(SavedAddress)).all()) == 1, "the desk that took the call may"


def test_a_title_of_ones_own_never_passes_as_an_item_nobody_has_to_look_at(town):
    order = ordering.place(actor=town.resident(), **errand(town, title="来我家喝酒，加我微信"))
    assert (order.status, order.title) == (OrderStatus.OPEN, "errand")


def test_a_coordinator_who_took_the_call_does_not_become_the_resident(town, site):
    desk, caller = town.coordinator(), town.resident("陈桂英")
    order = ordering.place(
        actor=desk, channel=Channel.PHONE, **errand(town, resident_id=caller.resident_id)
    )  # fmt: skip
    assert "start_code" not in town.program(site, desk).get(f"/api/v1/orders/{order.id}").json
    ordering.transfer(order.id, town.ids["far"], "不归我们管", actor=desk)
    assert town.program(site, desk).get(f"/api/v1/orders/{order.id}").status_code == 404
    assert town.browser(site, desk).get(f"/orders/{order.id}").status_code == 404
    assert order.number not in town.browser(site, desk).get("/orders").text
    with pytest.raises(errors.NotFound):
        ordering.cancel(order.id, "不要了", actor=desk)


def test_a_stranger_learns_no_address_from_a_residents_id(town):
    resident = town.resident()
    order = town.open_order(resident)
    changed(Order, order.id, requester_id=None)
    assert ordering_queries.last_place(NOBODY, resident.resident_id) is None


def test_a_coordinator_cannot_send_herself_to_the_order_she_wrote_down(town):
    person = dual(town.volunteer().account_id, "coordinator", town.ids["station"])
    caller = town.resident("陈桂英")
    order = ordering.place(actor=person, channel=Channel.PHONE, **wish(town, resident_id=caller.resident_id))
    with pytest.raises(errors.NotFitting):
        dispatch.offer_by_hand(order.id, person.volunteer_id, actor=person, despite=True)


def test_a_coordinator_does_not_rate_the_visit_she_made_herself(town):
    person = dual(town.volunteer().account_id, "coordinator", town.ids["station"])
    order = town.open_order()
    served(order, person)
    with pytest.raises(errors.NotAllowed):
        rating.rate(order.id, actor=person, stars=3)
    assert rating.rate(order.id, actor=town.coordinator(), stars=3)


def test_a_coordinator_does_not_verify_herself_as_a_volunteer(town):
    person = dual(town.volunteer().account_id, "coordinator", town.ids["station"])
    changed(Volunteer, person.volunteer_id, is_verified=False)
    with pytest.raises(errors.OwnEntry):
        people.verify_volunteer(person.volunteer_id, actor=person)
    assert people.verify_volunteer(person.volunteer_id, actor=town.coordinator()).is_verified


def test_the_code_of_the_first_visit_does_not_open_the_second(town):
    resident, volunteer = town.resident(), town.volunteer()
    order = town.open_order(resident)
    served(order, volunteer)
    changed(Order, order.id, start_code="done")
    rating.reopen(order.id, "没做好", actor=resident)
    assert fresh(order).start_code.isdigit()


def test_guessing_the_code_ends_for_good_after_a_few_tries(town):
    volunteer, order = town.volunteer(), town.open_order()
    assignment = taken(order, volunteer)
    clock.advance(assignment.starts_at - clock.now())
    wrong = 0
    for _round in range(6):
        for _try in range(5):
            with pytest.raises(errors.WrongCode):
                serving.check_in(assignment.id, actor=volunteer, code="0000")
            wrong += 1
        clock.advance(timedelta(minutes=11))
    with pytest.raises(errors.WrongCode):
        serving.check_in(assignment.id, actor=volunteer, code=fresh(order).start_code)
    assert serving.check_in(assignment.id, actor=volunteer), "one's own word is still taken"


def test_a_skill_counts_only_once_the_station_has_seen_it(town):
    volunteer, order = town.volunteer(skills=[]), town.open_order(item="escort")
    people.amend_volunteer(actor=volunteer, skills=["escort"])
    assert {one.rule for one in dispatching.conflicts(order, profile(volunteer))} == {"skills"}
    people.verify_volunteer(volunteer.volunteer_id, actor=town.coordinator())
    assert dispatching.conflicts(order, profile(volunteer)) == []


@pytest.mark.parametrize("claim", [{"sex": "female"}, {"birth_year": 1960}])
def test_who_changes_sex_or_age_must_be_met_again(town, site, claim):
    volunteer = town.volunteer(sex="male", birth_year=2009)
    assert town.program(site, volunteer).patch("/api/v1/me/volunteer", json=claim).status_code == 200
    assert not fresh(profile(volunteer)).is_verified
    with pytest.raises(errors.NotFitting):
        serving.claim(town.open_order().id, actor=volunteer)


def test_one_volunteers_papers_are_not_shown_to_the_others(town, site):
    secret = "精神残疾证"
    people.add_credential(actor=town.volunteer("甲"), kind=secret)
    assert secret not in town.browser(site, town.volunteer("乙")).get("/volunteer/profile").text
