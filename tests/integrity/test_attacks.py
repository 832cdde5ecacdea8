"""What somebody of bad intent would try, through the doors everybody has. One test an attack that once worked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.dispatching import queries as dispatching
from app.dispatching import service as dispatch
from app.extensions import limiter
from app.kernel import clock, errors
from app.kernel.access import NOBODY
from app.kernel.transaction import command
from app.kernel.web import local_path
from app.ordering import queries as ordering_queries
from app.ordering import service as ordering
from app.people import service as people
from app.people import sessions
from app.rating import service as rating
from app.serving import openings
from app.serving import service as serving
from models import Order, Resident, SavedAddress, Volunteer, db
from models.kinds import Channel
from models.states import OrderStatus
from tests.factories import csrf_of
from tests.live.test_watching import listener, watch
from tests.ordering.wishes import errand, wish
from tests.serving.steps import fresh, offered, profile, served, taken


@command
def changed(table, key, **fields):
    """A fact of the world, written directly."""
    row = db.session.get(table, key)
    for name, value in fields.items():
        setattr(row, name, value)


def dual(town, account_id, role, office):
    """The same person with one more role."""
    from app.people.identity import actor_of
    from models import RoleGrant

    @command
    def grant():
        db.session.add(RoleGrant(account_id=account_id, role=role, office_id=office, created_at=clock.now()))

    grant()
    return actor_of(account_id)


# ---------- whoever orders in somebody else's name ----------


def test_naming_a_neighbour_does_not_show_how_to_get_into_their_home(town, site):
    victim = town.resident("陈桂英", access_notes="钥匙在门垫下")
    row = db.session.get(Resident, victim.resident_id)
    body = {"item": "errand", "on_behalf": True, "contact_name": row.name, "contact_phone": row.phone,
            "office_id": town.ids["station"], "address": "1 幢", "as_soon": True}  # fmt: skip
    answer = town.program(site, town.resident("坏人")).post("/api/v1/orders", json=body)
    assert answer.status_code == 201
    assert answer.json["access_notes"] == ""


def test_nobody_writes_a_place_into_somebody_elses_address_book(town):
    victim = db.session.get(Resident, town.resident("陈桂英").resident_id)
    told = {"on_behalf": True, "contact_name": victim.name, "contact_phone": victim.phone, "remember": True}
    ordering.place(actor=town.resident("坏人"), **errand(town, **told))
    assert db.session.scalars(select(SavedAddress)).all() == []
    ordering.place(actor=town.coordinator(), channel=Channel.PHONE, **errand(town, **told))
    assert len(db.session.scalars(select(SavedAddress)).all()) == 1, "the desk that took the call may"


def test_a_title_of_ones_own_never_passes_as_an_item_nobody_has_to_look_at(town):
    order = ordering.place(actor=town.resident(), **errand(town, title="来我家喝酒，加我微信"))
    assert (order.status, order.title) == (OrderStatus.OPEN, "errand")


def test_a_coordinator_who_took_the_call_does_not_become_the_resident(town, site):
    desk, caller = town.coordinator(), town.resident("陈桂英")
    order = ordering.place(
        actor=desk, channel=Channel.PHONE, **errand(town, resident_id=caller.resident_id)
    )  # fmt: skip
    assert "start_code" not in town.program(site, desk).get(f"/api/v1/orders/{order.id}").json
    ordering.transfer(order.id, town.ids["far"], "不归我们管", actor=desk)
    assert town.program(site, desk).get(f"/api/v1/orders/{order.id}").status_code == 404
    assert town.browser(site, desk).get(f"/orders/{order.id}").status_code == 404
    assert order.number not in town.browser(site, desk).get("/orders").text
    with pytest.raises(errors.NotFound):
        ordering.cancel(order.id, "不要了", actor=desk)


def test_a_stranger_learns_no_address_from_a_residents_id(town):
    resident = town.resident()
    order = town.open_order(resident)
    changed(Order, order.id, requester_id=None)
    assert ordering_queries.last_place(NOBODY, resident.resident_id) is None


# ---------- hours without service ----------


def test_a_coordinator_cannot_send_herself_to_the_order_she_wrote_down(town):
    person = dual(town, town.volunteer().account_id, "coordinator", town.ids["station"])
    caller = town.resident("陈桂英")
    order = ordering.place(actor=person, channel=Channel.PHONE, **wish(town, resident_id=caller.resident_id))
    with pytest.raises(errors.NotFitting):
        dispatch.offer_by_hand(order.id, person.volunteer_id, actor=person, despite=True)


def test_a_coordinator_does_not_rate_the_visit_she_made_herself(town):
    person = dual(town, town.volunteer().account_id, "coordinator", town.ids["station"])
    order = town.open_order()
    served(order, person)
    with pytest.raises(errors.NotAllowed):
        rating.rate(order.id, actor=person, stars=3)
    assert rating.rate(order.id, actor=town.coordinator(), stars=3)


def test_a_coordinator_does_not_verify_herself_as_a_volunteer(town):
    person = dual(town, town.volunteer().account_id, "coordinator", town.ids["station"])
    changed(Volunteer, person.volunteer_id, is_verified=False)
    with pytest.raises(errors.OwnEntry):
        people.verify_volunteer(person.volunteer_id, actor=person)
    assert people.verify_volunteer(person.volunteer_id, actor=town.coordinator()).is_verified


def test_the_code_of_the_first_visit_does_not_open_the_second(town):
    resident, volunteer = town.resident(), town.volunteer()
    order = town.open_order(resident)
    served(order, volunteer)
    changed(Order, order.id, start_code="done")
    rating.reopen(order.id, "没做好", actor=resident)
    assert fresh(order).start_code.isdigit()


def test_guessing_the_code_ends_for_good_after_a_few_tries(town):
    volunteer, order = town.volunteer(), town.open_order()
    assignment = taken(order, volunteer)
    clock.advance(assignment.starts_at - clock.now())
    wrong = 0
    for _round in range(6):
        for _try in range(5):
            with pytest.raises(errors.WrongCode):
                serving.check_in(assignment.id, actor=volunteer, code="0000")
            wrong += 1
        clock.advance(timedelta(minutes=11))
    with pytest.raises(errors.WrongCode):
        serving.check_in(assignment.id, actor=volunteer, code=fresh(order).start_code)
    assert serving.check_in(assignment.id, actor=volunteer), "one's own word is still taken"


# ---------- what a volunteer says of themselves ----------


def test_a_skill_counts_only_once_the_station_has_seen_it(town):
    volunteer, order = town.volunteer(skills=[]), town.open_order(item="escort")
    people.amend_volunteer(actor=volunteer, skills=["escort"])
    assert {one.rule for one in dispatching.conflicts(order, profile(volunteer))} == {"skills"}
    people.verify_volunteer(volunteer.volunteer_id, actor=town.coordinator())
    assert dispatching.conflicts(order, profile(volunteer)) == []


@pytest.mark.parametrize("claim", [{"sex": "female"}, {"birth_year": 1960}])
def test_who_changes_sex_or_age_must_be_met_again(town, site, claim):
    volunteer = town.volunteer(sex="male", birth_year=2009)
    assert town.program(site, volunteer).patch("/api/v1/me/volunteer", json=claim).status_code == 200
    assert not fresh(profile(volunteer)).is_verified
    with pytest.raises(errors.NotFitting):
        serving.claim(town.open_order().id, actor=volunteer)


def test_one_volunteers_papers_are_not_shown_to_the_others(town, site):
    secret = "精神残疾证"
    people.add_credential(actor=town.volunteer("甲"), kind=secret)
    assert secret not in town.browser(site, town.volunteer("乙")).get("/volunteer/profile").text


# ---------- where somebody lives, before the yes ----------


def test_an_address_is_not_found_by_measuring_from_many_places(town, site):
    """Homes can be moved and radiuses turned: the distance told must not follow the exact door."""
    one, other = town.open_order(), town.open_order()
    door = (one.lat + 0.0004, one.lon + 0.0004)  # some 60 m away
    changed(Order, other.id, lat=door[0], lon=door[1])
    told = set()
    for north in (0.6, 1.1, 2.3):
        volunteer = town.volunteer(north_km=north)
        rows = town.program(site, volunteer).get("/api/v1/open-orders?within=5000").json
        told.add(len({row["distance_m"] for row in rows}))
        assert len(rows) == 2
    assert told == {1}, "two doors of one block are the same distance away"


def test_the_radius_of_the_search_is_no_ruler(town):
    volunteer, order = profile(town.volunteer(north_km=1.6)), town.open_order()
    [shown] = openings.open_orders(volunteer)
    edge = shown.distance_m
    for north in (-0.0004, 0, 0.0004):
        changed(Order, order.id, lat=town.station.lat + north)
        found = [len(openings.open_orders(volunteer, within_m=edge + more)) for more in (-1, 0)]
        assert found == [0, 1], "the same for every door of the block"
        changed(Volunteer, volunteer.id, radius_m=edge)
        assert openings.demand(fresh(volunteer)).asked == 1


def test_an_offer_tells_programs_a_rounded_distance(town, site):
    volunteer = town.volunteer()
    offer = offered(town.open_order(), volunteer)
    changed(type(offer), offer.id, distance_m=517)
    program = town.program(site, volunteer)
    assert program.get(f"/api/v1/offers/{offer.id}").json["distance_m"] == 500
    assert program.get("/api/v1/offers").json[0]["distance_m"] == 500


@pytest.mark.parametrize("hours", [23, 25])
def test_both_doors_forget_the_address_at_the_same_moment(town, site, hours):
    volunteer, order = town.volunteer(), town.open_order(hours=4)
    assignment = served(order, volunteer, minutes=30)
    clock.advance(timedelta(hours=hours))
    program = town.program(site, volunteer)
    contact = program.get(f"/api/v1/assignments/{assignment.id}").json["contact"]
    assert ("contact_phone" in program.get(f"/api/v1/orders/{order.id}").json) == (contact is not None) == (hours == 23)


# ---------- words meant for somebody else ----------


def test_a_volunteer_who_was_only_asked_reads_no_ratings(town, site):
    asked, came, resident = town.volunteer("甲"), town.volunteer("乙"), town.resident()
    order = town.open_order(resident)
    dispatch_offer = offered(order, asked)
    serving.decline(dispatch_offer.id, actor=asked)
    assignment = served(order, came)
    rating.rate(order.id, actor=resident, stars=2, words="来晚了")
    rating.speak(assignment.id, actor=came, stars=3, words="门不好找")
    path = f"/api/v1/orders/{order.id}/ratings"
    assert town.program(site, asked).get(path).json == []
    assert len(town.program(site, came).get(path).json) == 2
    assert len(town.program(site, resident).get(path).json) == 2


def test_a_resident_does_not_hear_that_the_volunteer_complained(town, site):
    volunteer, resident, desk = town.volunteer(), town.resident(), town.coordinator()
    order = town.open_order(resident)
    assignment = served(order, volunteer)
    rating.rate(order.id, actor=resident, stars=3)
    rating.speak(assignment.id, actor=volunteer, stars=1, words="有狗")
    from models import FollowUp

    row = db.session.scalars(select(FollowUp)).one()
    rating.resolve_follow_up(row.id, "已经提醒居民拴好狗", actor=desk)
    assert "拴好狗" not in town.browser(site, resident).get(f"/orders/{order.id}/rating").text


def test_who_only_watches_reads_as_little_by_program_as_on_the_page(town, site):
    watcher, desk, volunteer = town.supervisor(), town.coordinator(name="欧阳修远"), town.volunteer()
    order = town.open_order()
    ordering.note(order.id, "备注里写了病情", actor=desk)
    assignment = served(order, volunteer, lat=31.0, lon=121.0)
    rating.rate(order.id, actor=desk, stars=1, words="评价里写了名字")
    rating.enter_hours(assignment.id, 30, "时长的原因", actor=desk)
    from models import FollowUp

    row = db.session.scalars(select(FollowUp)).one()
    changed(Order, order.id, reason="单子的原因")
    program = town.program(site, watcher)
    paths = (f"orders/{order.id}", f"orders/{order.id}/events", f"orders/{order.id}/ratings", "follow-ups", "hours")
    told = "".join(program.get(f"/api/v1/{path}").get_data(as_text=True) for path in paths)
    for word in ("备注里写了病情", "欧阳修远", "评价里写了名字", "时长的原因", "单子的原因"):
        assert word not in told
    assert row.cause in told
    by_desk = "".join(town.program(site, desk).get(f"/api/v1/{path}").get_data(as_text=True) for path in paths)
    for word in ("备注里写了病情", "欧阳修远", "评价里写了名字", "时长的原因", "单子的原因"):
        assert word in by_desk


def test_a_coordinator_of_one_place_reads_no_words_where_she_only_watches(town, site):
    person = dual(town, town.coordinator().account_id, "supervisor", town.ids["far"])
    order = town.open_order(office=town.ids["far"], approve=False, words="我一个人住在三楼")
    page = town.browser(site, person).get("/desk/review").text
    assert "我一个人住在三楼" not in page
    assert order.id not in page


# ---------- doors ----------


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
