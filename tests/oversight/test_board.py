"""The board's one screen: its address says what is searched, picked and shown; every part can be asked for alone."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.clock import now
from app.kernel.errors import Invalid
from app.ordering import service as ordering
from app.oversight.asking import asking_lines
from app.oversight.board import lately, picked, queries, views
from app.oversight.board.look import Board, Looked
from app.oversight.board.queries import Wanted
from app.oversight.scope import scope_of
from models import SavedView, db
from tests.dispatching.helpers import set_for
from tests.factories import advance, csrf_of
from tests.oversight.scenes import Counted, desk, moved, text
from tests.serving.steps import arrived, offered, taken

HOUR = timedelta(hours=1)


def look(town, actor=None, wanted=None, **looked):
    return Board(scope_of(actor or town.coordinator()), wanted or Wanted(), Looked(**looked))


def rows(page):
    return re.findall(r'id="row-(\w+)"', page)


# ---------- search, filters, views ----------


def test_search_and_filters_narrow_the_list_its_tabs_the_kanban_and_the_map(town, site):
    wanted = town.open_order(title="买药", urgency="urgent")
    others = [town.open_order(title="理发", urgency="urgent"), town.open_order(title="买药")]
    client = desk(town, site)
    page = text(client, "/board?view=kanban&q=买药&urgency=urgent")
    assert rows(page) == [wanted.id] and "全部 1" in page
    assert re.findall(r'id="card-(\w+)"', page) == [wanted.id]
    drawn = client.get("/board/points.json?q=买药&urgency=urgent").json["points"]
    assert {one["id"] for one in drawn if one["kind"] != "volunteer"} == {wanted.id}
    assert set(rows(text(client, "/board"))) == {wanted.id, *(one.id for one in others)}


def test_the_address_keeps_the_picked_order_when_the_view_changes(town, site):
    order, client = town.open_order(), desk(town, site)
    for view, part in (("map", "view-map"), ("timeline", "timeline"), ("kanban", "kanban")):
        page = text(client, f"/board?view={view}&order={order.id}&q={order.number}")
        assert f'id="{part}"' in page and f'data-order="{order.id}" data-key="picked"' in page
        assert page.count(f"order={order.id}&amp;q={order.number}") + page.count(f"q={order.number}&amp;") > 3


def test_an_order_of_another_office_cannot_be_picked(town, site):
    far = town.open_order(office=town.ids["neighbour"])
    assert desk(town, site).get(f"/board?order={far.id}").status_code == 404


def test_a_named_filter_is_kept_for_its_owner_alone_and_can_be_dropped(town, site):
    order, client = town.open_order(title="买药"), desk(town, site)
    token = csrf_of(text(client, "/board?q=买药"))
    kept = {"csrf_token": token, "name": "要紧的", "q": "买药", "urgency": "nonsense"}
    answer = client.post("/board/views", data=kept)
    assert answer.status_code == 303 and rows(text(client, answer.location)) == [order.id]
    assert "要紧的</a>" in text(client, "/board")
    assert "要紧的</a>" not in text(desk(town, site, town.coordinator(name="李静")), "/board")
    client.post("/board/views/removal", data={"csrf_token": token, "name": "要紧的"})
    assert db.session.scalars(select(SavedView)).all() == []


def test_a_filter_needs_a_name_and_there_is_an_end_to_them(town, site):
    client, actor = desk(town, site), town.coordinator(name="李静")
    assert client.post("/board/views", data={"csrf_token": csrf_of(text(client, "/board"))}).status_code == 422
    for n in range(views.MOST):
        views.keep_view(f"第{n}", Wanted(q=str(n)), actor=actor)
        time.sleep(0.002)  # keys are in order by the millisecond of the real clock
    views.keep_view("第0", Wanted(q="新的"), actor=actor)
    with site.test_request_context(), pytest.raises(Invalid):
        views.keep_view("太多", Wanted(), actor=actor)
    assert [row.wanted["q"] for row in views.views(actor)] == ["新的", *(str(n) for n in range(1, views.MOST))]


# ---------- risk ----------


def test_of_two_alike_the_order_that_misses_more_people_comes_first(world):
    alone = world.open_order(title="一个人")
    many = world.open_order(title="三个人", positions=3)
    assert [one.row.id for one in queries.waiting(scope_of(world.coordinator()))] == [many.id, alone.id]
    for name in ("志甲", "志乙"):
        taken(many, world.volunteer(name))
    db.session.expire_all()
    assert (
        queries.waiting(scope_of(world.coordinator()))[0].risk == queries.waiting(scope_of(world.coordinator()))[1].risk
    )


# ---------- the picked order ----------


def test_candidates_come_with_distance_load_reasons_and_a_form(town, site):
    order, helper = town.open_order(), town.volunteer("周到")
    taken(town.open_order(title="先前的", starts=now() + 20 * HOUR), helper)
    page = text(desk(town, site), f"/board/fragments/picked?order={order.id}")
    row = page.split(f'id="candidate-{helper.volunteer_id}"')[1].split("</li>")[0]
    assert "周到" in row and "路上" in row and "本周 1 次" in row and f"/desk/orders/{order.id}/offers" in row


def test_who_only_watches_sees_the_picked_order_without_names_and_buttons(town, site):
    order = town.open_order()
    offered(order, town.volunteer("周到"))
    page = text(desk(town, site, town.supervisor()), f"/board/fragments/picked?order={order.id}")
    assert "周**" in page or "周*" in page
    assert "周到" not in page and "data-assign" not in page


def test_the_times_to_choose_lie_in_the_window_on_the_quarter_hour(world):
    order = world.open_order(starts=now() + 5 * HOUR)
    found = picked.times(order)
    assert found and found[0] >= order.window_from and found[-1] + order.duration <= order.window_until
    assert {time.minute % 15 for time in found} == {0} and len(found) <= picked.TIMES


# ---------- timeline and kanban ----------


def test_the_timeline_tells_offered_accepted_and_serving_apart_by_word_and_sign(town, site):
    asked, taker, server = (town.volunteer(name) for name in ("问到", "答应", "在做"))
    arrived(town.open_order(title="正做着"), server)
    taken(town.open_order(title="答应了", starts=now() + 2 * HOUR), taker)
    offered(town.open_order(title="问过了", starts=now() + 3 * HOUR), asked)
    lanes = {lane.name: lane.bars for lane in look(town).timeline.lanes}
    assert {name: [bar.stage for bar in bars] for name, bars in lanes.items()} == {
        "问到": ["offered"], "答应": ["accepted"], "在做": ["serving"],
    }  # fmt: skip
    assert lanes["问到"][0].way > 0 and lanes["问到"][0].movable and not lanes["在做"][0].movable
    page = text(desk(town, site), "/board/fragments/timeline")
    assert all(f"{sign} {word}" in page for sign, word in (("◇", "等答复"), ("✓", "已接"), ("●", "服务中")))


def test_work_for_another_office_is_taken_time_without_its_title(town, site):
    helper = town.volunteer("两头跑")
    far = town.open_order(office=town.ids["neighbour"], title="别处的秘密", starts=now() + HOUR)
    taken(far, helper)
    page = text(desk(town, site), "/board/fragments/timeline")
    assert "两头跑" in page and "别处的事" in page and "别处的秘密" not in page and far.id not in page


def test_the_timeline_goes_where_the_picked_order_may_be_served(world):
    order = world.open_order(starts=now() + timedelta(days=2))
    shown = look(world, order=order.id).timeline
    assert shown.first <= order.window_from < shown.last and shown.window is not None
    assert look(world).timeline.window is None


def test_columns_hold_each_order_at_its_stage(world):
    review = world.open_order(approve=False)
    waits = world.open_order()
    asked = world.open_order(title="问过")
    offered(asked, world.volunteer("志甲"))
    staffed = world.open_order(title="有人")
    taken(staffed, world.volunteer("志乙"))
    held = {stage.name: [card.row.id for card in stage.cards] for stage in look(world).stages}
    wanted = {"review": review, "open": waits, "offering": asked, "staffed": staffed}
    assert held == {**{name: [order.id] for name, order in wanted.items()}, "serving": []}


# ---------- two at one board ----------


def test_what_colleagues_changed_and_named_filters_are_read_on_both_databases(world):
    order, wang = world.open_order(approve=False), world.coordinator(name="王敏")
    ordering.approve(order.id, actor=wang)
    assert lately.changes([order.id], world.coordinator(name="李静"))[order.id].name == "王敏"
    assert lately.changes([order.id], wang) == {} == lately.changes([], wang)
    views.keep_view("急的", Wanted(urgency="urgent"), actor=wang)
    assert [row.wanted for row in views.views(wang)] == [{"urgency": "urgent"}]
    views.drop_view("急的", actor=wang)
    assert not views.views(wang)
    taken(world.open_order(title="别的", starts=now() + HOUR), helper := world.volunteer("周到"))
    assert picked.weeks([helper.volunteer_id]) == {helper.volunteer_id: 1}


def test_a_row_that_a_colleague_has_just_changed_says_so_to_others_for_two_minutes(town, site):
    order, wang, li = town.open_order(approve=False), town.coordinator(name="王敏"), town.coordinator(name="李静")
    ordering.approve(order.id, actor=wang)
    assert "刚被王敏改过" in text(desk(town, site, li), "/board/fragments/waiting")
    assert "刚被" not in text(desk(town, site, wang), "/board/fragments/waiting")
    advance(minutes=3)
    assert "刚被" not in text(desk(town, site, li), "/board/fragments/waiting")


def test_a_row_says_how_its_order_finds_people_and_one_that_seeks_nobody_does_not(town, site):
    seeking, reviewed = town.open_order(title="甲"), town.open_order(title="乙", approve=False)
    offered(seeking, town.volunteer())
    page = text(desk(town, site), "/board/fragments/waiting")
    assert "1 位没答复" in page and "个邀请" not in page
    set_for(town.ids["city"], "offering_mode", "open")
    assert "在抢单列表里" in text(desk(town, site), "/board/fragments/waiting")
    assert asking_lines([seeking.id, reviewed.id]).keys() == {seeking.id}


def test_a_board_is_drawn_with_as_many_questions_for_many_orders_as_for_few(town, site):
    client = desk(town, site)

    def cost(view):
        db.session.remove()
        with Counted() as counted:
            text(client, f"/board?view={view}")
        return counted.number

    for n in range(3):
        taken(town.open_order(title=f"甲{n}", starts=now() + HOUR), town.volunteer(f"甲{n}"))
        town.open_order(title=f"等{n}")
    cost("map")  # a browser's first visit also writes its session
    few = [cost(view) for view in ("timeline", "kanban")]
    for n in range(6):
        taken(town.open_order(title=f"乙{n}", starts=now() + HOUR), town.volunteer(f"乙{n}"))
        moved(town.open_order(title=f"又等{n}"))
    assert [cost(view) for view in ("timeline", "kanban")] == few


@pytest.mark.parametrize("at", ["9999-12-31T23", "0001-01-01T00", "2026-02-30T00", "now"])
def test_a_timeline_of_no_time_of_ours_shows_now(town, site, at):
    page = town.browser(site, town.coordinator()).get(f"/board?view=timeline&at={at}")
    assert page.status_code == 200 and "times-now" in page.text
