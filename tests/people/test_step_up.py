"""Step-up: what is grave asks for the password again, and nothing that was typed is lost."""

import pytest

from app.kernel.errors import StepUpRequired
from app.people import sessions
from app.people.stepup import fresh
from models import Account, db
from tests.factories import advance, csrf_of
from tests.people.steps import PASSWORD, send, with_password


@pytest.fixture
def boss(town, site):
    """An administrator at a browser who gave the password six minutes ago."""
    actor = town.administrator()
    with_password(actor)
    browser = town.browser(site, actor)
    browser.get("/me")
    advance(minutes=6)
    return browser


def _appoint(town, browser):
    volunteer = town.volunteer()
    phone = db.session.get(Account, volunteer.account_id).phone
    page = f"/offices/{town.ids['station']}/people"
    answer = send(browser, page, phone=phone, role="coordinator")
    return volunteer, answer, page


def _roles(actor):
    db.session.expire_all()
    return {grant.role for grant in db.session.get(Account, actor.account_id).grants}


def test_within_five_minutes_of_the_password_nothing_is_asked(town, site):
    browser = town.browser(site, town.administrator())
    volunteer, answer, page = _appoint(town, browser)
    assert answer.location == page
    assert "coordinator" in _roles(volunteer)


def test_after_that_a_grave_act_asks_and_is_then_one_tap_away(town, boss):
    volunteer, answer, page = _appoint(town, boss)
    assert answer.status_code == 303 and answer.location.startswith("/confirm?next=")
    assert "coordinator" not in _roles(volunteer)
    assert send(boss, answer.location, "/confirm", password="not it at all").status_code == 422
    asked = send(boss, answer.location, "/confirm", password=PASSWORD).text
    assert f'action="{page}"' in asked
    fields = {
        part.split('"')[0]: part.split('value="')[1].split('"')[0]
        for part in asked.split('<input type="hidden" name="')[1:]
    }
    assert boss.post(page, data=fields).location == page
    assert "coordinator" in _roles(volunteer)


def test_the_form_that_waits_is_kept_for_one_answer_only(town, boss):
    _volunteer, answer, _page = _appoint(town, boss)
    send(boss, answer.location, "/confirm", password=PASSWORD)
    again = send(boss, "/confirm?next=/me", "/confirm", password=PASSWORD, next="/me")
    assert (again.status_code, again.location) == (303, "/me")


def test_a_page_that_is_grave_to_look_at_leads_there_and_back(town, site, boss):
    answer = boss.get("/me/factor")
    assert answer.location == "/confirm?next=/me/factor"
    assert send(boss, answer.location, "/confirm", password=PASSWORD, next="/me/factor").location == "/me/factor"
    assert boss.get("/me/factor").status_code == 200


def test_the_token_is_a_new_one_afterwards_and_the_session_no_longer(town, site):
    actor = town.resident()
    phone = with_password(actor)
    browser = site.test_client()
    send(browser, "/sign-in", phone=phone, password=PASSWORD)
    before = browser.get_cookie("linli").value
    expires = sessions.find(before).expires_at
    advance(days=1)
    assert send(browser, "/confirm", password=PASSWORD).status_code == 303
    assert sessions.find(before) is None
    row = sessions.find(browser.get_cookie("linli").value)
    assert row.expires_at == expires


def test_nobody_is_sent_elsewhere_by_the_way_back(town, boss):
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert send(boss, "/confirm", password=PASSWORD, next=target).location == "/"


def test_a_program_is_told_and_proves_itself_with_the_password(town, site):
    actor = town.resident()
    with_password(actor)
    program = town.program(site, actor)
    guarded = fresh(lambda: "done")
    advance(minutes=6)
    token = program.environ_base["HTTP_AUTHORIZATION"]
    with site.test_request_context("/api/v1/x", headers={"Authorization": token}), pytest.raises(StepUpRequired):
        guarded()
    wrong = program.post("/api/v1/session/proof", json={"password": "not it at all"})
    assert wrong.status_code == 401
    assert program.post("/api/v1/session/proof", json={"password": PASSWORD}).status_code == 204
    with site.test_request_context("/api/v1/x", headers={"Authorization": token}):
        assert guarded() == "done"


@pytest.mark.parametrize(
    "endpoint",
    ["offices.add_person", "offices.remove_person", "offices.set_activity", "offices.remove_factor", "people.give_code",
     "people.turn_factor_on", "people.turn_factor_off"],
)  # fmt: skip
def test_what_changes_power_is_grave(site, endpoint):
    view = site.view_functions[endpoint]
    while view is not None and not getattr(view, "is_fresh", False):
        view = getattr(view, "__wrapped__", None)
    assert view is not None


def test_csrf_still_guards_what_was_kept(town, boss):
    _volunteer, answer, page = _appoint(town, boss)
    send(boss, answer.location, "/confirm", password=PASSWORD)
    assert boss.post(page, data={"phone": "1", "role": "coordinator"}).status_code == 403
    assert csrf_of(boss.get(page).text)
