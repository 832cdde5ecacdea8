"""点单 by clicking, without JavaScript: the whole way, back again, and what is remembered."""

from datetime import timedelta

from sqlalchemy import func, select

from app.kernel.clock import now
from app.ordering import queries, service
from models import Order, db
from models.kinds import Channel
from models.states import OrderStatus
from tests.factories import advance, csrf_of
from tests.ordering.visitor import Visitor, only_order
from tests.ordering.wishes import errand, wish


def test_the_whole_way_from_the_first_question_to_the_confirmation(visitor, town, resident):
    assert visitor.get("/orders/new").location == "/orders/new/who"
    visitor.go_to("check", town)
    page = visitor.get("/orders/new/check")
    for said in ("我自己", "escort", "湖滨街道青年社区3 幢 201", "去市一医院", "明天 12:00–18:00"):
        assert said in page.text
    done = visitor.submit()
    order = only_order()
    assert done.location == f"/orders/{order.id}/confirmation"
    assert order.resident_id == resident.resident_id and order.words == "去市一医院"
    assert order.window_from == now() + timedelta(days=1)
    confirmation = visitor.get(done.location)
    assert order.number in confirmation.text and "还没有足够的记录" in confirmation.text
    assert [saved.address for saved in queries.addresses(resident.resident_id)] == ["湖滨街道青年社区3 幢 201"]


def test_pressing_submit_twice_places_one_order(visitor, town):
    visitor.go_to("check", town)
    token = csrf_of(visitor.get("/orders/new/check").text)
    replies = [visitor.client.post("/orders/new/check", data={"csrf_token": token, "_key": "k"}) for _ in range(2)]
    assert {reply.location for reply in replies} == {f"/orders/{only_order().id}/confirmation"}


def test_a_page_cannot_be_skipped(visitor):
    for step in ("what", "where", "when", "words", "check"):
        assert visitor.get(f"/orders/new/{step}").location == "/orders/new/who"


def test_changing_one_answer_leads_straight_back_to_the_check(visitor, town):
    visitor.go_to("check", town)
    assert 'href="/orders/new/when"' in visitor.get("/orders/new/check").text
    reply = visitor.answer("when", day="other", on="2026-11-27", part="hour", at="09:30")
    assert reply.location == "/orders/new/check"
    assert "09:30–11:30" in visitor.get("/orders/new/check").text


def test_a_half_filled_order_is_offered_again_and_can_be_thrown_away(visitor, town):
    visitor.go_to("where", town)
    assert "没填完" in visitor.get("/orders/new").text
    assert visitor.send("/orders/new").location == "/orders/new/who"
    assert visitor.get("/orders/new/where").location == "/orders/new/who"


def test_the_draft_survives_signing_in(site, town, resident):
    from app.people.session_cookie import Session

    stranger = Visitor(site.test_client())
    stranger.go_to("check", town)
    page = stranger.get("/orders/new/check")
    assert "/sign-in?next=/orders/new/check" in page.text
    assert stranger.submit().location.startswith("/sign-in")
    with stranger.client.session_transaction() as kept:
        assert kept["draft"]["what"] == {"item": "escort"}
        Session.sign_in(kept, resident.account_id)
    assert stranger.submit().status_code == 303
    assert only_order().requester_id == resident.account_id


def test_a_daughter_orders_for_her_mother_and_finds_her_again_the_next_time(visitor, town):
    visitor.go_to("check", town, who={"who": "other", "name": "王妈妈", "phone": "138 0000 0009"})
    visitor.submit()
    order = only_order()
    assert (order.channel, order.contact_name, order.contact_phone) == (Channel.PROXY, "王妈妈", "+8613800000009")
    page = visitor.get("/orders/new/who")
    assert "王妈妈" in page.text
    visitor.answer("who", who=order.resident_id)
    visitor.answer("what", item="errand")
    assert "上次的地方" in visitor.get("/orders/new/where").text
    assert visitor.answer("where", place=f"order-{order.id}").location == "/orders/new/when"
    visitor.answer("when", day="now")
    visitor.answer("words", words="")
    visitor.submit("key-2")
    second = db.session.scalars(select(Order).order_by(Order.id.desc())).first()
    assert (second.resident_id, second.address) == (order.resident_id, order.address)
    assert second.status == OrderStatus.OPEN and second.is_now


