"""A forgotten password: the code from the desk, who may give it to whom, and what it is good for."""

import pytest

from app.kernel.errors import NotFound, TooManyTries, WrongSecret
from app.kernel.transaction import command
from app.people import queries, safety, service, sessions
from models import Account, Event, ResetCode, db
from models.kinds import EventKind
from tests.factories import advance, csrf_of
from tests.people.steps import enter, send, with_password

NEW = "quite another sentence"


def phone_of(actor):
    return db.session.get(Account, actor.account_id).phone


def test_from_the_desk_to_a_new_password(town, site):
    resident, clerk = town.resident(), town.coordinator()
    phone, old = with_password(resident), sessions.issue(str(resident.account_id))
    desk, home = town.browser(site, clerk), site.test_client()
    page = send(desk, "/desk/reset", phone=phone).text
    code = page.split('aria-hidden="true">')[-1]
    code = next(part.split("<")[0] for part in page.split('<strong aria-hidden="true">')[1:])
    assert len(code.replace(" ", "")) == safety.CODE_DIGITS and all(half.isdecimal() for half in code.split())
    assert code not in desk.get("/desk/reset").text, "it is shown once"
    answer = send(home, "/reset", phone=phone, code=code, password=NEW)
    assert answer.location == "/sign-in"
    assert enter(home, phone, NEW).status_code == 303
    assert sessions.find(old) is None
    events = [row.kind for row in db.session.query(Event).filter_by(subject_id=resident.account_id)]
    assert events == [EventKind.ACCOUNT_RESET_CODE, EventKind.ACCOUNT_PASSWORD]
    told = {row.particulars.get("code") for row in queries.inbox(resident)}
    assert {"reset_code", "password"} <= told


def test_the_code_stands_in_the_database_as_a_hash_only(world):
    resident = world.resident()
    code = safety.give_reset_code(str(resident.account_id), actor=world.coordinator())
    [row] = db.session.query(ResetCode)
    assert code not in row.code_hash and len(row.code_hash) == 64
    assert not [event for event in db.session.query(Event) if code in str(event.particulars)]


def test_a_code_works_once_for_thirty_minutes_and_a_new_one_ends_the_old(world):
    resident, clerk = world.resident(), world.coordinator()
    phone = phone_of(resident)
    first = safety.give_reset_code(str(resident.account_id), actor=clerk)
    second = safety.give_reset_code(str(resident.account_id), actor=clerk)
    with pytest.raises(WrongSecret):
        safety.reset_password(phone, first, NEW)
    safety.reset_password(phone, second, NEW)
    with pytest.raises(WrongSecret):
        safety.reset_password(phone, second, NEW + "!")
    third = safety.give_reset_code(str(resident.account_id), actor=clerk)
    advance(minutes=30)
    with pytest.raises(WrongSecret):
        safety.reset_password(phone, third, NEW)


def guess(browser, phone, code, place):
    """One try at the reset from this network address."""
    token = csrf_of(browser.get("/reset").text)
    form = {"csrf_token": token, "phone": phone, "code": code, "password": NEW}
    return browser.post("/reset", data=form, environ_overrides={"REMOTE_ADDR": place})


def wrong_for(code):
    return "0" * safety.CODE_DIGITS if code != "0" * safety.CODE_DIGITS else "1" * safety.CODE_DIGITS


def test_guesses_from_afar_do_not_use_up_the_persons_own(town, site):
    resident = town.resident()
    phone, code = phone_of(resident), safety.give_reset_code(str(resident.account_id), actor=town.coordinator())
    browser = site.test_client()
    for far in range(3):
        answers = [guess(browser, phone, wrong_for(code), f"198.51.100.{far}") for _time in range(7)]
        assert ["请过一会儿再试" in answer.text for answer in answers] == [False] * 5 + [True] * 2
    assert guess(browser, phone, code, "198.51.100.0").status_code == 422, "whoever guessed has to wait"
    assert guess(browser, phone, wrong_for(code), "203.0.113.9").status_code == 422, "a slip of one's own"
    assert guess(browser, phone, code, "203.0.113.9").status_code == 303


def test_whoever_waits_may_try_again_and_a_new_code_lets_them_at_once(town, site):
    resident, clerk, browser = town.resident(), town.coordinator(), site.test_client()
    phone, code = phone_of(resident), safety.give_reset_code(str(resident.account_id), actor=clerk)
    for _time in range(5):
        guess(browser, phone, wrong_for(code), "203.0.113.9")
    assert guess(browser, phone, code, "203.0.113.9").status_code == 422
    advance(minutes=5, seconds=1)
    for _time in range(5):
        guess(browser, phone, wrong_for(code), "203.0.113.9")
    advance(minutes=5, seconds=1)  # the wait of the place as a whole is over, that at the code lasts twice as long
    assert guess(browser, phone, code, "203.0.113.9").status_code == 422
    new = safety.give_reset_code(str(resident.account_id), actor=clerk)
    assert guess(browser, phone, new, "203.0.113.9").status_code == 303


