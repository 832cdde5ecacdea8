"""The screen on the wall: who is let in, by which link, and that it tells nothing about anybody."""

from __future__ import annotations

import pytest

from app.kernel.errors import Invalid
from app.people import api_keys
from models.kinds import Scope
from tests.factories import advance, csrf_of
from tests.oversight.scenes import desk, text, without_versions
from tests.serving.steps import arrived, offered


def wall(town, site, *, days=90, office="west"):
    """A browser that has opened the link of a wall, and the key behind it."""
    row, token = api_keys.issue(town.ids[office], "大厅的屏", [Scope.SCREEN], days, (), actor=town.administrator())
    client = site.test_client()
    answer = client.get(f"/screen/key/{token}")
    assert (answer.status_code, answer.location) == (303, "/screen")
    return client, row, token


def test_a_wall_shows_the_sums_of_its_offices_and_nothing_about_anybody(town, site):
    order = town.open_order(town.resident("欧阳密语"), title="密语", words="密语", address="密语")
    offered(order, town.volunteer("司徒密语"))
    arrived(town.open_order(), town.volunteer("上官密语"))
    client, _row, _token = wall(town, site)
    for page in (text(client, "/screen"), text(client, "/screen/now")):
        assert "西区" in page and "湖滨街道" in page
        assert not {
            found for found in ("密语", "1990", "青年路", order.id, order.number) if found in without_versions(page)
        }


def test_a_wall_is_let_in_for_its_link_s_days_and_not_longer(town, site):
    client, _row, _token = wall(town, site, days=90)
    advance(days=89)
    assert client.get("/screen/now").status_code == 200
    advance(days=1)
    assert client.get("/screen/now").status_code == 303 and "/sign-in" in client.get("/screen").location


def test_a_wall_is_put_out_at_once(town, site):
    client, row, token = wall(town, site)
    api_keys.revoke(row.id, actor=town.administrator())
    assert client.get("/screen").status_code == 303
    assert site.test_client().get(f"/screen/key/{token}").status_code == 404


def test_a_wall_opens_nothing_else(town, site):
    client, _row, token = wall(town, site)
    for path in ("/board", "/desk/figures", "/api/v1/board", "/home", "/offices"):
        assert client.get(path).status_code in (303, 401, 403), path
    assert client.get(f"/screen?office={town.ids['city']}").status_code == 404
    program = site.test_client()
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    assert program.get("/api/v1/board").status_code == 403
    other = api_keys.issue(town.ids["west"], "x", [Scope.BOARD_READ], 9, (), actor=town.administrator())[1]
    assert site.test_client().get(f"/screen/key/{other}").status_code == 404


def test_the_key_of_a_wall_is_for_a_wall_alone_and_for_ninety_days_at_most(town):
    for scopes, days, field in (([Scope.SCREEN], 91, "days"), ([Scope.SCREEN, Scope.BOARD_READ], 9, "scopes")):
        with pytest.raises(Invalid) as refused:
            api_keys.issue(town.ids["west"], "x", scopes, days, (), actor=town.administrator())
        assert field in refused.value.fields


def test_an_administrator_is_shown_the_link_once(town, site):
    client = desk(town, site, town.administrator())
    place = f"/offices/{town.ids['west']}/keys"
    form = {"csrf_token": csrf_of(text(client, place)), "name": "大厅", "scopes": "screen", "days": "30"}
    answer = client.post(place, data=form)
    link = answer.text.split("/screen/key/")[1].split("<")[0].split('"')[0]
    assert answer.status_code == 201 and site.test_client().get(f"/screen/key/{link}").status_code == 303
    assert "/screen/key/" not in text(client, place)


def test_whoever_watches_sees_the_screen_of_their_own_subtree(town, site):
    client = desk(town, site, town.supervisor())
    assert "西区" in text(client, "/screen") and 'data-topics="office:' in text(client, "/screen")
    assert client.get(f"/screen?office={town.ids['far']}").status_code == 404
    assert desk(town, site, town.resident()).get("/screen").status_code == 403
