"""API keys: another system's way in, narrow, for a time, and never as a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.kernel.access import NOBODY
from app.kernel.errors import Invalid, NotAllowed, NotFound
from app.people import api_keys
from app.people.identity import actor_of_token
from app.people.scopes import POWERS, ROUTES, Reach
from app.people.wall_pass import DOORS
from models import ApiKey, Event, Order, db
from models.kinds import Channel, EventKind, Scope
from tests.factories import World, advance

EVERY_SCOPE = [scope for scope in Scope if scope != Scope.SCREEN]
"""Of the API; a screen on the wall comes by other doors (tests/oversight/test_screen.py)."""


def key(world, *scopes, office="west", days=30, networks=()):
    return api_keys.issue(world.ids[office], "热线系统", scopes, days, networks, actor=world.administrator())


def holder(app, text):
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {text}"
    return client


def test_every_route_of_the_api_says_which_scope_opens_it(site):
    doors = ("/api/v1/", *DOORS)
    api = {rule.endpoint for rule in site.url_map.iter_rules() if rule.rule.startswith(doors)}
    api -= {"oversight.screen_key"}  # which is open to anybody who has the link
    assert not api - set(ROUTES), "list these in app/people/scopes.py"
    assert not set(ROUTES) - api, "no such routes any more"


def test_every_scope_opens_something_and_has_the_acts_for_it(site):
    assert set(POWERS) == set(Scope) == {reach for reach in ROUTES.values() if reach not in set(Reach)}
    for endpoint, scope in ROUTES.items():
        act = getattr(site.view_functions[endpoint], "access", None)
        if isinstance(scope, Scope):
            assert act in POWERS[scope].acts, endpoint


def test_routes_of_people_are_closed_to_every_key(town, site):
    _row, text = key(town, *EVERY_SCOPE)
    client = holder(site, text)
    wrong = []
    for rule in site.url_map.iter_rules():
        if ROUTES.get(rule.endpoint) != Reach.PERSON:
            continue
        path = rule.build(dict.fromkeys(rule.arguments, "0" * 20))[1]
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if client.open(path, method=method, json={}).status_code != 403:
                wrong.append(f"{method} {rule.rule}")
    assert not wrong


@pytest.mark.parametrize("scope", EVERY_SCOPE)
def test_a_scope_opens_its_own_routes_and_no_others(town, site, scope):
    client = holder(site, key(town, scope)[1])
    wrong = []
    for rule in site.url_map.iter_rules():
        reach = ROUTES.get(rule.endpoint)
        if reach in {None, Scope.SCREEN}:
            continue
        path = rule.build(dict.fromkeys(rule.arguments, "0" * 20))[1]
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            refused = client.open(path, method=method, json={}).status_code in {401, 403}
            if refused == (reach in {scope, Reach.PUBLIC}):
                wrong.append(f"{method} {rule.rule}")
    assert not wrong


def test_only_the_digest_is_kept(town):
    row, text = key(town, Scope.ORDERS_READ)
    assert len(text) == 4 + 8 + 1 + 43
    assert row.digest == api_keys.digest(text)
    assert text[13:] not in str([getattr(row, column.key) for column in ApiKey.__table__.columns])


def _revoke(town, row):
    api_keys.revoke(row.id, actor=town.administrator())


SPOILT = {
    "unknown": lambda town, row, text: f"lk1_{'0' * 8}_{'x' * 43}",
    "altered": lambda town, row, text: text[:-1] + ("a" if text[-1] != "a" else "b"),
    "cut": lambda town, row, text: text[:-1],
    "long": lambda town, row, text: text + "a" * 5000,
    "odd": lambda town, row, text: "lk1_" + "\u00e9" * 52,
    "revoked": lambda town, row, text: _revoke(town, row) or text,
    "over": lambda town, row, text: advance(days=31) or text,
}


def test_whatever_is_wrong_with_a_key_the_answer_is_the_same_401(town, site):
    answers = []
    for number, (name, spoil) in enumerate(SPOILT.items()):
        row, text = key(town, Scope.BOARD_READ, networks=["192.0.2.0/24"] if number % 2 else ["127.0.0.1"])
        if name in {"revoked", "over"}:
            row, text = key(town, Scope.BOARD_READ)
        answers.append(answer_of(site, spoil(town, row, text).encode().decode("latin-1"), "/api/v1/board"))
    elsewhere = key(town, Scope.BOARD_READ, networks=["192.0.2.0/24"])[1]
    answers.append(answer_of(site, elsewhere, "/api/v1/board"))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][:2] == (401, "application/problem+json")
    public = answer_of(site, elsewhere, "/api/v1/offices")
    assert public[0] == 401, "a key that does not count opens not even what is public"


def answer_of(site, text, path):
    answer = holder(site, text).get(path)
    body = {name: value for name, value in answer.get_json().items() if name not in {"request_id", "instance"}}
    return answer.status_code, answer.mimetype, body


def test_what_the_scope_does_not_hold_is_the_same_403(town, site):
    text = key(town, Scope.BOARD_READ)[1]
    paths = ("/api/v1/orders", "/api/v1/me", f"/api/v1/orders/{'0' * 20}", "/api/v1/hours")
    answers = [answer_of(site, text, path) for path in paths]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][:2] == (403, "application/problem+json")


def test_a_key_works_from_its_networks_only(town, site):
    text = key(town, Scope.BOARD_READ, networks=["127.0.0.1", "2001:db8::/32"])[1]
    client = holder(site, text)
    assert client.get("/api/v1/board").status_code == 200
    assert client.get("/api/v1/board", environ_base={"REMOTE_ADDR": "2001:db8::7"}).status_code == 200
    assert client.get("/api/v1/board", environ_base={"REMOTE_ADDR": "198.51.100.7"}).status_code == 401


def test_a_key_sees_its_subtree_and_nothing_beside_it(town, site):
    inside, beside = town.open_order(), town.open_order(office=town.ids["far"])
    client = holder(site, key(town, Scope.ORDERS_READ, office="west")[1])
    listed = {row["id"] for row in client.get("/api/v1/orders").get_json()["orders"]}
    assert listed == {inside.id}
    assert client.get(f"/api/v1/orders/{inside.id}").status_code == 200
    assert client.get(f"/api/v1/orders/{beside.id}").status_code == 404


PLANTED = {
    "contact_name": "欧阳密语",
    "address": "密语巷 77 号 3 幢",
    "contact_phone": "+8613977770001",
    "access_notes": "门禁密语",
    "words": "独居密语",
}


def test_no_key_reads_a_phone_a_name_or_an_address(town, site):
    order = town.open_order(town.resident("欧阳密语"), **PLANTED)
    town.volunteer("司徒密语")
    client = holder(site, key(town, *EVERY_SCOPE, office="city")[1])
    paths = [
        rule.build(dict.fromkeys(rule.arguments, order.id))[1]
        for rule in site.url_map.iter_rules()
        if ROUTES.get(rule.endpoint) not in {None, Reach.PERSON, Scope.SCREEN} and "GET" in rule.methods
    ]
    assert len(paths) >= 10
    texts = {path: client.get(path).get_data(as_text=True) for path in paths}
    leaks = [path for path, text in texts.items() if "密语" in text or "1397777" in text or "19900" in text]
    assert not leaks, [texts[path] for path in leaks]


def wish(town, **more):
    return {
        "item": "errand", "office_id": town.ids["station"], "address": "青年路 1 号", "on_behalf": True,
        "contact_name": "赵爷爷", "contact_phone": "13800001111", "as_soon": True, **more,
    }  # fmt: skip


def test_a_key_places_an_order_once_for_its_own_subtree_and_the_journal_names_the_key(town, site):
    row, text = key(town, Scope.ORDERS_WRITE)
    client = holder(site, text)
    answers = [client.post("/api/v1/orders", json=wish(town), headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].get_data(as_text=True)
    (order,) = db.session.scalars(select(Order)).all()
    assert (order.channel, order.requester_id) == (Channel.API, None)
    placed = db.session.scalar(select(Event).filter_by(kind=EventKind.ORDER_PLACE))
    assert (placed.actor_id, placed.actor_name, placed.particulars["api_key"]) == (None, "热线系统", row.id)
    beside = client.post("/api/v1/orders", json=wish(town, office_id=town.ids["far"]))
    assert beside.status_code == 404
    assert client.post(f"/api/v1/orders/{order.id}/cancellation", json={"reason": "不需要了"}).status_code == 200


def test_a_key_opens_no_page_and_no_session(town, site):
    _row, text = key(town, *EVERY_SCOPE)
    client = holder(site, text)
    assert client.get("/board").status_code == 303
    assert client.get("/me").status_code == 303
    assert actor_of_token(text) == NOBODY, "sockets ask with it"


def test_keys_are_issued_and_revoked_by_administrators_of_the_subtree_only(town):
    row, _text = key(town, Scope.BOARD_READ)
    with pytest.raises(NotAllowed):
        api_keys.issue(town.ids["west"], "x", [Scope.BOARD_READ], 30, actor=town.coordinator())
    with pytest.raises(NotAllowed):
        api_keys.revoke(row.id, actor=town.supervisor())
    _revoke(town, row)
    with pytest.raises(NotFound):
        _revoke(town, row)
    kinds = db.session.scalars(select(Event.kind).filter_by(subject_id=row.id)).all()
    assert kinds == [EventKind.API_KEY_ISSUE, EventKind.API_KEY_REVOKE]


@pytest.mark.parametrize(
    ("days", "networks", "scopes", "field"),
    [
        (366, (), [Scope.BOARD_READ], "days"),
        (0, (), [Scope.BOARD_READ], "days"),
        (30, ("here",), [Scope.BOARD_READ], "networks"),
        (30, ["10.0.0.1"] * 21, [Scope.BOARD_READ], "networks"),
        (30, (), [], "scopes"),
    ],
)
def test_a_key_has_bounds(town, days, networks, scopes, field):
    with pytest.raises(Invalid) as refused:
        key(town, *scopes, days=days, networks=networks)
    assert set(refused.value.fields) == {field}


def test_the_last_use_is_remembered_to_ten_minutes(town, site):
    row, text = key(town, Scope.BOARD_READ)
    client = holder(site, text)
    client.get("/api/v1/board")
    first = db.session.get(ApiKey, row.id).used_at
    advance(minutes=5)
    client.get("/api/v1/board")
    db.session.expire_all()
    assert db.session.get(ApiKey, row.id).used_at == first
    advance(minutes=6)
    client.get("/api/v1/board")
    db.session.expire_all()
    assert db.session.get(ApiKey, row.id).used_at > first


def test_a_key_dispatches_in_its_subtree_and_the_journal_names_it(town, site):
    order, volunteer = town.open_order(), town.volunteer()
    row, text = key(town, Scope.DISPATCH)
    client = holder(site, text)
    offered = client.post(f"/api/v1/orders/{order.id}/offers", json={"volunteer_id": volunteer.volunteer_id})
    assert offered.status_code == 201, offered.get_data(as_text=True)
    assert client.post(f"/api/v1/offers/{offered.get_json()['id']}/withdrawal").status_code == 200
    assert client.post(f"/api/v1/orders/{order.id}/redispatch").status_code < 300
    assert client.post(f"/api/v1/orders/{order.id}/escalation").status_code < 300
    made = db.session.scalar(select(Event).filter_by(kind=EventKind.OFFER_MAKE))
    assert (made.actor_id, made.particulars["api_key"]) == (None, row.id)
    beside = town.open_order(office=town.ids["far"])
    assert client.get(f"/api/v1/orders/{beside.id}/candidates").status_code == 404
    assert client.post(f"/api/v1/orders/{order.id}/approval").status_code == 403


def test_so_many_requests_a_minute_for_each_key(sqlite_database, tmp_path):
    app = create_app(
        Settings(database_url=sqlite_database, instance=tmp_path, testing=True, scheduler=False, solver="inline",
                 rate_limits=True, api_key_per_minute=3)
    )  # fmt: skip
    with app.app_context():
        town = World().build()
        one, other = (holder(app, key(town, Scope.BOARD_READ)[1]) for _ in range(2))
        assert [one.get("/api/v1/offices").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert other.get("/api/v1/offices").status_code == 200
        db.session.remove()
        db.engine.dispose()