def test_after_as_many_guesses_as_are_bearable_the_code_is_dead_everywhere(world):
    resident = world.resident()
    code = safety.give_reset_code(str(resident.account_id), actor=world.coordinator())
    _guessed(safety.CODE_GUESSES - 1)
    with pytest.raises(WrongSecret):
        safety.reset_password(phone_of(resident), wrong_for(code), NEW)
    with pytest.raises(WrongSecret):
        safety.reset_password(phone_of(resident), code, NEW)


def test_before_that_it_is_good(world):
    resident = world.resident()
    code = safety.give_reset_code(str(resident.account_id), actor=world.coordinator())
    _guessed(safety.CODE_GUESSES - 1)
    safety.reset_password(phone_of(resident), f" {code[:5]} {code[5:]} ", NEW)


def test_guessing_is_hopeless_by_the_numbers():
    assert safety.CODE_GUESSES / 10**safety.CODE_DIGITS < 1e-6


@command
def _guessed(times):
    """So many wrong guesses from many places, counted but not made one by one."""
    [row] = db.session.query(ResetCode)
    row.tries = times


def test_guessing_codes_at_a_number_is_locked_known_or_not(world):
    for phone in (phone_of(world.resident()), "+8613900000000"):
        for _time in range(5):
            with pytest.raises(WrongSecret):
                safety.reset_password(phone, "12345678", NEW)
        with pytest.raises(TooManyTries):
            safety.reset_password(phone, "12345678", NEW)


@pytest.mark.parametrize("who", ["coordinator", "supervisor", "administrator"])
def test_a_coordinator_never_opens_the_account_of_staff(world, who):
    with pytest.raises(NotFound):
        safety.person_to_help(phone_of(getattr(world, who)()), actor=world.coordinator(world.ids["city"]))


def test_an_administrator_helps_staff_below_and_not_themselves(world):
    boss = world.administrator()
    assert safety.person_to_help(phone_of(world.coordinator()), actor=boss)
    with pytest.raises(NotFound):
        safety.person_to_help(phone_of(boss), actor=boss)


def test_of_people_elsewhere_the_desk_learns_as_little_as_of_nobody(town, site):
    far = phone_of(town.resident(office=town.ids["far"]))
    desk = town.browser(site, town.coordinator())
    pages = [send(desk, "/desk/reset", phone=phone).text.replace(phone, "") for phone in (far, "+8613911112222")]
    assert "这里没有用这个手机号的人" in pages[0]
    assert len(pages[0]) == len(pages[1])
    assert db.session.query(ResetCode).count() == 0


def test_residents_and_volunteers_give_no_codes(town, site):
    for actor in (town.resident(), town.volunteer(), town.supervisor()):
        assert town.browser(site, actor).get("/desk/reset").status_code == 403


def test_an_appointment_says_nothing_of_people_outside_the_own_subtree(town, site):
    from models.kinds import Role

    west = service.grant_role(
        str(town.coordinator().account_id), Role.ADMINISTRATOR, town.ids["west"], actor=town.administrator()
    )
    from app.people.identity import actor_of

    boss = town.browser(site, actor_of(west.account_id))
    page = f"/offices/{town.ids['station']}/people"
    far = phone_of(town.volunteer(office=town.ids["far"]))
    said = [send(boss, page, phone=phone, role="coordinator") for phone in (far, "+8613911112222")]
    assert [answer.status_code for answer in said] == [422, 422]
    assert all("这里没有用这个手机号的人" in answer.text for answer in said)
    near = phone_of(town.volunteer())
    assert send(boss, page, phone=near, role="coordinator").status_code == 303


def test_a_weak_new_password_is_refused_and_the_code_still_good(town, site):
    resident = town.resident()
    code = safety.give_reset_code(str(resident.account_id), actor=town.coordinator())
    browser = site.test_client()
    for bad in ("short", "12345678"):
        answer = send(browser, "/reset", phone=phone_of(resident), code=code, password=bad)
        assert answer.status_code == 422
        assert csrf_of(answer.text)
    assert send(browser, "/reset", phone=phone_of(resident), code=code, password=NEW).status_code == 303
