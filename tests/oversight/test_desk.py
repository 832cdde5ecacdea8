"""The page of one order draws exactly the buttons that the table of moves and the table of rights allow."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete

from app.dispatching import service as dispatching
from app.kernel import clock
from app.kernel.clock import now
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.ordering.splitting import SPLITTABLE
from app.oversight.actions import ORDER_MOVES
from app.rating import queries
from app.serving import service as serving
from models import HoursEntry, Notification, db
from models.kinds import Channel
from models.states import ORDER_CLAIMABLE, OrderMove, OrderStatus, moves_from
from models.states import ORDER_MOVES as TABLE
from tests.factories import csrf_of
from tests.oversight.scenes import desk, moved, put, text
from tests.serving.steps import arrived, offered, served, taken

EXTRA = {"note", "classify", "escalate"}
DESK = {str(move) for move in ORDER_MOVES}


def drawn(page: str) -> set[str]:
    return set(re.findall(r'data-move="([a-z_]+)"', page))


@pytest.fixture
def every_status(town):
    """One order, put into any status: what is drawn depends on nothing else."""
    order = town.open_order()

    def become(status: OrderStatus):
        put(order, status=status, next_action_at=now() + timedelta(days=1))
        return order

    return become


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.PHONE])
@pytest.mark.parametrize("status", list(OrderStatus))
def test_exactly_the_moves_of_the_table_are_drawn(town, site, every_status, status, channel):
    order = every_status(status)
    put(order, channel=channel)
    expected = {str(move) for move in moves_from(TABLE, status)} & DESK
    if status in ORDER_CLAIMABLE:
        expected.add("retry")  # dispatching afresh changes no status while people are still sought
    if status in SPLITTABLE:
        expected.add("split")  # so does taking a part of it out
    if (status, channel) == (OrderStatus.RETURNED, Channel.PHONE):
        expected.add("resubmit")  # whoever telephoned has no page of their own to do it on
    assert drawn(text(desk(town, site), f"/desk/orders/{order.id}")) - EXTRA == expected


@pytest.mark.parametrize("status", list(OrderStatus))
def test_a_supervisor_reads_everything_and_has_no_button_but_the_one_that_escalates(town, site, every_status, status):
    order = every_status(status)
    page = text(desk(town, site, town.supervisor()), f"/desk/orders/{order.id}")
    assert drawn(page) <= {"escalate"}
    main = page.split('<main id="main"')[1].split("</main>")[0]
    assert main.count('method="post"') == len(drawn(page))


def test_every_button_leads_to_a_door_that_is_there(town, site):
    order, client = town.open_order(approve=False), desk(town, site)
    pages = [text(client, f"/desk/orders/{order.id}")]
    put(order, status=OrderStatus.OPEN, opened_at=now())
    offered(order, town.volunteer())
    pages.append(text(client, f"/desk/orders/{order.id}"))
    assignment = taken(town.open_order(), town.volunteer())
    pages.append(text(client, f"/desk/orders/{assignment.order_id}"))
    put(order, status=OrderStatus.DISPUTED)
    pages += [text(client, f"/desk/orders/{order.id}"), text(client, "/desk/review"), text(client, "/desk/hours")]
    put(order, status=OrderStatus.SERVED)
    pages.append(text(client, f"/desk/orders/{order.id}"))
    router = site.url_map.bind("localhost")
    actions = {action for page in pages for action in re.findall(r'<form[^>]*method="post" action="([^"]+)"', page)}
    assert len(actions) > 12
    for action in actions:
        assert router.match(action, method="POST"), action


def test_an_order_by_telephone_that_was_sent_back_is_sent_in_again_from_the_desk(town, site):
    order, client = town.open_order(approve=False), desk(town, site)
    put(order, channel=Channel.PHONE, status=OrderStatus.RETURNED, reason="请写明医院")
    path, form = f"/desk/orders/{order.id}", f"/orders/{order.id}/amendment"
    assert f'href="{form}"' in text(client, path)
    page = text(client, form)
    assert "请写明医院" in page and "重新提交" in page
    answer = client.post(form, data={"csrf_token": csrf_of(page), "words": "市一医院", "day": ""})
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.id}")
    assert "已重新提交" in client.get(answer.location, follow_redirects=True).text
    assert (order.status, order.words) == (OrderStatus.SUBMITTED, "市一医院")


def test_pressing_a_button_comes_back_to_the_page_with_the_order_moved(town, site):
    order, client = town.open_order(approve=False), desk(town, site)
    path = f"/desk/orders/{order.id}"
    token = csrf_of(text(client, path))
    answer = client.post(f"{path}/approval", data={"csrf_token": token, "_next": path})
    assert (answer.status_code, answer.location) == (303, path)
    assert "审核通过" in text(client, path)


def test_a_merge_offers_live_orders_of_the_same_office_only(town, site):
    resident = town.resident()
    order, same = town.open_order(resident), town.open_order(resident, title="同一件事")
    town.open_order(office=town.ids["neighbour"], title="别处的")
    moved(town.open_order(title="取消了的"), OrderMove.CANCEL)
    page = text(desk(town, site), f"/desk/orders/{order.id}")
    choices = page.split('name="into"')[1].split("</select>")[0]
    assert same.number in choices and "别处的" not in choices and "取消了的" not in choices


def test_an_order_placed_twice_is_pointed_out_and_one_that_was_split_is_not(town, site):
    resident = town.resident()
    first, second, other = (
        town.open_order(resident),
        town.open_order(resident),
        town.open_order(resident, item="errand"),
    )
    client = desk(town, site)
    shown = text(client, f"/desk/orders/{first.id}").split("可能点了两次")[1].split("</section>")[0].split("合并")[0]
    assert second.number in shown and other.number not in shown
    assert "可能点了两次" not in text(client, f"/desk/orders/{other.id}")
    ordering.split(other.id, minutes=60, actor=town.coordinator())
    assert "可能点了两次" not in text(client, f"/desk/orders/{other.id}")


def test_how_the_work_is_shared_is_said_without_a_ranking(town, site):
    busy, idle, *_others = [town.volunteer(name) for name in ("忙人", "闲人", "张三", "李四", "王五")]
    served(town.open_order(), busy, minutes=120)
    client = desk(town, site)
    page = text(client, "/desk/people")
    assert "核实过的 5 人里，邀请过 1 人，1 人出过服务" in page and "最忙的五分之一做了 100 %" in page
    table = text(client, f"/desk/people/{busy.volunteer_id}").rpartition("半年来分到的活")[2].split("</table>")[0]
    assert "2026年11月" in table and "1 / 1" in table and "2 小时" in table and table.count("<tr>") == 7
    assert "0 / 0" in text(client, f"/desk/people/{idle.volunteer_id}").rpartition("半年来分到的活")[2]


# ---------- people ----------


def test_candidates_come_with_reasons_and_a_button(town, site):
    order, volunteer = town.open_order(), town.volunteer("周到")
    page = text(desk(town, site), f"/desk/orders/{order.id}/parts/people")
    row = page.split(f'id="candidate-{volunteer.volunteer_id}"')[1].split("</li>")[0]
    assert "周到" in row and "这段时间有空" in row and f"/desk/orders/{order.id}/offers" in row


def test_a_chosen_volunteer_who_does_not_fit_is_offered_with_the_conflicts_and_despite_them(town, site):
    order, volunteer = town.open_order(), town.volunteer("钱多", skills=(), always=False)
    client = desk(town, site)
    path = f"/desk/orders/{order.id}?volunteer={volunteer.volunteer_id}"
    chosen = text(client, path).split('id="chosen"')[1].split("</section>")[0]
    assert "仍要邀请" in chosen and "技能" in chosen
    data = {"csrf_token": csrf_of(chosen), "volunteer_id": volunteer.volunteer_id, "despite": "1"}
    assert client.post(f"/desk/orders/{order.id}/offers", data=data).status_code == 303
    assert "钱多" in text(client, f"/desk/orders/{order.id}/parts/people")


def test_a_chosen_volunteer_whom_the_law_keeps_away_cannot_be_asked_anyhow(town, site):
    order = town.open_order(item="bathing", positions=2, starts=now() + timedelta(days=1))
    volunteer = town.volunteer("没证", credentials={})
    path = f"/desk/orders/{order.id}?volunteer={volunteer.volunteer_id}"
    chosen = text(desk(town, site), path).split('id="chosen"')[1].split("</section>")[0]
    assert "不能破例" in chosen and "仍要邀请" not in chosen and "/offers" not in chosen


def test_why_nobody_came_is_said_in_counts(town, site):
    order = town.open_order()
    put(order, unplaced={"open_positions": 1, "lost": {"skills": 3}, "bans": {}, "eligible": 0, "taken_by": 0,
                         "verdict": "nobody_eligible"})  # fmt: skip
    page = text(desk(town, site), f"/desk/orders/{order.id}")
    assert "为什么还没有人" in page and "技能 3" in page


def test_offers_can_be_withdrawn_and_visits_vouched_for_while_the_table_says_so(town, site):
    order, volunteer, client = town.open_order(), town.volunteer(), desk(town, site)
    path = f"/desk/orders/{order.id}/parts/people"
    offer = offered(order, volunteer)
    assert f"/desk/offers/{offer.id}/withdrawal" in text(client, path)
    dispatching.withdraw_offer(offer.id, actor=town.coordinator())
    assert f"/desk/offers/{offer.id}/withdrawal" not in text(client, path)
    assert drawn(text(client, path)) == set()
    assignment = arrived(order, town.volunteer("第二位"))
    client = desk(town, site)  # a day has gone by
    assert drawn(text(client, path)) == {"check_out"}
    assert f"/desk/assignments/{assignment.id}/check-out" in text(client, path)


def test_hours_are_corrected_on_the_order_and_approved_by_a_second_person(town, site):
    order, me, colleague = town.open_order(), town.coordinator(), town.coordinator(name="赵强")
    assignment = served(order, town.volunteer(), minutes=90)
    mine, theirs = desk(town, site, me), desk(town, site, colleague)
    path = f"/desk/orders/{order.id}"
    page = text(mine, path)
    door = re.search(r'action="(/desk/hours/\w+/correction)"', page)[1]
    form = {"csrf_token": csrf_of(page), "_next": path}
    wrong = mine.post(door, data={**form, "minutes": "九十", "reason": "提前走了"})
    assert wrong.status_code == 422 and "请填数字" in wrong.text and "提前走了" in wrong.text
    answer = mine.post(door, data={**form, "minutes": "60", "reason": "提前走了"})
    assert (answer.status_code, answer.location) == (303, path)

    page = text(mine, path)
    assert "−30 分钟" in page and "请同事审核" in page and "/approval" not in page
    approval = re.search(r'action="(/desk/hours/\w+/approval)"', text(theirs, path))[1]
    refused = mine.post(approval, data=form)
    assert (refused.status_code, refused.location) == (303, path)
    assert "录入时长的人不能审核同一条时长" in text(mine, path)
    data = {"csrf_token": csrf_of(text(theirs, path)), "_next": path}
    assert theirs.post(approval, data=data).location == path
    assert "/approval" not in text(theirs, path)
    assert queries.record_of(assignment.volunteer_id).minutes == 60


def test_hours_are_entered_where_a_finished_visit_has_none(town, site):
    order = town.open_order()
    assignment = served(order, town.volunteer())
    removed(HoursEntry)
    client, path = desk(town, site), f"/desk/orders/{order.id}"
    page = text(client, path)
    assert "enter_hours" in drawn(page) and "correct_hours" not in drawn(page)
    door = f"/desk/assignments/{assignment.id}/hours"
    data = {"csrf_token": csrf_of(page), "_next": path, "minutes": "45", "reason": "电话核对"}
    assert client.post(door, data=data).location == path
    assert "45 分钟" in text(client, path) and "correct_hours" in drawn(text(client, path))
    watching = text(desk(town, site, town.supervisor()), path)
    assert "45 分钟" in watching and not {"enter_hours", "correct_hours"} & drawn(watching)


@command
def removed(table):
    """As if the ledger had begun later than the visit."""
    db.session.execute(delete(table))


def test_notices_show_who_has_looked(town, site):
    order = town.open_order()
    offered(order, town.volunteer("李晓梅"))
    client, path = desk(town, site), f"/desk/orders/{order.id}/parts/history"
    assert "李晓梅：" in text(client, path) and "还没看" in text(client, path)
    from app.notices import service as notices
    from app.people.identity import actor_of

    row = db.session.query(Notification).filter_by(order_id=order.id).first()
    notices.read(row.id, actor=actor_of(row.account_id))
    assert "看过" in text(client, path)


def test_each_part_is_alive_and_is_its_own_root(town, site):
    order, client = town.open_order(), desk(town, site)
    page = text(client, f"/desk/orders/{order.id}")
    for part, root in (("state", "state"), ("people", "people"), ("history", "history")):
        fragment = text(client, f"/desk/orders/{order.id}/parts/{part}")
        assert f'id="{root}"' in fragment.split(">")[0] + fragment.split(">")[1]
        assert f'data-live="order:{order.id}" data-src="/desk/orders/{order.id}/parts/{part}"' in page


def test_no_id_stands_twice_on_the_page(town, site):
    order = town.open_order(positions=2)
    served(order, town.volunteer("甲"))
    taken_by = town.volunteer("乙")
    put(order, status=OrderStatus.OPEN)
    taken(order, taken_by)
    ids = re.findall(r' id="([^"]+)"', text(desk(town, site), f"/desk/orders/{order.id}"))
    assert len(ids) == len(set(ids))


# ---------- two at once ----------


def test_a_form_of_an_aged_page_is_asked_about_and_what_was_typed_stays(town, site):
    order, client = town.open_order(), desk(town, site)
    path = f"/desk/orders/{order.id}"
    page = text(client, path)
    seen = re.search(r'name="_seen" value="(\d+)"', page)[1]
    dispatching.escalate(order.id, actor=town.coordinator(name="王敏"))
    form = {"csrf_token": csrf_of(page), "_next": path, "_seen": seen, "words": "打过电话了"}
    asked = client.post(f"{path}/note", data=form)
    assert asked.status_code == 409 and "刚被王敏改过" in asked.text and "升级给上一级" in asked.text
    assert "打过电话了" in asked.text and "打过电话了" not in text(client, path)
    again = re.search(r'name="_seen" value="(\d+)"', asked.text)[1]
    assert client.post(f"{path}/note", data=form | {"_seen": again}).status_code == 303
    told = client.post(f"{path}/note", data=form, headers={"Accept": "application/json"})
    question = told.get_json()["ask"]
    assert question["code"] == "changed_meanwhile" and question["version"] > int(seen)


def test_ones_own_steps_and_a_glance_at_the_offer_are_no_change(town, site):
    order, me, person = town.open_order(), town.coordinator(), town.volunteer()
    client, path = desk(town, site, me), f"/desk/orders/{order.id}"
    page = text(client, path)
    seen = re.search(r'name="_seen" value="(\d+)"', page)[1]
    dispatching.escalate(order.id, actor=me)
    serving.see_offer(dispatching.offer_by_hand(order.id, person.volunteer_id, actor=me).id, actor=person)
    form = {"csrf_token": csrf_of(page), "_seen": seen, "words": "记一笔"}
    assert client.post(f"{path}/note", data=form).status_code == 303


def test_two_coordinators_see_each_other_on_an_order_and_nobody_else_does(town, site):
    order = town.open_order()
    path = f"/desk/orders/{order.id}/presence"
    me, colleague = desk(town, site), desk(town, site, town.coordinator(name="王敏"))
    assert "正在看" not in text(me, path) and "正在看" not in text(me, path), "oneself is no other"
    text(colleague, f"/desk/orders/{order.id}")
    assert "王敏正在看这单" in text(me, path)
    assert "正在看" not in text(desk(town, site, town.supervisor()), path)
    clock.advance(timedelta(seconds=46))
    assert "正在看" not in text(me, path)
