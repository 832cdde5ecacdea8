"""The pages on which erasure is asked for, taken back and stopped."""

from sqlalchemy import func, select

from app.people import sessions
from app.privacy import erasure
from models import AuthSession, Erasure, db
from models.sealed import Erased
from tests.factories import advance
from tests.ordering.wishes import post
from tests.privacy.erasing import NAME, entered_by_the_desk


def prove(actor):
    """As if the password had just been given in every session of theirs."""
    for row_id in db.session.scalars(select(AuthSession.id).where(AuthSession.account_id == actor.account_id)).all():
        db.session.rollback()
        sessions.prove(row_id)


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
    way = f"/desk/residents/{entered_by_the_desk(town)}/erasure"
    desk = town.coordinator()
    assert town.browser(site, town.coordinator(town.ids["far"])).get(way).status_code == 404
    assert town.browser(site, desk).get("/desk/residents/nobody/erasure").status_code == 404
    browser = town.browser(site, desk)
    prove(desk)
    assert post(browser, way).status_code == 303
    assert "已经申请删除" in browser.get(way).text
    assert post(browser, way, f"{way}/withdrawal").status_code == 303


def test_a_page_that_was_still_open_says_that_something_changed(site, town):
    resident = town.resident(NAME)
    with site.test_request_context("/api/v1/orders"):
        site.preprocess_request()
        answer = site.handle_user_exception(Erased("gone"))
    assert answer.status_code == 409
    assert resident.name not in answer.get_data(as_text=True)
