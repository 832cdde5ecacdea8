"""Looks on pages and for programs: shown for a minute, kept by nobody, never by a GET."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.kernel.clock import now
from models import Reveal, db
from models.kinds import LookWay
from tests.factories import advance
from tests.privacy.revealing import set_policy
from tests.privacy.secrets import SECRETS, told
from tests.serving.steps import post


def test_the_page_shows_the_value_for_a_minute_and_nobody_keeps_it(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    desk = town.browser(site, town.coordinator())
    page = f"/desk/orders/{order.id}"
    assert told(desk.get(page).text) == {"words"}
    answer = post(desk, f"{page}/reveal", what="all", reason="call")
    assert answer.status_code == 200
    assert told(answer.text) == {"contact_name", "contact_phone", "address", "access_notes"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Refresh"] == f"60; url={page}"
    assert told(desk.get(page).text) == {"words"}, "masked again"


def test_without_a_reason_the_page_asks_again_and_shows_nothing(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    answer = post(town.browser(site, town.coordinator()), f"/desk/orders/{order.id}/reveal", what="who")
    assert answer.status_code == 422
    assert told(answer.text) == set()


def test_a_look_is_never_a_get(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    desk = town.browser(site, town.coordinator())
    assert desk.get(f"/desk/orders/{order.id}/reveal").status_code == 405


def test_programs_ask_the_same_way(town, site):
    order = town.open_order(town.resident(), **SECRETS)
    program = town.program(site, town.coordinator())
    seen = program.get(f"/api/v1/orders/{order.id}").json
    assert told(str(seen)) == {"words"} and "contact_phone" in seen["masked"]
    asked = {"fields": ["contact_phone"], "reason": "call"}
    answer = program.post(f"/api/v1/orders/{order.id}/reveal", json=asked)
    assert answer.json["shown"] == {"contact_phone": SECRETS["contact_phone"]} and not answer.json["waiting"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (
        program.post(f"/api/v1/orders/{order.id}/reveal", json={"fields": ["words"], "reason": "call"}).status_code
        == 422
    )


def test_many_at_once_want_the_password_again(town, site):
    order = town.open_order(town.resident(), starts=now() + timedelta(hours=3), **SECRETS)
    desk = town.browser(site, town.coordinator())
    page = desk.get("/desk/calls")
    assert page.status_code == 200 and told(page.text) == set()
    advance(minutes=6)
    answer = post(desk, "/desk/calls", orders=order.id, reason="safety")
    assert answer.status_code in (303, 401) and told(answer.text) == set()
    assert db.session.scalar(select(func.count()).select_from(Reveal)) == 0


def test_a_list_is_shown_as_far_as_the_number_goes(town):
    from app.privacy.calls import reveal_many

    set_policy(town, "reveals_per_hour", 2)
    orders = [town.open_order(starts=now() + timedelta(hours=3)).id for _number in range(3)]
    rows, missed = reveal_many([*orders, "0" * 20], "safety", "", actor=town.coordinator())
    assert (len(rows), missed) == (2, 2)
    assert {row.way for row in rows} == {LookWay.BULK}
