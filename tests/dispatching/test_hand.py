"""Asking somebody of the coordinator's own choice: warned first, and with time to undo it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.dispatching import hand, queries, service, timers
from app.kernel import clock
from app.kernel.clock import now
from app.kernel.errors import NotAllowed, NotFitting, NotFound, WrongState
from app.serving import queries as tasks
from app.serving import service as serving
from models import Notification, Offer, Office, db
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers, one_at_a_time, set_for
from tests.factories import csrf_of

JSON = {"Accept": "application/json"}


def told(person):
    """What stands in somebody's inbox."""
    db.session.rollback()
    return [row.kind for row in db.session.query(Notification).filter_by(account_id=person.account_id)]


def asked(order, person, actor, **more):
    return service.offer_by_hand(order.id, person.volunteer_id, actor=actor, undoable=True, **more)


def test_the_volunteer_hears_nothing_until_the_time_for_undoing_is_over(world):
    person, desk, order = world.volunteer(), world.coordinator(), world.open_order()
    offer = asked(order, person, desk)
    timers.tick()
    assert told(person) == [] and tasks.live_offers(person.volunteer_id) == []
    with pytest.raises(NotFound):
        tasks.offer_for(offer.id, person)
    clock.advance(timedelta(seconds=10))
    timers.tick()
    timers.tick()
    assert told(person) == ["offer"] and [one.id for one in tasks.live_offers(person.volunteer_id)] == [offer.id]
    assert kinds(order).count("offer.send") == 1


def test_sending_too_early_or_twice_is_harmless(world):
    person, desk, order = world.volunteer(), world.coordinator(), world.open_order()
    offer = asked(order, person, desk)
    hand.send(offer.id)
    assert told(person) == []
    clock.advance(timedelta(seconds=10))
    hand.send(offer.id)
    hand.send(offer.id)
    assert told(person) == ["offer"]


def test_undone_in_time_nobody_was_troubled_and_the_journal_knows(world):
    person, desk, order = world.volunteer(), world.coordinator(), world.open_order()
    offer = asked(order, person, desk)
    clock.advance(timedelta(seconds=9))
    service.undo_offer(offer.id, actor=desk, key="once")
    service.undo_offer(offer.id, actor=desk, key="once")
    assert (fresh(order).status, told(person)) == ("open", [])
    assert kinds(order)[-3:] == ["offer.make", "offer.withdraw", "order.wait"]
    clock.advance(timedelta(minutes=1))
    timers.tick()
    assert told(person) == []
    assert asked(order, person, desk).status == "sent", "an undone offer is held against nobody"


def test_what_has_gone_out_or_was_accepted_is_not_undone(world):
    person, desk, order = world.volunteer(), world.coordinator(), world.open_order()
    offer = asked(order, person, desk)
    clock.advance(timedelta(seconds=10))
    with pytest.raises(WrongState):
        service.undo_offer(offer.id, actor=desk)
    second, claimer = world.open_order(), world.volunteer("自己来的")
    held = asked(second, claimer, desk)
    serving.claim(second.id, actor=claimer)
    with pytest.raises(WrongState, match="wrong_state"):
        service.undo_offer(held.id, actor=desk)
    timers.tick()
    assert "offer" not in told(claimer)


def test_only_the_desk_of_the_order_undoes(world):
    person, order = world.volunteer(), world.open_order()
    offer = asked(order, person, world.coordinator())
    with pytest.raises(NotFound):
        service.undo_offer(offer.id, actor=world.coordinator(world.ids["east"]))


def test_an_office_may_send_at_once(world):
    set_for(world.ids["street"], "undo_seconds", 0)
    person, desk = world.volunteer(), world.coordinator()
    offer = asked(world.open_order(), person, desk)
    assert (service.seconds_to_undo(offer), told(person)) == (0, ["offer"])


def test_an_order_that_ends_meanwhile_says_nothing_to_the_one_who_was_never_asked(world):
    person, desk, order = world.volunteer(), world.coordinator(), world.open_order()
    asked(order, person, desk)
    service.withdraw_offer(live(order)[0].id, actor=desk)
    assert told(person) == []


