"""What people agreed to, who answers for a minor, and the copy of one's data."""

import json
from dataclasses import fields

import pytest
from sqlalchemy import func, select

from app.kernel.errors import Invalid, NotAllowed, NotFound
from app.people import service as people
from app.rights import consents, copies, guardians
from app.rights.wording import VERSION, digest
from dispatch.offering import Offered
from models import Account, Consent, Event, Guardian, Order, Volunteer, db
from models.kinds import ConsentChannel, Purpose
from tests.dispatching.helpers import dispatched
from tests.factories import csrf_of


def test_signing_up_writes_down_the_very_words(app, world):
    people.sign_up(
        role="resident", name="赵奶奶", phone="+8613812340001", password="一句很好记的话",
        office_id=world.ids["station"], consent=True,
    )  # fmt: skip
    account_id = db.session.scalar(select(Consent.account_id))
    row = db.session.scalar(select(Consent).filter_by(account_id=account_id))
    assert (row.purpose, row.channel, row.wording_version) == ("service", "web", VERSION)
    assert row.wording_sha256 == digest(Purpose.SERVICE)


def test_agreeing_twice_is_one_consent_and_taking_back_is_one_step(app, world):
    resident = world.resident()
    account = db.session.get(Account, resident.account_id)
    consents.give(Purpose.PHOTOS, actor=resident)
    consents.give(Purpose.PHOTOS, actor=resident)
    assert db.session.scalar(select(func.count()).select_from(Consent).filter_by(purpose="photos")) == 1
    consents.withdraw(Purpose.PHOTOS, actor=resident)
    assert consents.live(account, Purpose.PHOTOS) is None and consents.withdrawn(resident.account_id, Purpose.PHOTOS)
    consents.give(Purpose.PHOTOS, actor=resident)
    assert not consents.withdrawn(resident.account_id, Purpose.PHOTOS)


def test_no_may_be_said_before_anybody_asked(app, world):
    volunteer = world.volunteer()
    consents.withdraw(Purpose.LOCATION, actor=volunteer)
    assert consents.withdrawn(volunteer.account_id, Purpose.LOCATION)


def test_the_service_itself_is_left_by_closing_the_account(app, world):
    with pytest.raises(Invalid):
        consents.withdraw(Purpose.SERVICE, actor=world.resident())


def test_what_was_agreed_by_telephone_says_who_wrote_it_down(app, world):
    coordinator, order = world.coordinator(), world.open_order()
    row = consents.give_for(order.resident, Purpose.SERVICE, ConsentChannel.PHONE, actor=coordinator)
    assert (row.resident_id, row.account_id, row.given_by_id) == (order.resident_id, None, coordinator.account_id)


def test_taking_back_ones_state_of_health_takes_it_out_of_orders(app, world):
    resident = world.resident()
    order = world.open_order(resident, needs_wheelchair=True)
    assert order.needs_wheelchair
    consents.withdraw(Purpose.HEALTH, actor=resident)
    assert not db.session.get(Order, order.id).needs_wheelchair


def _young(world, birth_year):
    actor = world.volunteer(is_verified=False)
    people.amend_volunteer(actor=actor, birth_year=birth_year)
    return actor


def test_a_minor_is_verified_only_with_a_guardian(app, world):
    coordinator, young = world.coordinator(), _young(world, 2010)
    with pytest.raises(Invalid) as refused:
        people.verify_volunteer(young.volunteer_id, actor=coordinator)
    assert "guardian" in refused.value.fields
    guardians.record_guardian(young.volunteer_id, name="李妈妈", relation="母亲", actor=coordinator)
    assert people.verify_volunteer(young.volunteer_id, actor=coordinator).is_verified


def test_who_turns_eighteen_this_year_may_still_be_seventeen(app, world):
    assert guardians.is_minor(Volunteer(birth_year=2008)) and not guardians.is_minor(Volunteer(birth_year=2007))
    assert not guardians.is_minor(Volunteer(birth_year=None))


def test_a_child_does_not_serve_whoever_agrees(app, world):
    coordinator, child = world.coordinator(), _young(world, 2018)
    guardians.record_guardian(child.volunteer_id, name="李妈妈", relation="母亲", actor=coordinator)
    with pytest.raises(Invalid):
        people.verify_volunteer(child.volunteer_id, actor=coordinator)


