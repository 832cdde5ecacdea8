"""The link of an offer: opens one offer for one volunteer, is answered by a button only, and ends with the offer."""

import json
import re

import pytest

from app import create_app
from app.config import Settings
from app.connections import spreading, webhooks
from app.connections.letters import body_of
from app.kernel import clock
from app.kernel.access import may
from app.kernel.transaction import command
from app.notices.links import link_in, offer_of, path_of, token_of
from app.people import service as people
from app.serving import service as serving
from app.serving.bearers import bearer
from models import Account, Assignment, Delivery, Event, Notification, Reserve, db
from models.ids import ALPHABET
from models.states import OfferStatus
from tests.conftest import build_app
from tests.factories import csrf_of
from tests.serving.steps import fresh, offered


@pytest.fixture
def li(town):
    return town.volunteer("李晓梅")


@pytest.fixture
def offer(town, li):
    order = town.open_order(words="门禁 1234，请带轮椅", access_notes="后门")
    return offered(order, li)


@pytest.fixture
def stranger(town, site):
    """A browser in which nobody is signed in."""
    return town.browser(site)


def _form(page, action):
    """The fields of the form that is sent there."""
    part = page.split(f'action="{action}"')[1].split("</form>")[0]
    return dict(re.findall(r'name="([\w.]+)" value="([^"]*)"', part))


def _press(browser, offer, what):
    """Open the link and press one of its buttons, as somebody does; the page that follows."""
    link = path_of(offer)
    data = _form(browser.get(link).text, f"{link}/{what}")
    return browser.post(f"{link}/{what}", data=data, follow_redirects=True)


def test_it_opens_without_signing_in_and_says_yes_in_one_press(town, site, stranger, offer, li):
    page = _press(stranger, offer, "acceptance")
    assert page.status_code == 200 and "接单成功" in page.text and "/sign-in?next=/tasks/" in page.text
    assert db.session.query(Assignment).one().volunteer_id == li.volunteer_id
    said = db.session.query(Event).filter_by(kind="offer.accept").one()
    assert said.actor_id == li.account_id and said.particulars["by_link"] is True


def test_saying_no_costs_one_press_too(stranger, offer):
    page = _press(stranger, offer, "refusal")
    assert "谢谢答复" in page.text and fresh(offer).status == OfferStatus.DECLINED


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("end", ["", "/acceptance", "/refusal"])
def test_looking_changes_nothing_whoever_looks(stranger, offer, method, end):
    for headers in ({}, {"User-Agent": "MicroMessenger"}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}):
        stranger.open(path_of(offer) + end, method=method, headers=headers)
    assert fresh(offer).status == OfferStatus.SENT and fresh(offer).seen_at is None


def test_a_press_needs_the_forms_own_token(stranger, offer):
    assert stranger.post(f"{path_of(offer)}/acceptance").status_code == 403
    assert stranger.post(f"{path_of(offer)}/acceptance", data={"csrf_token": "x"}).status_code == 403
    assert fresh(offer).status == OfferStatus.SENT


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_press_from_another_site_is_refused(stranger, offer, headers):
    data = _form(stranger.get(path_of(offer)).text, f"{path_of(offer)}/acceptance")
    assert stranger.post(f"{path_of(offer)}/acceptance", data=data, headers=headers).status_code == 403


def test_over_https_a_page_that_sends_no_referrer_can_still_answer(sqlite_database, tmp_path, town, site, offer):
    secure = build_app(str(site.config["SQLALCHEMY_DATABASE_URI"]), tmp_path, https=True)
    with secure.app_context():
        browser, link = secure.test_client(), path_of(offer)
        page = browser.get(link, base_url="https://localhost")
        data = _form(page.text, f"{link}/refusal")
        answer = browser.post(f"{link}/refusal", data=data, base_url="https://localhost", headers={"Origin": "null"})
        assert page.headers["Referrer-Policy"] == "no-referrer" and answer.status_code == 303
        db.session.remove()
        db.engine.dispose()


def test_nothing_on_the_page_says_who_or_where(stranger, offer, li):
    answer = stranger.get(path_of(offer))
    for secret in ("李晓梅", "王奶奶", "青年路", "门禁", "后门", "4821", "9990002"):
        assert secret not in answer.text
    assert "青年社区" in answer.text and "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"


def test_once_its_time_is_over_the_link_tells_nothing_of_the_order(stranger, offer):
    _press(stranger, offer, "acceptance")
    assert "escort" in stranger.get(path_of(offer)).text
    clock.advance(offer.expires_at - clock.now())
    page = stranger.get(path_of(offer)).text
    assert "escort" not in page and "青年社区" not in page and "登录看我的任务" in page


def test_pressing_again_after_the_answer_shows_a_kind_page(stranger, offer):
    link = path_of(offer)
    data = _form(stranger.get(link).text, f"{link}/acceptance")
    for _again in range(3):
        assert "您已接下" in stranger.post(f"{link}/acceptance", data=data, follow_redirects=True).text
    assert "您已接下" in stranger.get(link).text
    late_no = stranger.post(f"{link}/refusal", data={"csrf_token": data["csrf_token"]}, follow_redirects=True)
    assert "您已接下" in late_no.text and db.session.query(Assignment).count() == 1