def test_a_wished_time_is_kept_and_one_the_resident_did_not_ask_for_is_refused(world):
    person, desk = world.volunteer(), world.coordinator()
    order = world.open_order(starts=now() + timedelta(hours=5), hours=4, duration_minutes=60)
    wished = order.window_from + timedelta(minutes=45)
    assert asked(order, person, desk, starts_at=wished).starts_at == wished
    with pytest.raises(NotFitting) as refused:
        asked(order, world.volunteer("乙"), desk, starts_at=order.window_until, despite=True)
    assert [one["binding"] for one in refused.value.more["conflicts"] if one["rule"] == "window"] == [True]


def test_an_offer_elsewhere_at_that_time_is_a_warning(world):
    person, desk = world.volunteer(), world.coordinator()
    first, second = world.open_order(), world.open_order()
    asked(first, person, desk)
    with pytest.raises(NotFitting) as refused:
        asked(second, person, desk)
    assert [one["rule"] for one in refused.value.more["conflicts"]] == ["asked_elsewhere"]
    assert refused.value.more["confirm"] == {"despite": "1"}
    made = asked(second, person, desk, despite=True)
    assert made.terms["despite"] == ["asked_elsewhere"]


# ---------- the doors ----------


@pytest.fixture
def desk(site, town):
    return town.browser(site, town.coordinator())


def test_the_door_says_how_to_undo_and_the_undo_works(town, desk):
    person, order = town.volunteer(), town.open_order()
    token = {"csrf_token": csrf_of(desk.get(f"/desk/orders/{order.id}").text)}
    door = f"/desk/orders/{order.id}/offers"
    made = desk.post(door, data=token | {"volunteer_id": person.volunteer_id}, headers=JSON)
    assert made.status_code == 200 and made.get_json()["seconds"] == 10
    page = desk.get(f"/desk/orders/{order.id}/parts/people").text
    assert made.get_json()["undo"] in page
    undone = desk.post(made.get_json()["undo"], data=token, headers=JSON)
    assert (undone.status_code, live(order)) == (200, [])
    again = desk.post(made.get_json()["undo"], data=token, headers=JSON)
    assert (again.status_code, again.mimetype) == (409, "application/problem+json")


def test_conflicts_are_a_page_that_asks_and_works_without_scripts(town, desk):
    person, order = town.volunteer(skills=[]), town.open_order()
    token = {"csrf_token": csrf_of(desk.get(f"/desk/orders/{order.id}").text)}
    form = token | {"volunteer_id": person.volunteer_id, "_next": "/board"}
    page = desk.post(f"/desk/orders/{order.id}/offers", data=form)
    assert page.status_code == 409 and "没有所需技能" in page.text and "仍要这样做" in page.text
    assert 'name="despite" value="1"' in page.text and 'name="_next" value="/board"' in page.text
    answer = desk.post(f"/desk/orders/{order.id}/offers", data=form, headers=JSON)
    assert answer.status_code == 200 and answer.get_json()["ask"]["confirm"] == {"despite": "1"}
    assert desk.post(f"/desk/orders/{order.id}/offers", data=form | {"despite": "1"}).location == "/board"
    assert offers(order)[0].terms["despite"] == ["skills"]
    assert "破例：没有所需技能" in desk.get(f"/desk/orders/{order.id}/parts/history").text


def test_what_may_not_be_set_aside_is_said_without_a_button(town, desk):
    person, order = town.volunteer(is_verified=False), town.open_order()
    token = {"csrf_token": csrf_of(desk.get(f"/desk/orders/{order.id}").text)}
    page = desk.post(f"/desk/orders/{order.id}/offers", data=token | {"volunteer_id": person.volunteer_id})
    assert page.status_code == 409 and "不能破例" in page.text and "仍要这样做" not in page.text
    assert db.session.query(Offer).count() == 0


def test_programs_send_at_once_unless_they_wish_to_undo(site, town):
    desk, order = town.program(site, town.coordinator()), town.open_order()
    body = {"volunteer_id": town.volunteer("甲").volunteer_id}
    made = desk.post(f"/api/v1/orders/{order.id}/offers", json=body | {"undoable": True}).get_json()
    assert made["held_until"] and desk.post(made["undo_url"]).get_json()["status"] == "withdrawn"
    assert desk.post(f"/api/v1/orders/{order.id}/offers", json=body).get_json()["undo_url"] is None