def test_when_the_guardian_no_longer_agrees_nothing_new_is_asked(app, world):
    coordinator, young = world.coordinator(), _young(world, 2010)
    guardians.record_guardian(young.volunteer_id, name="李妈妈", relation="母亲", actor=coordinator)
    people.verify_volunteer(young.volunteer_id, actor=coordinator)
    guardians.end_guardian(young.volunteer_id, actor=coordinator)
    assert not db.session.get(Volunteer, young.volunteer_id).is_verified
    with pytest.raises(NotFound):
        guardians.end_guardian(young.volunteer_id, actor=coordinator)


def test_a_new_guardian_takes_the_place_of_the_old_one(app, world):
    coordinator, young = world.coordinator(), _young(world, 2010)
    for name in ("李妈妈", "李爸爸"):
        guardians.record_guardian(young.volunteer_id, name=name, relation="父母", actor=coordinator)
    assert guardians.guardian_of(db.session.get(Volunteer, young.volunteer_id)).name == "李爸爸"
    assert db.session.scalar(select(func.count()).select_from(Guardian)) == 2


def test_guardians_are_recorded_by_the_desk_of_that_office_and_for_minors_only(app, world):
    young, grown = _young(world, 2010), _young(world, 1980)
    for stranger, refusal in ((world.volunteer(), NotAllowed), (world.coordinator(world.ids["far"]), NotFound)):
        with pytest.raises(refusal):
            guardians.record_guardian(young.volunteer_id, name="某人", relation="母亲", actor=stranger)
    with pytest.raises(Invalid):
        guardians.record_guardian(grown.volunteer_id, name="某人", relation="母亲", actor=world.coordinator())


def test_the_copy_holds_what_is_ones_own_and_nothing_of_others(app, world):
    resident, other = world.resident(), world.resident("孙爷爷")
    order = world.open_order(resident)
    world.open_order(other)
    copy = json.dumps(copies.as_json(resident), ensure_ascii=False)
    assert order.number in copy and order.address in copy and "孙爷爷" not in copy
    assert "password" not in copy and "token" not in copy


def test_the_pages_open_the_file_comes_and_it_is_written_down(site, town):
    resident = town.resident()
    town.open_order(resident)
    browser = town.browser(site, resident)
    page = browser.get("/me/data")
    assert "我们存了您的哪些资料" in page.text
    token = csrf_of(page.text)
    answer = browser.post("/me/data/copy", data={"csrf_token": token})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.data)["parts"]["orders"]
    assert "data.export" in db.session.scalars(select(Event.kind).filter_by(actor_id=resident.account_id)).all()
    page = browser.get("/me/consents")
    assert "照片" in page.text and "签到时的位置" not in page.text
    browser.post("/me/consents", data={"purpose": "photos", "agreed": "true", "csrf_token": token})
    assert "已同意" in browser.get("/me/consents").text


def test_programs_read_and_answer_too(site, town):
    resident = town.resident()
    browser = town.program(site, resident)
    said = browser.post("/api/v1/me/consents", json={"purpose": "health", "agreed": False})
    assert said.status_code == 200 and said.json[0]["withdrawn_at"]
    assert browser.post("/api/v1/me/copy").json["parts"]["account"]


def test_what_was_written_down_at_the_desk_is_not_the_coordinators_to_take(app, world):
    coordinator, resident = world.coordinator(), world.resident()
    world.open_order(resident, requester_id=coordinator.account_id, channel="phone")
    assert "orders" not in copies.as_json(coordinator)["parts"]
    assert "orders_for_others" not in copies.as_json(coordinator)["parts"]


def test_a_volunteers_copy_holds_what_the_answer_model_may_look_at_in_words(town, site):
    helper = town.volunteer()
    town.open_order()
    dispatched()
    [held] = copies.as_json(helper)["parts"]["offers"]
    assert held["features"].keys() == {one.name for one in fields(Offered)}
    page = town.browser(site, helper).get("/me/data").text
    assert "估计您会不会接时用的数" in page and "以前问过几次 0" in page and "alerts_week" not in page


def test_of_orders_for_others_the_copy_tells_neither_who_nor_where(app, world):
    daughter, mother = world.resident("小王"), world.resident("王妈妈")
    order = world.open_order(mother, requester_id=daughter.account_id)
    [held] = copies.as_json(daughter)["parts"]["orders_for_others"]
    assert held["number"] == order.number and "address" not in held and "contact_phone" not in held
