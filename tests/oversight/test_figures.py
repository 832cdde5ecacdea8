"""Figures: what each counts, by hand-made cases; that lists hold what numbers say; and who may see them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from app.kernel import clock
from app.kernel.clock import now
from app.oversight.figures import behind, measures, spread, tables
from app.oversight.figures.measures import COUNTED, LISTED, Share, Span
from app.oversight.figures.period import Period, last_days, period_of
from app.oversight.figures.summary import Gathered
from app.oversight.scope import scope_of
from app.rating import service as rating
from app.serving import service as serving
from models import Offer, db
from models.states import OrderMove
from tests.factories import advance
from tests.oversight.scenes import desk, moved, put, text
from tests.serving.steps import arrived, offered, served, taken


def span(world, office="street", days=30):
    return Span(scope_of(world.coordinator(world.ids[office])), last_days(days))


def counted(world, **more):
    return Gathered(span(world, **more)).of()


# ---------- what is counted ----------


def test_figures_are_what_happened(world):
    resident, volunteer = world.resident(), world.volunteer()
    first = world.open_order(resident)
    advance(minutes=10)
    served(first, volunteer)
    rating.rate(first.id, actor=resident, stars=3)
    second = world.open_order(resident)
    advance(minutes=30)
    served(second, volunteer)
    lost = world.open_order(resident)
    moved(lost, OrderMove.GIVE_UP, unplaced={"lost": {"skills": 2, "radius": 5}, "verdict": "nobody_eligible"})
    serving.decline(offered(world.open_order(resident), volunteer).id, actor=volunteer)
    gathered = Gathered(span(world))
    whole = gathered.of()
    assert (whole.orders, whole.met, whole.unfilled) == (4, Share(2, 3), Share(1, 3))
    assert (whole.accept_median, whole.accept_p90) == (20, 28)
    assert (whole.refused, whole.lapsed) == (Share(1, 3), Share(0, 3))
    assert (whole.on_time, whole.rated, whole.raters) == (Share(2, 2), Share(1, 2), 1)
    assert whole.reasons == (("radius", 1),)
    assert [(office.name, of.orders) for office, of in gathered.below(gathered.span.scope.children)] == [
        ("青年社区", 4)
    ]


def test_a_quarter_of_an_hour_late_is_on_time_and_a_minute_more_is_not(world):
    for late in (-5, 15, 16):
        task = taken(world.open_order(starts=now() + timedelta(hours=3)), world.volunteer())
        clock.advance(task.starts_at - now() + timedelta(minutes=late))
        serving.check_in(task.id, actor=_actor(task), code=task.order.start_code)
    assert counted(world).on_time == Share(2, 3)


def _actor(task):
    from app.people.identity import actor_of

    return actor_of(task.volunteer.account_id)


def test_satisfaction_is_not_told_before_five_people_have_spoken(world):
    for number in range(5):
        assert counted(world).satisfied is None
        resident = world.resident(f"居民{number}")
        order = world.open_order(resident)
        served(order, world.volunteer())
        rating.rate(order.id, actor=resident, stars=1 if number == 0 else 3)
    whole = counted(world)
    assert (whole.raters, whole.satisfied) == (5, Share(4, 5))


def test_the_same_person_five_times_is_one_rater(world):
    resident = world.resident()
    for _turn in range(5):
        order = world.open_order(resident)
        served(order, world.volunteer())
        rating.rate(order.id, actor=resident, stars=3)
    whole = counted(world)
    assert (whole.raters, whole.rated, whole.satisfied) == (1, Share(5, 5), None)


def test_people_over_eighty_are_counted_by_the_year_they_have_surely_reached(world):
    old = world.resident("陈奶奶", birth_year=clock.today().year - 81)
    young = world.resident("小林", birth_year=clock.today().year - 80)
    for resident in (old, young, world.resident("不详")):
        for _turn in range(5):
            moved(world.open_order(resident), OrderMove.GIVE_UP)
    assert counted(world).old == Share(0, 5)


def test_work_done_by_one_is_unfair_and_work_alike_is_not():
    assert spread.gini([1, 1, 1, 1, 1]) == pytest.approx(0)
    assert spread.gini([0, 0, 0, 0, 10]) == pytest.approx(0.8)
    assert spread.busiest([1] * 20, of=10) == pytest.approx(0.1)
    assert spread.busiest([0] * 19 + [7], of=10) == 1
    assert spread.gini([1, 2]) is None and spread.busiest([0] * 30, of=10) is None


def test_workers_are_those_who_could_be_asked_and_what_they_did(world):
    busy = world.volunteer("甲")
    served(world.open_order(), busy, minutes=45)
    world.volunteer("乙")
    world.volunteer("丙", is_verified=False)
    found = {one.id: one for one in measures.workers(span(world))}
    mine = found[busy.volunteer_id]
    assert len(found) == 2
    assert (mine.ready, mine.asked, mine.visits, round(mine.minutes)) == (True, 1, 1, 45)
    assert counted(world).active == Share(1, 2)


def test_offers_and_yes_are_counted_for_each_volunteer_and_told_of_five_and_more(world):
    people = [world.volunteer(f"志愿者{n}") for n in range(4)]
    for person in people[:2]:
        served(world.open_order(), person)
    serving.decline(offered(world.open_order(), people[0]).id, actor=people[0])
    moved(world.open_order(), OrderMove.GIVE_UP)
    whole = counted(world)
    assert sorted((one.asked, one.accepted) for one in whole.ready) == [(0, 0), (0, 0), (1, 1), (2, 1)]
    assert (whole.offers_each, whole.gini_of_accepts, whole.filled) == (None, None, Share(2, 3))
    [row] = tables.by_asking(Gathered(span(world))).rows
    assert [cell.said for cell in row.cells[:6]] == ["4", "太少", "太少", "太少", "太少", "67%"]
    world.volunteer("第五位")
    whole = counted(world)
    assert (whole.offers_each, whole.accepts_each) == (0.6, 0.4)
    assert (whole.gini_of_offers, whole.gini_of_accepts) == (pytest.approx(2 / 3), pytest.approx(0.6))
    [row] = tables.by_asking(Gathered(span(world))).rows
    assert row.label == "湖滨街道" and [cell.said for cell in row.cells[:6]] == [
        "5", "0.6", "0.67", "0.4", "0.60", "67%"
    ]  # fmt: skip


def test_an_offer_that_was_never_sent_is_nobodys_offer(world):
    here, offer = span(world), offered(world.open_order(), world.volunteer())
    assert [one.asked for one in measures.workers(here)] == [1]
    held = update(Offer).where(Offer.id == offer.id).values(held_until=now() + timedelta(seconds=10))
    db.session.execute(held)
    assert [one.asked for one in measures.workers(here)] == [0]


def test_the_share_below_a_value_is_taken_between_neighbours():
    assert spread.percentile([1, 2, 3, 4, 5], 0.9) == pytest.approx(4.6)
    assert spread.percentile([7], 0.9) == 7


def test_an_unfilled_order_counts_once_by_its_weightiest_rule():
    assert measures.main_reason(None) == ""
    assert measures.main_reason({"lost": {"skills": 9, "radius": 2}}) == "skills"
    assert measures.main_reason({"lost": {"skills": 9}, "verdict": "taken_by_others"}) == "taken_by_others"
    assert measures.main_reason({"lost": {}}) == ""


# ---------- when ----------


def test_a_day_begins_and_ends_at_local_midnight(world):
    midnight = clock.midnight(clock.today())
    for moment in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(days=1)):
        put(world.open_order(), created_at=moment)
    assert counted(world, days=1).orders == 1
    assert counted(world, days=7).orders == 2
    rows = tables.by_time(Gathered(span(world, days=7))).rows
    assert [row.cells[-1].value for row in rows] == [0, 0, 0, 0, 0, 1, 1]


def test_periods_are_asked_for_by_name_or_by_days(site):
    with clock.fixed(datetime(2026, 11, 22, 17, tzinfo=UTC)):  # the 23rd in China
        today = date(2026, 11, 23)
        assert period_of({}) == Period(date(2026, 10, 25), today, "30")
        assert period_of({"period": "1"}).days == 1
        assert period_of({"period": "2026-02"}).last == date(2026, 2, 28)
        assert period_of({"period": "2025-Q4"}).first == date(2025, 10, 1)
        assert period_of({"from": "2026-11-01", "until": "2026-11-07"}) == Period(date(2026, 11, 1), date(2026, 11, 7))
        assert period_of({"from": "2026-11-20", "until": "2026-11-01"}).days == 1
        assert period_of({"from": "2020-01-01", "until": "2999-01-01"}) == Period(date(2025, 11, 23), today)
        for wrong in ({"period": "8"}, {"period": "2026-13"}, {"period": "2027-01"}, {"from": "0001-01-01"}):
            assert period_of(wrong) == last_days(30), wrong


# ---------- the lists behind the numbers ----------


def test_every_number_is_as_long_as_its_list(world):
    resident = world.resident()
    done = world.open_order(resident)
    served(done, world.volunteer())
    rating.rate(done.id, actor=resident, stars=2)
    arrived(world.open_order(), world.volunteer())
    moved(world.open_order(item=None), OrderMove.GIVE_UP)
    serving.decline(offered(world.open_order(), (other := world.volunteer())).id, actor=other)
    here = span(world)
    whole = Gathered(here).of()
    assert set(COUNTED) >= set(LISTED)
    for name in LISTED:
        rows, _page, _pages = behind.orders(here, behind.Asked(name), 1)
        assert len(rows) == whole.counts[name] > (0 if name != "late" else -1), name
    reasons, _page, _pages = behind.orders(here, behind.Asked("unfilled", reason="-"), 1)
    assert len(reasons) == 1 and behind.kind_words(reasons[0]) == "自己写的"
    relief, _page, _pages = behind.orders(here, behind.Asked("all", kind="relief"), 1)
    assert len(relief) == whole.orders - 1


def test_the_page_says_the_numbers_and_opens_their_lists_without_a_script(town, site):
    served(town.open_order(), town.volunteer())
    moved(town.open_order(town.resident("欧阳密语"), title="密语"), OrderMove.GIVE_UP)
    client = desk(town, site, town.supervisor())
    page = text(client, "/desk/figures?period=7")
    assert "1 张做到" in page and "1 张没做到" in page and "50%" in page
    assert "which=unmet" in page and "period=7" in page and "怎么算的" in page
    listed = text(client, "/desk/figures/orders?which=unmet&period=7")
    assert "没做到的单子" in listed and "无人接单" in listed and "密语" not in listed
    report = text(client, "/desk/figures/report?period=7")
    assert "统计报告" in report and "做过的单子 ÷" in report


def test_figures_of_nothing_are_dashes_and_not_zeros(town, site):
    page = text(desk(town, site), "/desk/figures?period=7")
    assert "—" in page and ">0%" not in page
    found = desk(town, site).get("/api/v1/figures?days=7").get_json()
    assert found["whole"]["met_share"] is None and found["whole"]["raters"] == 0
    assert desk(town, site).get("/api/v1/figures?days=8").status_code == 422


def test_lists_end_at_one_s_own_subtree(town, site):
    town.open_order(office=town.ids["far"])
    client = desk(town, site)
    assert "没有这样的单子" in text(client, "/desk/figures/orders?period=7")
    for page in ("", "/orders", "/orders.csv", "/people", "/people.csv", "/report", "/tables/kinds.csv"):
        assert client.get(f"/desk/figures{page}?office={town.ids['far']}").status_code == 404, page


def test_names_of_volunteers_are_masked_for_whoever_only_watches(town, site):
    served(town.open_order(), town.volunteer("欧阳志远"))
    for door in ("people", "people.csv"):
        assert "欧阳志远" in desk(town, site).get(f"/desk/figures/{door}").text
        watched = desk(town, site, town.supervisor()).get(f"/desk/figures/{door}").text
        assert "欧阳志远" not in watched and "**" in watched


# ---------- spreadsheets ----------


def test_a_spreadsheet_reads_the_chinese_and_runs_nothing(town, site):
    served(town.open_order(), town.volunteer("=1+1", team="@SUM(A1)"))
    client = desk(town, site)
    answer = client.get("/desk/figures/people.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf") and answer.mimetype == "text/csv"
    assert "'=1+1,'@SUM(A1)" in answer.text
    orders = client.get("/desk/figures/orders.csv?which=met")
    assert "attachment" in orders.headers["Content-Disposition"] and len(orders.text.strip().splitlines()) == 2


def test_every_table_of_the_page_has_its_file(town, site):
    moved(town.open_order(), OrderMove.GIVE_UP)
    client = desk(town, site, town.supervisor(town.ids["city"]))
    page = text(client, "/desk/figures")
    names = {part.split(".csv")[0] for part in page.split("/desk/figures/tables/")[1:]}
    assert names == {"numbers", "time", "kinds", "reasons", "streets", "work", "asking", "offices"}
    for name in names:
        rows = client.get(f"/desk/figures/tables/{name}.csv").text.splitlines()
        assert len(rows) > 1, name
    assert client.get("/desk/figures/tables/nonsense.csv").status_code == 404
