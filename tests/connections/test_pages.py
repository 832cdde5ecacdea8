"""The administrators' pages of endpoints and keys."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.connections import posting, spreading, webhooks
from app.connections.wire import Answer
from models import ApiKey, Delivery, Webhook, db
from models.kinds import DeliveryState, NoticeKind
from tests.connections.test_outbox import endpoint, notice
from tests.factories import advance, csrf_of

GOOD = {"name": "短信网关", "url": "https://gateway.example.org/linli"}


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def send(browser, at, path="", **form):
    return browser.post(at + path, data={"csrf_token": csrf_of(page(browser, at)), **form})


@pytest.fixture
def office(town, site):
    """The administrator's browser, and the city's path."""
    town.chief = town.administrator()
    town.chief_browser = town.browser(site, town.chief)
    return f"/offices/{town.ids['city']}"


def test_an_endpoint_is_set_up_and_its_secret_shown_once(town, office):
    at = f"{office}/webhooks"
    answer = send(town.chief_browser, at, **GOOD, kinds=[NoticeKind.OFFER, NoticeKind.ALARM])
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    row = db.session.scalar(select(Webhook))
    assert row.secret in answer.get_data(as_text=True)
    assert row.kinds == sorted([NoticeKind.OFFER, NoticeKind.ALARM])
    again = page(town.chief_browser, at)
    assert "短信网关" in again
    assert row.secret not in again


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://10.0.0.1/x", "不能发往内网"),
        ("https://user@gateway.example.org/", "完整的网址"),
        ("gopher://gateway.example.org/", "https://"),
        ("https://gateway/", "WEBHOOK_HOSTS"),
    ],
)
def test_an_address_that_letters_may_not_go_to_is_refused_with_words(town, office, url, words):
    answer = send(town.chief_browser, f"{office}/webhooks", name="x", url=url)
    assert answer.status_code == 422
    said = answer.get_data(as_text=True)
    assert words in said
    assert url in said, "what was typed is kept"
    assert db.session.scalar(select(Webhook)) is None


def test_an_endpoint_is_amended_tried_out_rotated_and_removed(town, office):
    row, secret = endpoint(town, town.chief)
    browser, at = town.chief_browser, f"{office}/webhooks"
    assert send(browser, at, f"/{row.id}", name="新的", url="https://new.example.org/").status_code == 303
    assert send(browser, at, f"/{row.id}/test").status_code == 303
    rotated = send(browser, at, f"/{row.id}/rotation").get_data(as_text=True)
    db.session.expire_all()
    assert (row.name, row.old_secret) == ("新的", secret)
    assert row.secret in rotated
    posting.settle([(letter, Answer(500, "status")) for letter in posting.claim({row.id: 1})])
    assert "对方没有回答成功" in page(browser, at)
    assert send(browser, at, f"/{row.id}/removal").status_code == 303
    assert "还没有推送地址" in page(browser, at)


def test_dead_letters_are_seen_and_sent_again(town, site, office):
    row, _secret = endpoint(town, town.chief)
    notice(town.resident())
    spreading.spread()
    advance(hours=25)
    posting.bury()
    browser, at = town.browser(site, town.chief), f"{office}/webhooks"
    assert "1 条没送到" in page(browser, at)
    assert "没送到" in page(browser, f"{at}/{row.id}/letters")
    assert send(browser, at, f"/{row.id}/resending").status_code == 303
    assert set(db.session.scalars(select(Delivery.state))) == {DeliveryState.WAITING}


def test_a_key_is_issued_shown_once_and_revoked(town, office):
    browser, at = town.chief_browser, f"{office}/keys"
    answer = send(browser, at, name="热线", scopes=["orders:read"], days="30", networks="192.0.2.7, 10.0.0.0/8")
    assert answer.status_code == 201
    (text,) = re.findall(r"lk1_\w{8}_[\w-]{43}", answer.get_data(as_text=True))[:1]
    row = db.session.scalar(select(ApiKey))
    assert row.networks == ["192.0.2.7/32", "10.0.0.0/8"]
    listed = page(browser, at)
    assert row.public_id in listed
    assert text not in listed
    assert send(browser, at, f"/{row.id}/revocation").status_code == 303
    assert "已吊销" in page(browser, at)


def test_a_key_without_scope_or_with_a_bad_network_is_refused_with_words(town, office):
    at = f"{office}/keys"
    assert send(town.chief_browser, at, name="热线", days="30").status_code == 422
    answer = send(town.chief_browser, at, name="热线", days="30", scopes=["orders:read"], networks="somewhere")
    assert "网段" in answer.get_data(as_text=True)
    assert send(town.chief_browser, at, name="热线", days="366", scopes=["orders:read"]).status_code == 422
    assert db.session.scalar(select(ApiKey)) is None


GRAVE = ["/webhooks", "/webhooks/{id}", "/webhooks/{id}/rotation", "/webhooks/{id}/removal", "/keys"]


@pytest.mark.parametrize("path", GRAVE)
def test_grave_acts_ask_for_the_password_again_after_minutes(town, office, path):
    row, _secret = endpoint(town, town.chief)
    token = csrf_of(page(town.chief_browser, f"{office}/keys"))
    advance(minutes=10)
    answer = town.chief_browser.post(office + path.format(id=row.id), data={"csrf_token": token, **GOOD})
    assert answer.status_code == 303
    assert "/confirm" in answer.headers["Location"]
    db.session.expire_all()
    assert row.removed_at is None


def test_the_pages_are_for_administrators_of_the_office_and_an_endpoint_belongs_to_its_office(town, site, office):
    row, _secret = endpoint(town, town.chief, "west")
    for actor, status in ((town.coordinator(), 403), (town.supervisor(), 403)):
        browser = town.browser(site, actor)
        assert browser.get(f"{office}/webhooks").status_code == status
        assert browser.get(f"{office}/keys").status_code == status
    assert town.chief_browser.get(f"{office}/webhooks/{row.id}/letters").status_code == 404
    assert town.chief_browser.get("/offices/nowhere/webhooks").status_code == 404
    assert [one.id for one in db.session.scalars(select(Webhook))] == [row.id]


def test_an_office_has_so_many_endpoints_and_no_more(town, office):
    for _number in range(webhooks.MOST_OF_OFFICE):
        endpoint(town, town.chief)
    answer = send(town.chief_browser, f"{office}/webhooks", **GOOD)
    assert answer.status_code == 422
