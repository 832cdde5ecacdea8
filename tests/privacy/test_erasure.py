"""Being forgotten: nothing of the person is left that could be read, and what others count on stays."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from app.audit.service import check
from app.integrity.invariants import broken
from app.kernel.clock import now
from app.kernel.errors import NotFound, WrongState
from app.kernel.transaction import command
from app.ordering import photos, queries
from app.ordering import service as ordering
from app.people import service as people
from app.people import sessions
from app.privacy import erased_list, erasure, persons
from app.privacy.commands import privacy_commands
from app.rating import service as rating
from app.serving import service as serving
from models import (
    Account,
    AuthSession,
    Erasure,
    Event,
    HoursEntry,
    Order,
    OrderPhoto,
    Rating,
    Resident,
    SubjectKey,
    Visit,
    Volunteer,
    db,
)
from models.kinds import EventKind
from models.sealed import Erased
from tests.factories import advance
from tests.ordering.wishes import post, wish
from tests.privacy.strings import everything_in, files_of

NAME = "金丝雀甲"
VOLUNTEER = "金丝雀乙"
CANARIES = (
    NAME, VOLUNTEER, "金丝雀巷 77 幢", "钥匙在金丝雀笼下", "金丝雀的话", "金丝雀备注", "金丝雀评价", "金丝雀回评",
    "金丝雀证书", "金丝雀标题", "金丝雀语", "13877770001", "13877770002", "30.271717", "120.171717",
)  # fmt: skip
SEALED = ("金丝雀巷 77 幢", "钥匙在金丝雀笼下", "金丝雀的话", "13877770001", "13877770002")
"""Those that are sealed; the others are plain until they are blanked."""


@command
def set_phone(table, key, phone):
    db.session.get_one(table, key).phone = phone


def lived(world):
    """A resident and a volunteer with a canary in every field, and one order through its whole life."""
    resident = world.resident(NAME, access_notes="钥匙在金丝雀笼下", birth_year=1940, priority_group="alone")
    helper = world.volunteer(VOLUNTEER, north_km=1.42, languages=["金丝雀语"], team="金丝雀乙队")
    for table, key, phone in (
        (Account, resident.account_id, "+8613877770001"),
        (Resident, resident.resident_id, "+8613877770001"),
        (Account, helper.account_id, "+8613877770002"),
    ):
        set_phone(table, key, phone)
    people.add_credential(actor=helper, kind="first_aid", number="金丝雀证书")
    place = {"address": "金丝雀巷 77 幢", "lat": 30.271717, "lon": 120.171717}
    ordering.save_address(actor=resident, office_id=world.ids["station"], **place)
    order = world.open_order(
        resident, title="金丝雀标题", words="金丝雀的话", contact_name=NAME, contact_phone="+8613877770001", **place
    )
    ordering.note(order.id, "金丝雀备注", actor=world.coordinator())
    held = serving.claim(order.id, actor=helper)
    advance(days=1)
    serving.check_in(held.id, actor=helper, code=order.start_code)
    advance(hours=2)
    serving.check_out(held.id, actor=helper, note="金丝雀备注")
    rating.rate(order.id, actor=resident, stars=3, words="金丝雀评价")
    rating.speak(held.id, actor=helper, stars=3, words="金丝雀回评")
    sessions.issue(resident.account_id)
    db.session.rollback()
    return resident, helper, order.id


def canaries_left(canaries=CANARIES):
    found = everything_in(db.engine)
    return [canary for canary in canaries if canary in found]


def test_everything_is_planted(world):
    lived(world)
    plain = set(canaries_left())
    assert plain >= {NAME, VOLUNTEER, "金丝雀评价", "金丝雀回评", "30.271717", "金丝雀标题"}
    assert not plain & {"金丝雀巷 77 幢", "钥匙在金丝雀笼下", "金丝雀的话", "13877770001", "13877770002"}


def test_after_erasing_both_no_canary_is_left_in_any_table(world):
    resident, helper, order_id = lived(world)
    assert erasure.erase(resident.account_id)
    assert erasure.erase(helper.account_id)
    assert canaries_left() == []
    order = db.session.get_one(Order, order_id)
    assert (order.address, order.words, order.contact_phone, order.access_notes) == ("", "", "", "")
    assert order.contact_name == f"居民#{resident.account_id[-4:]}"
    assert db.session.get_one(Volunteer, helper.volunteer_id).name == f"志愿者#{helper.account_id[-4:]}"


def test_the_audit_still_verifies_and_tells_of_it(world):
    resident, helper, _order_id = lived(world)
    assert check().ok
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    db.session.rollback()
    assert broken(ticking=False) == {}, "every invariant still holds"
    report = check()
    assert report.ok, report
    assert report.redacted
    told = select(Event.subject_id).where(Event.kind == EventKind.ERASURE_DO)
    assert set(db.session.scalars(told)) == {resident.resident_id, helper.volunteer_id}


def test_hours_times_and_stars_stay(world):
    resident, helper, order_id = lived(world)
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    minutes = select(func.sum(HoursEntry.minutes)).where(HoursEntry.volunteer_id == helper.volunteer_id)
    assert db.session.scalar(minutes) == 120
    order = db.session.get_one(Order, order_id)
    assert (order.title, order.duration_minutes, order.office_id) == ("escort", 120, world.ids["station"])
    assert db.session.scalars(select(Rating.stars)).all() == [3, 3]
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.note, visit.checked_in_at is not None, visit.check_in_evidence) == ("", True, "resident_code")


def test_the_wrapped_key_is_gone_and_the_number_may_sign_up_again(world):
    resident, _helper, _order_id = lived(world)
    erasure.erase(resident.account_id)
    for subject in (resident.account_id, resident.resident_id):
        row = db.session.get_one(SubjectKey, subject)
        assert (row.wrapped, row.destroyed_at) == (None, now())
    assert db.session.get_one(Account, resident.account_id).phone_index is None
    db.session.rollback()
    people.sign_up(
        role="resident", name="新人", phone="+8613877770001", password="eight letters", office_id=world.ids["station"],
        consent=True,
    )  # fmt: skip
    again = db.session.scalar(select(Account).where(Account.phone.equals("+8613877770001")))
    assert again is not None and (again.id != resident.account_id, again.name) == (True, "新人")


def test_all_sessions_end(world):
    resident, _helper, _order_id = lived(world)
    erasure.erase(resident.account_id)
    alive = select(func.count(AuthSession.id)).where(AuthSession.account_id == resident.account_id)
    assert db.session.scalar(alive) == 0


def test_photos_leave_the_disk(world):
    resident, _helper, order_id = lived(world)
    folder = photos.folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.jpg").write_bytes(b"picture")

    @command
    def keep():
        db.session.add(OrderPhoto(order_id=order_id, filename="a.jpg", width=1, height=1, created_at=now()))

    keep()
    erasure.erase(resident.account_id)
    assert not (folder / "a.jpg").exists()
    assert db.session.scalar(select(func.count(OrderPhoto.id))) == 0


def test_an_order_for_somebody_else_keeps_their_words_and_loses_the_askers(world):
    daughter = world.resident(NAME)
    set_phone(Account, daughter.account_id, "+8613877770001")
    told = wish(world, on_behalf=True, contact_name="王妈妈", contact_phone="+8613800000002", words="请慢一点")
    order = ordering.place(actor=daughter, **told)
    order_id = order.id
    ordering.cancel(order_id, "不用了", actor=daughter)
    erasure.erase(daughter.account_id)
    kept = db.session.get_one(Order, order_id)
    assert (kept.contact_name, kept.contact_phone, kept.words) == ("王妈妈", "+8613800000002", "请慢一点")
    assert kept.address == "3 幢 201"


# ---------- the files ----------


def test_the_files_of_sqlite_never_hold_a_sealed_word(town):
    lived(town)
    content = files_of(str(db.engine.url))
    assert NAME.encode() in content, "the search finds nothing at all"
    assert [canary for canary in SEALED if canary.encode() in content] == []


def test_no_canary_is_left_in_the_files_of_sqlite(town):
    resident, helper, _order_id = lived(town)
    url = str(db.engine.url)
    assert NAME.encode() in files_of(url)
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    from app.privacy.scrubbing import scrub

    assert scrub()
    found = files_of(url)
    assert [canary for canary in CANARIES if canary.encode() in found] == []


def test_a_backup_from_before_holds_no_sealed_canary_and_no_key_that_still_stands(town, tmp_path):
    lived(town)
    file = Path(str(db.engine.url).removeprefix("sqlite:///"))
    with sqlite3.connect(file) as source, sqlite3.connect(tmp_path / "backup.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    content = (tmp_path / "backup.db").read_bytes()
    assert [canary for canary in SEALED if canary.encode() in content] == []


def test_a_restored_backup_is_erased_again_from_the_list(town, tmp_path):
    resident, helper, _order_id = lived(town)
    file = Path(str(db.engine.url).removeprefix("sqlite:///"))
    db.session.remove()
    db.engine.dispose()
    shutil.copy(file, tmp_path / "backup.db")
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    assert erased_list.read() == [resident.account_id, helper.account_id]
    assert NAME not in erased_list.path().read_text("utf-8")
    db.session.remove()
    db.engine.dispose()
    for leftover in file.parent.glob(f"{file.name}*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", file)
    assert NAME in canaries_left()
    assert erasure.reapply() == 2
    assert canaries_left() == []
    assert erasure.reapply() == 0
    assert check().ok


def test_reapplying_ends_what_was_open_again(world):
    resident = world.resident(NAME)
    order = world.open_order(resident, contact_name=NAME)
    helper = world.volunteer(VOLUNTEER)
    serving.claim(order.id, actor=helper)
    other = world.open_order(resident, contact_name=NAME, starts=now() + timedelta(days=3))
    assert erasure.reapply([helper.account_id, resident.account_id]) == 2
    assert {db.session.get_one(Order, one).status for one in (order.id, other.id)} == {"cancelled"}
    assert canaries_left() == []


def test_a_line_cut_short_is_passed_over_and_spoils_no_other(site):
    erased_list.add("one")
    with erased_list.path().open("a") as file:
        file.write('{"subject": "tw')
    assert erased_list.read() == ["one"]
    erased_list.add("three")
    assert erased_list.read() == ["one", "three"]


def test_an_erasure_that_was_not_committed_is_not_on_the_list(town):
    """The disk is full at the very commit: nothing was erased, so nothing may be erased after a restore."""
    resident = town.resident(NAME)
    erasure.ask(actor=resident)

    def full(_connection):
        raise OSError("no room")

    db.session.remove()
    event.listen(db.engine, "commit", full)
    try:
        with pytest.raises(OSError, match="no room"):
            erasure.erase(resident.account_id)
    finally:
        event.remove(db.engine, "commit", full)
    assert not persons.person(resident.account_id).is_erased
    assert erased_list.read() == []
    erasure.withdraw(resident.account_id, actor=resident)
    assert erasure.reapply() == 0


def test_a_line_that_a_crash_swallowed_is_written_by_the_next_night(world):
    resident, helper = world.resident(NAME), world.volunteer(VOLUNTEER)
    lonely = world.resident("别人")
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    erased_list.path().unlink()
    assert erasure.erase_due(dry_run=True) == 0 and not erased_list.is_there()
    erasure.erase_due()
    assert set(erased_list.read()) == {resident.account_id, helper.account_id}
    erasure.erase_due()
    assert len(erased_list.path().read_text().splitlines()) == 3, "two people and the city, once each"
    assert not persons.person(lonely.account_id).is_erased


def test_reapplying_by_hand_without_a_list_is_refused_not_passed_over(site, town):
    said = site.test_cli_runner().invoke(privacy_commands, ["reapply"])
    assert said.exit_code == 1 and "there is no list of erasures" in said.output
    resident = town.resident(NAME)
    erasure.erase(resident.account_id)
    said = site.test_cli_runner().invoke(privacy_commands, ["reapply"])
    assert said.exit_code == 0 and "0 of 1 people" in said.output


def test_nobody_is_taken_for_erased_for_their_name(world):
    resident = world.resident()

    @command
    def call_oneself():
        for table, key in ((Account, resident.account_id), (Resident, resident.resident_id)):
            db.session.get_one(table, key).name = f"居民#{resident.account_id[-4:]}"

    call_oneself()
    assert not persons.person(resident.account_id).is_erased
    erasure.ask(actor=resident)
    advance(days=7)
    assert erasure.erase_due() == 1
    assert persons.person(resident.account_id).is_erased
    assert erasure.reapply() == 0


# ---------- asking ----------


def test_a_person_asks_and_it_is_done_when_the_days_are_over(world):
    resident = world.resident(NAME)
    asked = erasure.ask(actor=resident)
    assert asked.due_at == now() + timedelta(days=7)
    assert erasure.ask(actor=resident).id == asked.id
    assert erasure.erase_due() == 0
    advance(days=7)
    assert erasure.erase_due(dry_run=True) == 1
    assert erasure.erase_due() == 1
    assert db.session.scalars(select(Erasure.done_at)).one() == now()
    assert persons.person(resident.account_id).is_erased
    assert erasure.erase_due() == 0


def test_a_request_is_taken_back(world):
    resident = world.resident(NAME)
    erasure.ask(actor=resident)
    erasure.withdraw(resident.account_id, actor=resident)
    advance(days=30)
    assert erasure.erase_due() == 0
    assert not persons.person(resident.account_id).is_erased
    erasure.ask(actor=resident)


def test_an_open_order_must_be_settled_first(world):
    resident = world.resident(NAME)
    order = world.open_order(resident)
    with pytest.raises(WrongState) as refused:
        erasure.ask(actor=resident)
    assert order.number in str(refused.value.detail)
    with pytest.raises(WrongState):
        erasure.erase(resident.account_id)
    assert not persons.person(resident.account_id).is_erased
    db.session.rollback()
    ordering.cancel(order.id, "不用了", actor=resident)
    erasure.ask(actor=resident)


def test_an_order_placed_while_waiting_makes_it_wait(world):
    resident = world.resident(NAME)
    erasure.ask(actor=resident)
    world.open_order(resident, starts=now() + timedelta(days=20))
    advance(days=8)
    assert erasure.erase_due() == 0
    assert not persons.person(resident.account_id).is_erased


def test_a_promised_visit_must_be_settled_first(world):
    helper = world.volunteer(VOLUNTEER)
    serving.claim(world.open_order().id, actor=helper)
    with pytest.raises(WrongState, match=r"wrong_state"):
        erasure.ask(actor=helper)


def test_staff_give_up_their_post_first(world):
    with pytest.raises(WrongState):
        erasure.ask(actor=world.coordinator())


def test_a_legal_hold_stops_it_until_it_is_lifted(world):
    resident = world.resident(NAME)
    erasure.ask(actor=resident)
    erasure.hold(resident.account_id, "民诉案 12 号", actor=world.administrator())
    advance(days=8)
    assert erasure.erase_due() == 0
    erasure.lift(resident.account_id, actor=world.administrator())
    assert erasure.erase_due() == 1


def test_only_administrators_hold(world):
    resident = world.resident(NAME)
    for actor in (world.coordinator(), world.supervisor(), resident):
        with pytest.raises(Exception, match=r"not_allowed|not_found"):
            erasure.hold(resident.account_id, "因为", actor=actor)


def test_the_desk_asks_for_somebody_without_an_account_of_its_own_station(world):
    @command
    def entered():
        row = Resident(name=NAME, phone="+8613877770001", office_id=world.ids["station"], created_at=now())
        db.session.add(row)
        db.session.flush()
        return row.id

    resident_id = entered()
    with pytest.raises(NotFound):
        erasure.ask_for(resident_id, actor=world.coordinator(world.ids["far"]))
    with pytest.raises(WrongState):
        erasure.ask_for(world.resident().resident_id, actor=world.coordinator())
    erasure.ask_for(resident_id, actor=world.coordinator())
    advance(days=7)
    assert erasure.erase_due() == 1
    assert canaries_left((NAME, "13877770001")) == []
    with pytest.raises(WrongState):
        erasure.ask_for(resident_id, actor=world.coordinator())


def test_nobody_is_erased_for_an_unknown_id(world):
    assert erasure.erase("0" * 20) is False
    assert erased_list.read() == []


# ---------- pages ----------


def test_a_person_asks_on_their_page_and_takes_it_back(site, town):
    resident = town.resident(NAME)
    browser = town.browser(site, resident)
    page = browser.get("/me/erasure")
    assert "会删掉的" in page.text and NAME not in page.text.split("<main")[1].split("</main")[0]
    prove(resident)
    assert post(browser, "/me/erasure").status_code == 303
    assert "已经申请删除" in browser.get("/me/erasure").text
    assert post(browser, "/me/erasure", "/me/erasure/withdrawal").status_code == 303
    assert "会删掉的" in browser.get("/me/erasure").text


def test_the_password_is_asked_for_first(site, town):
    browser = town.browser(site, town.resident(NAME))
    advance(minutes=6)
    reply = post(browser, "/me/erasure")
    assert reply.status_code == 303 and "/confirm" in reply.location
    assert db.session.scalar(select(func.count(Erasure.id))) == 0


def test_the_page_says_what_must_be_settled(site, town):
    resident = town.resident(NAME)
    order = town.open_order(resident)
    page = town.browser(site, resident).get("/me/erasure").text
    assert order.number in page and "请先办完这些" in page and "确定，申请删除" not in page


def test_administrators_see_pseudonyms_and_hold(site, town):
    resident, boss = town.resident(NAME), town.administrator()
    erasure.ask(actor=resident)
    browser = town.browser(site, boss)
    page = browser.get("/administration/erasures").text
    assert f"居民#{resident.account_id[-4:]}" in page and NAME not in page
    prove(boss)
    way = "/administration/erasures"
    assert post(browser, way, subject_id=resident.account_id, reason="").status_code == 422
    assert post(browser, way, subject_id=resident.account_id, reason="民诉案").status_code == 303
    assert "民诉案" in browser.get(way).text
    assert post(browser, way, f"{way}/{resident.account_id}/hold/end").status_code == 303
    assert "民诉案" not in browser.get(way).text


def test_the_desk_has_a_page_for_somebody_without_an_account(site, town):
    @command
    def entered():
        row = Resident(name=NAME, phone="+8613877770001", office_id=town.ids["station"], created_at=now())
        db.session.add(row)
        db.session.flush()
        return row.id

    way = f"/desk/residents/{entered()}/erasure"
    desk = town.coordinator()
    assert town.browser(site, town.coordinator(town.ids["far"])).get(way).status_code == 404
    assert town.browser(site, desk).get("/desk/residents/nobody/erasure").status_code == 404
    browser = town.browser(site, desk)
    prove(desk)
    assert post(browser, way).status_code == 303
    assert "已经申请删除" in browser.get(way).text
    assert post(browser, way, f"{way}/withdrawal").status_code == 303


def prove(actor):
    """As if the password had just been given in every session of theirs."""
    for row_id in db.session.scalars(select(AuthSession.id).where(AuthSession.account_id == actor.account_id)).all():
        db.session.rollback()
        sessions.prove(row_id)


def test_nobody_orders_for_somebody_who_was_erased(world):
    daughter = world.resident("女儿")
    told = wish(world, on_behalf=True, contact_name=NAME, contact_phone="+8613877770001")
    order = ordering.place(actor=daughter, **told)
    mother = order.resident_id
    ordering.cancel(order.id, "不用了", actor=daughter)
    assert [one.id for one in queries.served_before(daughter)] == [mother]
    erasure.erase(mother)
    assert queries.served_before(daughter) == []
    with pytest.raises(NotFound):
        ordering.place(actor=daughter, **wish(world, resident_id=mother))
    found = ordering.place(actor=daughter, **told)
    assert found.resident_id != mother, "the same number and name are somebody new"


def test_a_page_that_was_still_open_says_that_something_changed(site, town):
    resident = town.resident(NAME)
    with site.test_request_context("/api/v1/orders"):
        site.preprocess_request()
        answer = site.handle_user_exception(Erased("gone"))
    assert answer.status_code == 409
    assert resident.name not in answer.get_data(as_text=True)
