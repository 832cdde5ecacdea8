"""The second factor: turned on by a code, asked for at the door, each code once, and a way out for a lost phone."""

import pyotp
import pytest

from app.kernel.clock import now
from app.kernel.errors import NotAllowed
from app.people import second_factor, sessions
from models import SecondFactor, db
from tests.factories import advance, csrf_of
from tests.people.steps import PASSWORD, ask_token, enter, send, with_password


def code_of(secret, later=0):
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // 30 + later)


def turned_on(actor):
    """A secret and the recovery codes of somebody who has just enrolled; the next half minute has begun."""
    secret = second_factor.new_secret()
    codes = second_factor.turn_on(secret, code_of(secret), actor=actor, session_id=None)
    advance(seconds=60)
    return secret, codes


@pytest.fixture
def strict(site):
    """A site on which staff must have a second factor, as in production."""

    class Strict(type(site.config["LINLI"])):
        second_factor_for_staff = True

    kept = site.config["LINLI"]
    site.config["LINLI"] = Strict(**{name: getattr(kept, name) for name in kept.__dataclass_fields__})
    return site


def test_it_is_turned_on_by_scanning_and_typing_a_code(town, site):
    actor = town.coordinator()
    other = sessions.issue(str(actor.account_id))
    browser = town.browser(site, actor)
    page = browser.get("/me/factor").text
    assert "<svg" in page and "style=" not in page
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    form = {"csrf_token": csrf_of(page)}
    assert "验证码不对" in browser.post("/me/factor", data=form | {"code": "000000"}).text
    done = browser.post("/me/factor", data=form | {"code": code_of(secret)}).text
    assert done.count("<code>") == 10
    assert second_factor.is_on(str(actor.account_id))
    assert sessions.find(other) is None, "a session from before knows only the password"


def test_the_door_asks_for_the_code_after_the_password(town, site):
    actor = town.coordinator()
    phone, (secret, _codes) = with_password(actor), turned_on(actor)
    browser = site.test_client()
    answer = enter(browser, phone, next="/me")
    assert answer.location == "/sign-in/code"
    assert browser.get("/me").status_code == 303, "half in is not in"
    assert send(browser, "/sign-in/code", code="000000").status_code == 422
    answer = send(browser, "/sign-in/code", code=code_of(secret))
    assert (answer.status_code, answer.location) == (303, "/me")
    assert browser.get("/me").status_code == 200


def test_a_wrong_password_says_nothing_about_a_second_factor(town, site):
    actor = town.coordinator()
    phone, _ = with_password(actor), turned_on(actor)
    assert enter(site.test_client(), phone, "not it at all").status_code == 422
    assert ask_token(site, phone, "not it at all").get_json()["code"] == "wrong_secret"


def test_whoever_waits_too_long_with_the_code_begins_anew(town, site):
    actor = town.coordinator()
    phone, (secret, _codes) = with_password(actor), turned_on(actor)
    browser = site.test_client()
    enter(browser, phone)
    token = csrf_of(browser.get("/sign-in/code").text)
    advance(minutes=5)
    answer = browser.post("/sign-in/code", data={"csrf_token": token, "code": code_of(secret)})
    assert answer.status_code == 303 and answer.location.startswith("/sign-in?")


def test_programs_send_the_code_along(town, site):
    actor = town.coordinator()
    phone, (secret, codes) = with_password(actor), turned_on(actor)
    without = ask_token(site, phone)
    assert (without.status_code, without.get_json()["code"]) == (401, "code_required")
    assert ask_token(site, phone, PASSWORD, code=code_of(secret)).status_code == 201
    assert ask_token(site, phone, PASSWORD, code=code_of(secret)).status_code == 401, "no code works twice"
    assert ask_token(site, phone, PASSWORD, code=codes[0]).status_code == 201
    assert ask_token(site, phone, PASSWORD, code=codes[0]).status_code == 401, "nor does a recovery code"


@pytest.mark.parametrize(("later", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_whose_clock_is_half_a_minute_off_still_works(world, later, passes):
    actor = world.coordinator()
    secret, _codes = turned_on(actor)
    advance(seconds=60)
    assert second_factor.passes(str(actor.account_id), code_of(secret, later)) is passes


def test_guessing_codes_ends_after_ten(town, site):
    actor = town.coordinator()
    phone, (secret, _codes) = with_password(actor), turned_on(actor)
    wrong = "000000" if code_of(secret) != "000000" else "000001"
    answers = [ask_token(site, phone, PASSWORD, code=wrong).status_code for _time in range(12)]
    assert answers == [401] * 10 + [429] * 2


def test_the_secret_is_sealed_in_the_database(world):
    actor = world.coordinator()
    secret, _codes = turned_on(actor)
    row = db.session.get(SecondFactor, actor.account_id)
    assert row.secret == secret
    assert secret.encode() not in bytes(row.secret_sealed)


def test_staff_without_one_reach_nothing_but_their_own_account(town, strict):
    desk = town.browser(strict, town.coordinator())
    for path in ("/board", "/desk/people", "/"):
        assert desk.get(path).location == "/me/safety"
    assert "请" in desk.get("/me/safety").text
    program = town.program(strict, town.coordinator())
    answer = program.get("/api/v1/board")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "second_factor_required")
    assert program.get("/api/v1/me").status_code == 200


def test_staff_who_turn_it_on_are_let_in_at_once(town, strict):
    browser = town.browser(strict, town.coordinator())
    page = browser.get("/me/factor").text
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    browser.post("/me/factor", data={"csrf_token": csrf_of(page), "code": code_of(secret)})
    assert browser.get("/board").status_code == 200


def test_sockets_of_staff_without_one_hear_nothing(town, strict):
    from app.extensions import socketio

    client = socketio.test_client(strict, auth={"token": sessions.issue(str(town.coordinator().account_id))})
    topic = f"office:{town.ids['station']}"
    assert client.emit("watch", {"topics": [topic]}, callback=True)["refused"] == [topic]


def test_residents_and_volunteers_need_none(town, strict):
    assert town.browser(strict, town.resident()).get("/home").status_code == 200
    assert town.browser(strict, town.volunteer()).get("/volunteer").status_code == 200


def test_an_administrator_takes_away_the_factor_of_a_lost_phone_and_nobody_else_does(town, site):
    actor = town.coordinator()
    turned_on(actor)
    with pytest.raises(NotAllowed):
        second_factor.turn_off(str(town.resident().account_id), actor=actor)
    boss = town.browser(site, town.administrator())
    page = boss.get(f"/offices/{town.ids['station']}/people").text
    assert "手机丢了" in page
    target = f"/offices/{town.ids['station']}/people/{actor.account_id}/factor/removal"
    assert boss.post(target, data={"csrf_token": csrf_of(page)}).status_code == 303
    assert not second_factor.is_on(str(actor.account_id))
    assert second_factor.codes_left(str(actor.account_id)) == 0
