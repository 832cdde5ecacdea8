"""The most endangered order comes first; what that means is written in app/oversight/board/risk.py."""

from datetime import timedelta

import pytest

from app.kernel.clock import now
from app.oversight.board import queries
from app.oversight.board.limits import Limits
from app.oversight.board.risk import Level, UsualWaits, risk, words
from app.oversight.scope import scope_of
from models import OfficeSetting
from models.states import OrderMove, OrderStatus
from tests.factories import advance
from tests.oversight.scenes import added, desk, moved, put, text

HOUR = timedelta(hours=1)


def judged(status=OrderStatus.OPEN, urgency="normal", ends_in=24.0, minutes=60, escalated=False, usual=60):
    return risk(status, urgency, now() + ends_in * HOUR, minutes, escalated, usual, now())


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"ends_in": 24}, Level.CALM),
        ({"ends_in": 2.5}, Level.SOON),
        ({"ends_in": 1.9}, Level.LATE),
        ({"ends_in": 0.5}, Level.LATE),
        ({"ends_in": -22}, Level.LATE),
        ({"ends_in": -24}, Level.OVER),
        ({"ends_in": 24, "escalated": True}, Level.SOON),
        ({"ends_in": 24, "status": OrderStatus.UNFILLED}, Level.LATE),
        ({"ends_in": 10, "usual": 600}, Level.LATE),
        ({"ends_in": 2.5, "usual": 5}, Level.CALM),
    ],
)
def test_risk_weighs_the_time_left_against_the_usual_wait(facts, level):
    assert judged(**facts).level == level


def test_an_urgent_and_an_escalated_order_count_as_an_hour_shorter_of_room():
    plain, urgent = judged(), judged(urgency="urgent")
    assert urgent.key < plain.key and plain.weight - urgent.weight == 60
    assert plain.weight - judged(escalated=True).weight == 60


def test_the_risk_is_said_in_words(site):
    with site.test_request_context():
        assert words(judged(ends_in=0.5)) == "最晚开始时间已过 30 分钟"
        assert words(judged(ends_in=1.5)) == "只剩 30 分钟，一般要等 1 小时"
        assert "2 天" in words(judged(ends_in=-48))
        assert "最晚 23 小时后要开始" in words(judged(ends_in=24.5))


def test_the_usual_wait_is_learned_from_enough_cases_and_else_is_the_time_an_offer_stands():
    past = [("item", "normal", now(), now() + timedelta(minutes=10 * n)) for n in range(1, 6)]
    known = UsualWaits(past)
    assert known.of("item", "normal") == 30
    assert known.of("other", "normal") == 30  # by urgency
    assert known.of("item", "urgent") == 30
    assert known.of("other", "urgent") == 15  # our setting
    assert UsualWaits(past[:4]).of("item", "normal") == 240


def test_the_list_has_the_most_endangered_order_on_top(town, site):
    """Nothing has been learned yet, so that people are taken to wait 240 minutes, or 15 for what is urgent."""
    calm = town.open_order(starts=now() + timedelta(days=3), title="不急")
    soon = town.open_order(starts=now() + timedelta(hours=6), title="快了")
    late = town.open_order(starts=now() + timedelta(hours=1), title="危险")
    urgent = town.open_order(starts=now() + timedelta(minutes=30), title="急的", urgency="urgent")
    unfilled = moved(town.open_order(starts=now() + timedelta(days=2), title="没人"), OrderMove.GIVE_UP)
    over = town.open_order(title="早过了")
    put(over, window_from=now() - timedelta(days=3), window_until=now() - timedelta(days=2))
    page = text(desk(town, site), "/board")
    positions = [page.index(f'id="row-{order.id}"') for order in (late, unfilled, urgent, soon, calm, over)]
    assert positions == sorted(positions)


def test_the_order_goes_up_as_time_passes(town):
    first = town.open_order(starts=now() + timedelta(hours=20), title="先")
    town.open_order(starts=now() + timedelta(days=2), title="后")
    scope = scope_of(town.coordinator())
    assert queries.waiting(scope)[0].risk.level == Level.CALM
    advance(hours=18)
    top = queries.waiting(scope)[0]
    assert (top.row.id, top.risk.level) == (first.id, Level.LATE)


def test_filters_narrow_the_list_by_status_urgency_and_words(town, site):
    town.open_order(title="修水龙头", urgency="urgent", starts=now() + timedelta(hours=5))
    town.open_order(title="陪散步")
    town.open_order(title="写春联", approve=False)
    client = desk(town, site)

    def found(query):
        page = text(client, f"/board/fragments/waiting?{query}")
        return {title for title in ("修水龙头", "陪散步", "写春联") if title in page}

    assert found("status=review") == {"写春联"}
    assert found("urgency=urgent") == {"修水龙头"}
    assert found("q=散步") == {"陪散步"}
    assert found("q=青年社区 水龙头") == {"修水龙头"}
    assert found("q=%25") == set()
    assert found("status=nonsense&urgency=nonsense&alert=nonsense") == {"修水龙头", "陪散步", "写春联"}


def test_five_hundred_orders_are_shown_a_page_at_a_time(town, site):
    for number in range(queries.ROWS + 5):
        town.open_order(title=f"单{number}")
    client = desk(town, site)
    first, second = (text(client, f"/board/fragments/waiting?page={page}") for page in (1, 2))
    assert first.count('class="queue-row') == queries.ROWS
    assert second.count('class="queue-row') == 5
    assert text(client, "/board/fragments/waiting?page=99").count('class="queue-row') == 5


def test_limits_for_many_agree_with_the_settings_for_one(town):
    from app.kernel.settings import order_setting

    added(
        OfficeSetting(office_id=town.ids["west"], name="review_minutes", value=60),
        OfficeSetting(office_id=town.ids["west"], name="escalate_minutes", value={"urgent": 3}),
        OfficeSetting(office_id=town.ids["station"], name="escalate_minutes", value={"normal": 7}),
    )
    held = Limits("review_minutes", "escalate_minutes", "no_show_minutes")
    for office in ("station", "neighbour", "far"):
        for urgency in ("urgent", "normal", "planned"):
            order = town.open_order(office=town.ids[office], urgency=urgency)
            for name in ("review_minutes", "escalate_minutes", "no_show_minutes"):
                expected = order_setting(order, name)
                assert held.of(name, order.office.path, urgency, order.item.limits) == expected, (office, name)