def test_a_run_leaves_held_offers_their_place(world):
    one_at_a_time(world)
    world.volunteer("别人")
    order = world.open_order()
    asked(order, world.volunteer("选中的"), world.coordinator())
    dispatched()
    assert len(live(order)) == 1


# ---------- another person, another time ----------


def test_an_offer_is_given_to_somebody_else_in_one_step(world):
    first, second, desk = world.volunteer("甲"), world.volunteer("乙"), world.coordinator()
    order = world.open_order()
    offer = service.offer_by_hand(order.id, first.volunteer_id, actor=desk)
    moved = service.move_offer(offer.id, volunteer_id=second.volunteer_id, actor=desk, key="once")
    assert service.move_offer(offer.id, volunteer_id=second.volunteer_id, actor=desk, key="once").id == moved.id
    assert [one.volunteer_id for one in live(order)] == [second.volunteer_id]
    assert told(first) == ["offer", "offer_withdrawn"] and kinds(order).count("order.wait") == 0
    with pytest.raises(WrongState):
        service.move_offer(offer.id, volunteer_id=first.volunteer_id, actor=desk)


def test_the_same_person_is_asked_for_another_time_without_a_word_of_withdrawal(world):
    person, desk = world.volunteer(), world.coordinator()
    order = world.open_order(starts=now() + timedelta(hours=5), hours=4, duration_minutes=60)
    offer = service.offer_by_hand(order.id, person.volunteer_id, actor=desk)
    wished = order.window_from + timedelta(hours=2)
    assert service.move_offer(offer.id, starts_at=wished, actor=desk).starts_at == wished
    clock.advance(timedelta(seconds=10))
    timers.tick()
    assert told(person) == ["offer", "offer"]


def test_a_move_that_does_not_fit_leaves_the_old_offer_standing(world):
    first, unskilled, desk = world.volunteer("甲"), world.volunteer("乙", skills=[]), world.coordinator()
    order = world.open_order()
    offer = service.offer_by_hand(order.id, first.volunteer_id, actor=desk)
    with pytest.raises(NotFitting):
        service.move_offer(offer.id, volunteer_id=unskilled.volunteer_id, actor=desk)
    assert [one.id for one in live(order)] == [offer.id] and told(first) == ["offer"]


def test_a_yes_is_taken_away_only_when_the_coordinator_says_so_by_itself(world):
    first, second, desk = world.volunteer("甲"), world.volunteer("乙"), world.coordinator()
    resident = world.resident()
    order = world.open_order(resident)
    task = serving.claim(order.id, actor=first)
    with pytest.raises(NotFitting) as refused:
        serving.move_assignment(task.id, volunteer_id=second.volunteer_id, despite=True, actor=desk)
    assert refused.value.more["confirm"] == {"despite": "1", "agreed": "1"} and fresh(order).status == "staffed"
    made = serving.move_assignment(task.id, volunteer_id=second.volunteer_id, agreed=True, actor=desk)
    assert (made.volunteer_id, fresh(order).status) == (second.volunteer_id, "offering")
    assert told(first)[-1] == "order_cancelled" and "order_changed" in told(resident)
    assert serving.accept(made.id, actor=second).order_id == order.id


def test_the_same_person_gets_a_new_time_and_must_agree_again(world):
    person, desk = world.volunteer(), world.coordinator()
    order = world.open_order(starts=now() + timedelta(hours=5), hours=4, duration_minutes=60)
    task = serving.claim(order.id, actor=person)
    wished = order.window_from + timedelta(hours=3)
    made = serving.move_assignment(task.id, starts_at=wished, agreed=True, actor=desk)
    assert (made.starts_at, made.status) == (wished, "sent")
    assert serving.accept(made.id, actor=person).starts_at == wished


def test_a_visit_under_way_is_not_moved(world):
    person, desk, order = world.volunteer(), world.coordinator(), world.open_order()
    task = serving.claim(order.id, actor=person)
    clock.advance(order.window_from - now())
    serving.check_in(task.id, code=order.start_code, actor=person)
    with pytest.raises(WrongState):
        serving.move_assignment(task.id, agreed=True, actor=desk)