def test_a_yes_after_the_end_is_kept_as_a_reserve_and_takes_no_place(stranger, offer, li):
    data = _form(stranger.get(path_of(offer)).text, f"{path_of(offer)}/acceptance")
    clock.advance(offer.expires_at - clock.now())
    page = stranger.post(f"{path_of(offer)}/acceptance", data=data, follow_redirects=True)
    assert page.status_code == 200 and "结束" in page.text and db.session.query(Assignment).count() == 0
    assert db.session.query(Reserve).one().volunteer_id == li.volunteer_id


def test_a_yes_after_somebody_else_took_the_place_says_thanks(town, stranger, offer, li):
    data = _form(stranger.get(path_of(offer)).text, f"{path_of(offer)}/acceptance")
    serving.accept(offered(fresh(offer).order, rival := town.volunteer("赵云")).id, actor=rival)
    page = stranger.post(f"{path_of(offer)}/acceptance", data=data, follow_redirects=True)
    assert page.status_code == 200 and "候补" in page.text
    assert {row.volunteer_id for row in db.session.query(Assignment)} == {rival.volunteer_id}


def test_a_link_that_was_altered_by_one_letter_opens_nothing(stranger, offer):
    token = token_of(offer)
    for place in (0, 19, 20, 51):
        other = next(letter for letter in ALPHABET if letter != token[place])
        assert offer_of(token[:place] + other + token[place + 1 :]) is None
    for wrong in ("", token[:-1], token + "0", offer.id, "é" * 52, "0" * 52, token.upper()):
        assert offer_of(wrong) is None
    assert stranger.get(f"/o/{token[:-1]}").status_code == 404


def test_the_seal_of_one_volunteer_does_not_open_anothers_offer(town, offer):
    other = offered(fresh(offer).order, town.volunteer("赵云"))
    assert offer_of(offer.id + token_of(other)[20:]) is None
    assert offer_of(other.id + token_of(offer)[20:]) is None


def test_another_server_key_ends_every_link(site, offer):
    token = token_of(offer)
    site.config["SECRET_KEY"] = "another key, which is also long enough to be one"
    assert offer_of(token) is None


def test_a_link_does_nothing_but_answer(offer, li):
    actor = bearer(offer)
    assert may(actor, "offer.answer", offer) and may(actor, "order.claim")
    for act in ("volunteer.self", "assignment.serve", "account.self", "order.place", "order.see", "block.make"):
        assert not may(actor, act)


def test_a_coordinators_link_holds_none_of_their_powers(town):
    both = town.volunteer("王敏")
    town.coordinator()
    people.grant_role(both.account_id, "coordinator", town.ids["station"], actor=town.administrator())
    offer = offered(town.open_order(), both)
    assert {grant.role for grant in bearer(offer).grants} == {"volunteer"}


def test_the_link_of_a_closed_account_opens_nothing(stranger, offer, li):
    link = path_of(offer)
    _close(li.account_id)
    assert stranger.get(link).status_code == 404
    assert (
        stranger.post(f"{link}/acceptance", data={"csrf_token": csrf_of(stranger.get("/sign-in").text)}).status_code
        == 404
    )


@command
def _close(account_id):
    db.session.get(Account, account_id).is_active = False


def test_whoever_is_signed_in_as_the_volunteer_gets_the_whole_page(town, site, offer, li):
    answer = town.browser(site, li).get(path_of(offer))
    assert answer.status_code == 303 and answer.headers["Location"] == f"/offers/{offer.id}"


def test_nobody_is_signed_in_by_a_link(stranger, offer):
    _press(stranger, offer, "acceptance")
    assert stranger.get("/volunteer").headers["Location"].startswith("/sign-in")


def test_somebody_who_tries_links_is_slowed_down(sqlite_database, tmp_path):
    settings = Settings(database_url=sqlite_database, instance=tmp_path, testing=True, scheduler=False, solver="inline")
    limited = create_app(settings)
    with limited.app_context():
        browser = limited.test_client()
        answers = [browser.get(f"/o/{'0' * 52}").status_code for _try in range(61)]
        db.session.remove()
        db.engine.dispose()
    assert answers[0] == 404 and answers[-1] == 429


def test_a_letter_holds_the_link_only_where_that_kind_was_asked_for(town, offer):
    admin = town.administrator()
    for name, kinds in (("短信", ["offer"]), ("统计", []), ("别的", ["order_late"])):
        webhooks.add(town.ids["city"], name, "https://gateway.example.org/linli", kinds, actor=admin)
    spreading.spread()
    letters = {row.webhook.name: json.loads(body_of(row)) for row in db.session.query(Delivery)}
    assert letters["短信"]["link"] == path_of(offer) and "link" not in letters["统计"] and "别的" not in letters


def test_only_notices_that_ask_for_an_answer_carry_a_link(offer, li):
    rows = db.session.query(Notification).filter_by(account_id=li.account_id).all()
    assert {row.kind: link_in(row) for row in rows} == {"offer": path_of(offer)}