def test_a_need_that_is_not_on_the_menu_is_written_down(visitor, town):
    page = visitor.get("/orders/new/who")
    visitor.answer("who", who="me")
    assert "写下来" in visitor.get("/orders/new/what").text and page.status_code == 200
    visitor.go_to("check", town, what={"item": "own", "title": "帮我把旧书搬下楼"})
    visitor.submit()
    order = only_order()
    assert order.item_id is None and order.title == "帮我把旧书搬下楼" and order.status == OrderStatus.SUBMITTED


def test_a_community_is_found_by_going_down_the_tree_or_by_its_name(visitor, town):
    visitor.go_to("where", town)
    assert "青年社区" in visitor.get("/orders/new/where").text, "one's own community comes first"
    assert "东区" in visitor.get("/orders/new/where?within=").text
    assert "湖滨街道" in visitor.get(f"/orders/new/where?within={town.ids['west']}").text
    assert "涌金社区" in visitor.get(f"/orders/new/where?within={town.ids['street']}").text
    assert "门牌号" in visitor.get(f"/orders/new/where?within={town.ids['neighbour']}").text
    assert f"within={town.ids['far']}" in visitor.get("/orders/new/where?q=远山").text
    assert "没有找到" in visitor.get("/orders/new/where?q=火星").text


def test_a_saved_address_is_picked_with_one_tap(visitor, town, resident):
    saved = service.save_address(actor=resident, office_id=town.ids["neighbour"], address="涌金社区 1 幢", label="家")
    visitor.go_to("check", town, where={"place": saved.id})
    assert "涌金社区 1 幢" in visitor.get("/orders/new/check").text
    visitor.submit()
    assert only_order().office_id == town.ids["neighbour"]


def test_another_place_leads_to_the_tree(visitor, town, resident):
    service.save_address(actor=resident, office_id=town.ids["neighbour"], address="涌金社区 1 幢")
    visitor.go_to("where", town)
    assert "涌金社区 1 幢" in visitor.get("/orders/new/where").text
    assert visitor.answer("where", place="choose").location == "/orders/new/where?new=1"
    assert "门牌号" in visitor.get("/orders/new/where?new=1").text


def test_an_old_order_is_repeated_by_answering_one_question(visitor, town, resident):
    old = service.place(actor=resident, **wish(town, words="三楼", languages=["杭州话"], needs_wheelchair=True))
    token = csrf_of(visitor.get(f"/orders/{old.id}").text)
    reply = visitor.client.post(f"/orders/{old.id}/again", data={"csrf_token": token})
    assert reply.location == "/orders/new/when"
    assert visitor.answer("when", day="tomorrow", part="morning").location == "/orders/new/check"
    visitor.submit()
    new = db.session.scalars(select(Order).order_by(Order.id.desc())).first()
    assert (new.words, new.languages, new.needs_wheelchair, new.address) == ("三楼", ["杭州话"], True, old.address)


def test_ones_own_similar_order_is_shown_with_a_link_the_neighbours_only_as_a_number(visitor, town, resident):
    first = service.place(actor=resident, **wish(town))
    service.place(actor=town.resident("邻居"), **wish(town))
    visitor.go_to("check", town)
    page = visitor.get("/orders/new/check").text
    assert "您已点过相似的单" in page and f"/orders/{first.id}" in page
    service.cancel(first.id, "不需要了", actor=resident)
    page = visitor.get("/orders/new/check").text
    assert "邻居已点过相似的单" in page and "1 位邻居" in page and "邻居</" not in page


def test_an_order_of_another_day_or_another_community_is_not_similar(visitor, town):
    other = town.resident("邻居")
    service.place(actor=other, **wish(town, office_id=town.ids["neighbour"]))
    starts = now() + timedelta(days=3)
    service.place(actor=other, **wish(town, window_from=starts, window_until=starts + timedelta(hours=3)))
    service.place(actor=other, **errand(town))
    visitor.go_to("check", town)
    assert "相似的单" not in visitor.get("/orders/new/check").text


def test_a_time_that_has_passed_meanwhile_is_said_on_the_check_page(visitor, town):
    visitor.go_to("check", town, when={"day": "today", "part": "hour", "at": "13:00"})
    advance(hours=2)
    reply = visitor.submit()
    assert reply.status_code == 422 and "已经过去了" in reply.text and "去改：时间" in reply.text
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0
