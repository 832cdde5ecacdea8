"""One tap, and the words that may come after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel import clock, errors
from app.kernel.access import Actor
from app.rating import service as rating
from app.serving import service as serving
from models import Event, FollowUp, Order, Rating, db
from models.kinds import EventKind, Outcome
from models.states import OrderStatus
from tests.factories import World, csrf_of
from tests.serving.steps import fresh, post, served, taken

MORE = {"outcome": Outcome.DONE, "tags": ["kind"], "words": "小李很细心"}


def tapped(world: World, stars: int = 3) -> tuple[Actor, Order]:
    """A served order with nothing but a mark, and who gave it."""
    resident = world.resident()
    order = world.open_order(resident)
    served(order, world.volunteer())
    rating.rate(order.id, actor=resident, stars=stars)
    return resident, order


def everything(table: type) -> list:
    db.session.expire_all()
    return list(db.session.scalars(select(table)))


def test_words_are_added_once_to_every_visit_of_an_order_that_is_closed_already(world: World) -> None:
    resident, helpers = world.resident(), [world.volunteer("一"), world.volunteer("二")]
    order = world.open_order(resident, positions=2)
    visits = [(taken(order, helper), helper) for helper in helpers]
    clock.advance(order.window_from - clock.now())
    for step in (
        lambda one, who: serving.check_in(one, actor=who, code="4821"),
        lambda one, who: serving.check_out(one, actor=who),
    ):
        for assignment, helper in visits:
            step(assignment.id, helper)
    rating.rate(order.id, actor=resident, stars=3)

    for _ in range(2):
        rating.add_words(order.id, actor=resident, key="w", **MORE)

    assert [(row.stars, row.tags, row.words) for row in everything(Rating)] == [(3, ["kind"], "小李很细心")] * 2
    assert fresh(order).status == OrderStatus.CLOSED
    kinds = [event.kind for event in everything(Event) if event.order_id == order.id]
    assert kinds.count(EventKind.RATING_ADD) == 1
    with pytest.raises(errors.AlreadyRated):
        rating.add_words(order.id, actor=resident, **MORE)


def test_words_are_added_while_the_order_is_disputed_but_not_once_it_is_opened_again(town: World) -> None:
    resident, order = tapped(town)
    rating.dispute(order.id, "时间记错了", actor=resident)
    rating.add_words(order.id, actor=resident, **MORE)
    resident, order = tapped(town)
    rating.reopen(order.id, "没做完", actor=resident)
    with pytest.raises(errors.WrongState):
        rating.add_words(order.id, actor=resident, **MORE)


def test_only_who_tapped_adds_words_and_only_for_seven_days(town: World) -> None:
    resident, order = tapped(town)
    with pytest.raises(errors.AlreadyRated):
        rating.add_words(order.id, actor=town.coordinator(), **MORE)
    for stranger in (town.resident("李四"), town.volunteer("张三"), town.coordinator(town.ids["far"])):
        with pytest.raises(errors.NotFound):
            rating.add_words(order.id, actor=stranger, **MORE)
    clock.advance(timedelta(days=7))
    with pytest.raises(errors.WrongState):
        rating.add_words(order.id, actor=resident, **MORE)
    assert [row.words for row in everything(Rating)] == [""]


def test_there_is_nothing_to_add_to_before_the_tap(town: World) -> None:
    resident = town.resident()
    order = town.open_order(resident)
    served(order, town.volunteer())
    with pytest.raises(errors.WrongState):
        rating.add_words(order.id, actor=resident, **MORE)


@pytest.mark.parametrize(
    ("stars", "outcome", "causes"),
    [(3, "half_done", ["half_done"]), (2, "not_done", ["not_done"]), (3, "no_longer_needed", []), (2, "done", []),
     (1, "done", ["bad_mark"]), (1, "not_done", ["not_done"])],
)  # fmt: skip
def test_what_was_not_done_is_followed_up_once_however_late_it_is_said(
    town: World, stars: int, outcome: str, causes: list[str]
) -> None:
    resident, order = tapped(town, stars)
    rating.add_words(order.id, actor=resident, outcome=outcome, words="地没拖")
    found = everything(FollowUp)
    assert [row.cause for row in found] == causes
    assert all(row.words == "地没拖" for row in found)
    assert fresh(order).status == (OrderStatus.RATED if stars == 1 else OrderStatus.CLOSED)
    for row in found:
        rating.resolve_follow_up(row.id, "补做了", actor=town.coordinator())
    assert fresh(order).status == OrderStatus.CLOSED


def test_words_about_the_second_round_leave_the_first_one_alone(town: World) -> None:
    resident = town.resident()
    order = town.open_order(resident, item="errand", hours=1, window_until=clock.now() + timedelta(days=1, hours=9))
    served(order, town.volunteer(), minutes=30)
    rating.rate(order.id, actor=resident, stars=1)
    rating.add_words(order.id, actor=resident, words="第一次没做好")
    first = everything(FollowUp)[0]
    rating.reopen(order.id, "再来一次", actor=resident)  # goes on at once, by the rule for low risk
    again = serving.claim(order.id, actor=(second := town.volunteer("张三")))
    clock.advance(again.starts_at - clock.now())
    serving.check_in(again.id, actor=second, code=fresh(order).start_code)
    serving.check_out(again.id, actor=second)
    with pytest.raises(errors.WrongState):
        rating.add_words(order.id, actor=resident, **MORE)
    rating.rate(order.id, actor=resident, stars=3)
    rating.add_words(order.id, actor=resident, outcome="half_done", words="第二次只做了一半")
    assert sorted(row.words for row in everything(Rating)) == ["第一次没做好", "第二次只做了一半"]
    assert fresh(first).words == "第一次没做好"


# ---------- pages ----------


@pytest.fixture
def resident(town: World) -> Actor:
    return town.resident()


@pytest.fixture
def browser(town: World, site: Flask, resident: Actor) -> FlaskClient:
    return town.browser(site, resident)


@pytest.fixture
def order(town: World, resident: Actor) -> Order:
    order = town.open_order(resident)
    served(order, town.volunteer())
    return order


@pytest.mark.parametrize("where", ["/home", "/home/orders", "/orders/{id}", "/orders/{id}/card", "/orders/{id}/rating"])
def test_three_faces_wait_wherever_the_resident_looks(browser: FlaskClient, order: Order, where: str) -> None:
    page = browser.get(where.format(id=order.id)).text
    form = page.split(f'action="/orders/{order.id}/rating"')[1].split("</form>")[0]
    for stars, word in ((3, "满意"), (2, "一般"), (1, "不满意")):
        button = form.split(f'name="stars" value="{stars}">')[1].split("</button>")[0]
        assert word in button
    assert 'name="_key"' in form and csrf_of(form)


def test_a_tap_leads_to_thanks_and_to_room_for_more(browser: FlaskClient, order: Order) -> None:
    page = f"/orders/{order.id}/rating"
    answer = post(browser, page, "/home", stars="3", _key="k")
    assert (answer.status_code, answer.location) == (303, page)
    thanks = browser.get(page).text
    assert "谢谢您的评价" in thanks and f'action="{page}/words"' in thanks
    assert "满意" in thanks and 'name="stars"' not in thanks
    assert fresh(order).status == OrderStatus.CLOSED

    empty = post(browser, f"{page}/words", page)
    assert empty.status_code == 422 and "请点一个，或写一句话" in empty.text
    wrong = post(browser, f"{page}/words", page, tags="x", words="很好")
    assert wrong.status_code == 422 and "很好" in wrong.text
    assert post(browser, f"{page}/words", page, tags="kind", outcome="half_done", words="地没拖").location == page
    done = browser.get(page).text
    assert "地没拖" in done and "正在跟进" in done and f'action="{page}/words"' not in done
    assert post(browser, f"{page}/words", page, words="还有").status_code == 409


def test_a_second_tap_gets_a_kind_answer_and_changes_nothing(browser: FlaskClient, order: Order) -> None:
    page = f"/orders/{order.id}/rating"
    for given in ({"stars": "3", "_key": "k"}, {"stars": "1", "_key": "k"}, {"stars": "1", "_key": "other"}):
        assert post(browser, page, "/home", **given).location == page
    assert "已经评价过了" in browser.get(page).text
    assert [row.stars for row in everything(Rating)] == [3]


def test_faces_are_gone_where_nothing_is_to_be_rated(town: World, browser: FlaskClient, resident: Actor) -> None:
    order = town.open_order(resident)
    for page in ("/home", f"/orders/{order.id}"):
        assert "/rating" not in browser.get(page).text


def test_programs_add_words_too(town: World, site: Flask) -> None:
    resident, order = tapped(town)
    home, far = town.program(site, resident), town.program(site, town.coordinator(town.ids["far"]))
    url = f"/api/v1/orders/{order.id}/rating/words"
    assert home.post(url, json={}).json["errors"][0]["pointer"] == "/words"
    assert far.post(url, json={"words": "好"}).status_code == 404
    headers = {"Idempotency-Key": "w1"}
    for _ in range(2):
        answer = home.post(url, json={"words": "好", "tags": ["kind"]}, headers=headers)
        assert (answer.status_code, answer.json["status"]) == (200, "closed")
    assert home.post(url, json={"words": "还有"}).json["code"] == "already_rated"
