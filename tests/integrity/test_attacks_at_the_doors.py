"""What a stranger would try with requests, sockets, passwords and files. One test an attack that once worked."""

from __future__ import annotations

import pytest

from app import create_app
from app.config import Settings
from app.extensions import limiter
from app.kernel.web import local_path
from app.people import sessions
from models import db
from tests.factories import csrf_of
from tests.live.test_watching import listener, watch


def test_an_empty_bearer_does_not_turn_a_browser_into_a_program(town, site):
    browser = town.browser(site, town.resident())
    answer = browser.patch("/api/v1/me", json={"name": "改了"}, headers={"Authorization": "Bearer "})
    assert answer.status_code in (401, 403)
    assert browser.patch("/api/v1/me", json={"name": "改了"}).status_code == 403


def test_signing_out_by_program_closes_its_sockets(town, site):
    person = town.resident()
    token = sessions.issue(person.account_id)
    socket = listener(site, token=token)
    assert watch(socket, f"account:{person.account_id}")["watching"]
    client = site.test_client()
    assert client.delete("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code == 204
    assert not socket.is_connected()


def test_one_person_does_not_fill_all_the_room_for_sockets(town, site):
    person = town.resident()
    sockets = [listener(site, token=sessions.issue(person.account_id)) for _ in range(4)]
    sockets += [listener(site, token=sessions.issue(person.account_id)) for _ in range(4)]
    assert sum(socket.is_connected() for socket in sockets) == 5
    assert listener(site, town.resident("别人")).is_connected()


@pytest.mark.parametrize("target", ["/\t/[", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://x"])
def test_no_target_leads_away_or_breaks_the_page(client, town, target):
    assert local_path(target, "/home") == "/home"
    assert client.get("/sign-in", query_string={"next": target}).status_code == 200


def test_a_nul_in_a_query_is_no_error_of_ours(town, site):
    browser = town.browser(site, town.coordinator())
    for path in ("/desk/people?q=%00", "/board?office=%00", "/board?q=a%00b", "/desk/people?order=%00"):
        assert browser.get(path).status_code == 404
    assert town.program(site, town.coordinator()).get("/api/v1/board?q=%00").status_code == 422


@pytest.fixture
def guarded(sqlite_database, tmp_path):
    """The app with its limits, as in production."""
    app = create_app(
        Settings(database_url=sqlite_database, instance=tmp_path, testing=True, scheduler=False, solver="inline")
    )
    yield app
    limiter.reset()
    with app.app_context():
        db.engine.dispose()


def guess(app, address, phone="13800000000"):
    door = app.test_client()
    return door.post(
        "/api/v1/session",
        json={"phone": phone, "password": "wrong password"},
        environ_overrides={"REMOTE_ADDR": address},
    ).status_code


def test_guessing_from_a_whole_network_is_guessing_from_one_place(guarded):
    answers = [guess(guarded, f"2001:db8:1:2::{n:x}", f"138000000{n:02d}") for n in range(1, 14)]
    assert answers.count(429) == 3
    assert guess(guarded, "2001:db8:1:3::1") == 401


def test_guessing_one_persons_password_from_everywhere_comes_to_an_end(guarded):
    written = ("138 0000 0000", "+8613800000000")
    answers = [guess(guarded, f"203.0.{n}.7", written[n % 2]) for n in range(12)]
    assert answers == [401] * 10 + [429] * 2
    assert guess(guarded, "203.0.250.9", "13911112222") == 401, "nobody else is shut out"


def test_a_stranger_does_not_fill_the_disk_with_photos(guarded):
    import io

    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "JPEG")
    answers = []
    for _time in range(43):
        browser = guarded.test_client()
        data = {
            "csrf_token": csrf_of(browser.get("/orders/new/who").text),
            "photo": (io.BytesIO(picture.getvalue()), "a.jpg"),
            "words": "",
        }
        answers.append(browser.post("/orders/new/words", data=data, content_type="multipart/form-data").status_code)
    assert answers == [303] * 40 + [429] * 3


def test_no_row_is_written_into_the_log_with_a_database_error(town, site):
    from sqlalchemy.exc import DBAPIError

    phone = "+8613812345678"
    with pytest.raises(DBAPIError) as caught:
        db.session.execute(db.text("INSERT INTO account (phone) VALUES (:phone)"), {"phone": phone})
    db.session.rollback()
    assert phone not in str(caught.value)