def test_the_page_for_moving_asks_and_moves(town, desk):
    first, second = town.volunteer("甲"), town.volunteer("乙")
    order = town.open_order()
    task = serving.claim(order.id, actor=first)
    page = desk.get(f"/desk/orders/{order.id}/moving?held={task.id}").text
    assert "甲" in page and "乙" in page
    form = {"csrf_token": csrf_of(page), "volunteer_id": second.volunteer_id, "starts_at": ""}
    asked_first = desk.post(f"/desk/assignments/{task.id}/move", data=form)
    assert asked_first.status_code == 409 and 'name="agreed" value="1"' in asked_first.text
    assert desk.post(f"/desk/assignments/{task.id}/move", data=form | {"agreed": "1"}).status_code == 303
    (offer,) = live(order)
    back = desk.post(f"/desk/offers/{offer.id}/move", data=form | {"volunteer_id": first.volunteer_id}, headers=JSON)
    assert back.get_json()["ask"]["conflicts"][0]["rule"] == "already_offered"
    assert desk.get(f"/desk/orders/{order.id}/moving?held=nobody").status_code == 404


# ---------- automatic dispatch, and what it would do ----------


def test_with_automatic_dispatch_off_runs_leave_the_offices_orders_alone(world):
    world.volunteer()
    desk, order = world.coordinator(world.ids["street"]), world.open_order()
    service.set_automatic(world.ids["street"], False, actor=desk)
    assert dispatched() is None and live(order) == []
    assert len(queries.preview(db.session.get(Office, world.ids["street"]), actor=desk).suggestions) == 1
    service.set_automatic(world.ids["street"], True, actor=desk)
    dispatched()
    assert len(live(order)) == 1


def test_only_ones_own_office_is_switched(world):
    with pytest.raises(NotFound):
        service.set_automatic(world.ids["street"], False, actor=world.coordinator(world.ids["east"]))
    with pytest.raises(NotAllowed):
        service.set_automatic(world.ids["station"], False, actor=world.volunteer())


def test_the_preview_lists_people_with_reasons_and_publishes_what_is_ticked(town, desk):
    town.volunteer("周到"), town.volunteer("周全")
    first, second = town.open_order(), town.open_order()
    hopeless = town.open_order(item="bathing", positions=2, starts=now() + timedelta(days=1))
    page = desk.get("/desk/proposals").text
    assert "2 张单有人可派，1 张还没有" in page and hopeless.number in page and db.session.query(Offer).count() == 0
    picks = re.findall(r'name="pick" value="([^"]+)"', page)
    form = {"csrf_token": csrf_of(page), "pick": picks[0]}
    assert desk.post("/desk/proposals", data=form).status_code == 303
    assert len(live(first)) + len(live(second)) == 1
    again = desk.post("/desk/proposals", data=form, headers=JSON).get_json()
    assert again["asked"] == 0 and len(again["refused"]) == 1
    for wrong in (
        "nonsense",
        f"{first.id}:nobody:2026-11-24T12:00:00",
        f"nothing:{'0' * 20}:2026-11-24T12:00:00+08:00",
    ):
        assert desk.post("/desk/proposals", data=form | {"pick": wrong}).status_code == 404


def test_a_button_pressed_twice_asks_once_and_says_the_same(town, desk):
    town.volunteer(), town.open_order()
    page = desk.get("/desk/proposals").text
    form = {"csrf_token": csrf_of(page), "pick": re.findall(r'name="pick" value="([^"]+)"', page), "_key": "pressed"}
    for _ in range(2):
        assert desk.post("/desk/proposals", data=form, headers=JSON).get_json()["asked"] == 1
    assert db.session.query(Offer).count() == 1


def test_where_nothing_is_sought_the_preview_says_so(town, desk):
    assert "现在没有在找人的单子" in desk.get("/desk/proposals").text


def test_the_switch_of_the_board_says_what_it_does(town, desk):
    page = desk.get("/board").text
    door = re.search(r'action="(/desk/offices/\w+/automatic)"', page)[1]
    assert "自动派单：开" in page
    assert desk.post(door, data={"csrf_token": csrf_of(page), "on": "0"}).status_code == 303
    assert "自动派单：关" in desk.get("/board").text
