"""What if: the two commands, and the page on which coordinators ask the simulator about their own weeks."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatching import service, simulating, supposing
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound, WrongState
from models import Event, Office, WhatIf, db
from models.kinds import EventKind
from tests.dispatching.helpers import set_for
from tests.factories import advance, csrf_of

PEOPLE = {"kind": "people", "people": 3, "mode": "ebike", "skill": "", "weeks": 2}
ANSWER = {"kind": "answer", "minutes": 10, "urgency": "normal", "weeks": 2}


def busy(world, orders=12, people=4):
    """Two volunteers who can escort and two who cannot, and an order every few hours, all in the past."""
    for number in range(people):
        world.volunteer(f"志愿者{number}", skills=("escort",) if number % 2 else ())
    for number in range(orders):
        world.open_order(item="escort" if number % 2 else "errand", hours=2, starts=now() + timedelta(hours=30))
        advance(hours=7)


def ran(app, *words):
    done = app.test_cli_runner().invoke(args=[*map(str, words)])
    return done.exit_code, done.output


# ---------- commands ----------


def test_simulate_plays_made_up_cities_and_prints_a_table(site):
    code, said = ran(
        site, "simulate", "--seeds", 2, "--volunteers", 12, "--orders", 8, "--weeks", 1, "--no-tune",
        "--policy", "ours", "--policy", "broadcast",
    )  # fmt: skip
    assert code == 0, said
    assert "ours" in said and "broadcast" in said and "±" in said
    assert "greedy" not in said, "only what was asked for"


def test_simulate_refuses_a_policy_that_does_not_exist(site):
    code, said = ran(site, "simulate", "--seeds", 1, "--policy", "guesswork")
    assert code == 2 and "guesswork" in said


def test_what_if_says_each_figure_before_and_after_with_its_uncertainty(world, app):
    busy(world)
    code, said = ran(app, "what-if", "青年社区", "--volunteers", 3, "--weeks", 2, "--seeds", 2)
    assert code == 0, said
    lines = {line.partition(":")[0]: line for line in said.splitlines()}
    assert "→" in lines["fill"] and lines["fill"].count("±") == 3
    assert "2 seeds" in said


def test_what_if_plays_another_time_to_answer(town, site):
    busy(town)
    code, said = ran(site, "what-if", town.ids["station"], "--answer", 10, "--weeks", 2, "--seeds", 2)
    assert code == 0 and "accept_p50" in said


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("月球", "--volunteers", 3), 2, "there is no office"),
        (("青年社区",), 2, "give --volunteers or --answer"),
        (("青年社区", "--volunteers", 3, "--answer", 10), 2, "give --volunteers or --answer"),
        (("青年社区", "--volunteers", 0), 2, "range"),
        (("青年社区", "--answer", 10, "--urgency", "someday"), 2, "someday"),
        (("青年社区", "--volunteers", 3), 1, "no order"),
    ],
)
def test_what_if_refuses_what_it_cannot_play(town, site, words, status, why):
    code, said = ran(site, "what-if", *words)
    assert code == status and why in said


# ---------- a question and its answer ----------


def test_a_question_is_answered_with_figures_before_and_after(world):
    busy(world)
    actor = world.coordinator()
    row = service.suppose(world.ids["station"], PEOPLE, actor=actor)
    assert row.ended_at and not row.error
    assert row.answer["seeds"] >= 2 and row.answer["orders"] == 12 and row.answer["people"] == 4
    fill = row.answer["difference"]["fill"]
    assert len(fill) == 2 and fill[1] >= 0
    assert db.session.query(Event).filter_by(kind=EventKind.WHAT_IF, actor_id=actor.account_id).count() == 1


def test_the_same_key_asks_once(world):
    busy(world)
    actor = world.coordinator()
    first = service.suppose(world.ids["station"], ANSWER, actor=actor, key="once")
    assert service.suppose(world.ids["station"], ANSWER, actor=actor, key="once").id == first.id
    assert db.session.query(WhatIf).count() == 1


def test_an_office_asks_one_thing_at_a_time_and_a_lost_one_makes_room(world):
    busy(world)
    actor = world.coordinator()
    lost, _again = supposing.ask(world.ids["station"], PEOPLE, actor=actor, key=None)
    with pytest.raises(WrongState):
        service.suppose(world.ids["station"], ANSWER, actor=actor)
    advance(minutes=5)
    assert service.suppose(world.ids["station"], ANSWER, actor=actor).answer
    assert db.session.get(WhatIf, lost, populate_existing=True).error == supposing.LEFT
    supposing.end(lost, actor=actor, answer={})
    assert db.session.get(WhatIf, lost, populate_existing=True).answer is None, "its late double changes nothing"


def test_all_offices_together_ask_only_a_few_things_at_a_time(town):
    busy(town)
    for name in ("station", "street"):
        supposing.ask(town.ids[name], PEOPLE, actor=town.coordinator(town.ids[name]), key=None)
    with pytest.raises(WrongState) as refused:
        service.suppose(town.ids["west"], PEOPLE, actor=town.coordinator(town.ids["west"]))
    assert "别的站点" in str(refused.value.detail)


def test_only_the_newest_questions_are_kept(town):
    busy(town)
    actor = town.coordinator()
    for _number in range(supposing.KEPT + 2):
        row_id, _again = supposing.ask(town.ids["station"], PEOPLE, actor=actor, key=None)
        supposing.end(row_id, actor=actor, error=supposing.FAILED)
        advance(seconds=1)
    assert db.session.query(WhatIf).count() == supposing.KEPT + 1


def test_a_skill_that_no_order_asks_for_is_said(town):
    busy(town)
    row = service.suppose(town.ids["station"], PEOPLE | {"skill": "haircut"}, actor=town.coordinator())
    assert row.answer is None and row.error == supposing.NOBODY


def test_what_cannot_be_played_in_time_says_so(town):
    busy(town)
    set_for(town.ids["city"], "what_if_seconds", 0)
    row = service.suppose(town.ids["station"], PEOPLE, actor=town.coordinator())
    assert row.answer is None and row.error == supposing.TOO_LONG


@pytest.mark.parametrize(
    ("orders", "people", "field"), [(9, 4, "weeks"), (601, 4, "weeks"), (12, 0, "office"), (12, 601, "office")]
)
def test_too_little_and_too_much_to_play_is_refused_beforehand(site, orders, people, field):
    with pytest.raises(Invalid) as refused:
        supposing.refuse_unplayable(orders, people)
    assert set(refused.value.fields) == {field}
    supposing.refuse_unplayable(600, 600)


# ---------- the page ----------


@pytest.fixture
def weeks(town):
    busy(town)
    return town


def sent(desk, **fields):
    page = desk.get("/desk/what-if")
    return desk.post("/desk/what-if", data={"csrf_token": csrf_of(page.text), **fields})


def test_a_coordinator_asks_and_reads_what_may_be_chance(site, weeks):
    desk = weeks.browser(site, weeks.coordinator())
    assert 'href="/desk/what-if' in desk.get("/desk/answers").text
    form = {"office": weeks.ids["station"], "kind": "people", "people": "3", "minutes": "no number", "weeks": "2"}
    asked = sent(desk, **form)
    assert asked.status_code == 303
    page = desk.get(asked.location).text
    assert "多 3 位志愿者" in page and "照原样" in page and "个百分点" in page and "±" in page
    assert any(word in page for word in ("可能只是偶然", "变好", "变差"))
    assert "12 张单子" in page and "还没有学到真实的" in page
    assert asked.location in desk.get("/desk/what-if").text, "it stands among what was asked"


def test_while_it_is_played_the_page_says_how_far_it_is(site, weeks):
    actor = weeks.coordinator()
    row_id, _again = supposing.ask(weeks.ids["station"], ANSWER, actor=actor, key=None)
    supposing.progress(row_id, 7, actor=actor)
    desk = weeks.browser(site, actor)
    page = desk.get(f"/desk/what-if/{row_id}").text
    assert "算好了 7 遍" in page and 'http-equiv="refresh"' in page and f"account:{actor.account_id}" in page
    assert "当时是 4 小时" in page
    assert "请等它算完" in sent(desk, office=weeks.ids["station"], kind="answer", minutes="10").text
    advance(minutes=5)
    assert "没算成" in desk.get(f"/desk/what-if/{row_id}/state").text


def test_too_few_orders_are_said_on_the_page_and_refused(site, town):
    town.volunteer()
    town.open_order()
    advance(hours=1)
    desk = town.browser(site, town.coordinator())
    assert "最近四周只有 1 张单子" in desk.get("/desk/what-if").text
    refused = sent(desk, office=town.ids["station"], kind="people", people="3")
    assert refused.status_code == 422 and "至少要 10 张" in refused.text


WRONG = (
    {"people": ""}, {"people": "0"}, {"people": "51"}, {"people": "many"}, {"weeks": "13"}, {"kind": "magic"},
    {"kind": "answer", "minutes": "1"}, {"kind": "answer", "minutes": ""}, {"mode": "rocket"}, {"office": ""},
)  # fmt: skip


def test_numbers_that_mean_nothing_are_refused(site, town):
    desk = town.browser(site, town.coordinator())
    for wrong in WRONG:
        form = {"office": town.ids["station"], "kind": "people", "people": "3", "weeks": "2"} | wrong
        refused = sent(desk, **form)
        assert refused.status_code == 422 and 'class="error"' in refused.text, wrong
    assert db.session.query(WhatIf).count() == 0


def test_nobody_else_asks_and_who_only_watches_reads(site, town):
    busy(town)
    row_id, _again = supposing.ask(town.ids["station"], ANSWER, actor=town.coordinator(), key=None)
    supposing.end(row_id, actor=town.coordinator(), error=supposing.TOO_LONG)
    form = {"office": town.ids["station"], "kind": "people", "people": "3"}
    for actor, reads, asks in (
        (town.coordinator(town.ids["east"]), 404, 404), (town.volunteer(), 403, 403), (town.supervisor(), 200, 403),
    ):  # fmt: skip
        desk = town.browser(site, actor)
        assert desk.get(f"/desk/what-if/{row_id}").status_code == reads, actor.name
        assert desk.get(f"/desk/what-if/{row_id}/state").status_code == reads
        token = csrf_of(desk.get("/me").text)
        assert desk.post("/desk/what-if", data=form | {"csrf_token": token}).status_code == asks
    assert site.test_client().get(f"/desk/what-if/{row_id}").status_code == 303, "sign in first"
    assert db.session.query(WhatIf).count() == 1


def test_a_question_that_is_none_is_not_found(site, town):
    desk = town.browser(site, town.coordinator())
    assert desk.get("/desk/what-if/0").status_code == 404
    assert desk.get("/desk/what-if/0/state").status_code == 404


def test_the_office_asked_about_is_chosen_among_ones_own(site, town):
    page = town.browser(site, town.coordinator(town.ids["west"])).get("/desk/what-if").text
    assert "湖滨街道" in page and "远山街道" not in page and db.session.get(Office, town.ids["far"]).name not in page


@pytest.fixture
def apart(site, town):
    """The way of a real server: a child program behind pipes."""
    busy(town)
    site.config["LINLI"] = replace(site.config["LINLI"], solver="process")
    return db.session.get_one(Office, town.ids["station"])


def parcel(office, seconds=60):
    return pickle.dumps((*simulating.posed(office, PEOPLE), 5, seconds))


def test_the_simulators_own_process_tells_how_far_it_is_and_answers(apart):
    heard: list[int] = []
    found = supposing.played(parcel(apart), 60, heard.append)
    assert heard == [1, 2, 3, 4, 5] and found["seeds"] == 5


@pytest.mark.parametrize(
    ("seconds", "change", "why"), [(0, {}, supposing.TOO_LONG), (60, {"skill": "haircut"}, supposing.NOBODY)]
)
def test_the_simulators_own_process_says_why_it_has_no_answer(apart, town, seconds, change, why):
    set_for(town.ids["city"], "what_if_seconds", seconds)
    actor = town.coordinator()
    row_id, _again = supposing.ask(apart.id, PEOPLE | change, actor=actor, key=None)
    supposing.work_out(row_id, actor)
    assert db.session.get_one(WhatIf, row_id, populate_existing=True).error == why


def test_a_simulator_that_dies_or_hangs_is_noticed(apart):
    with pytest.raises(EOFError):
        supposing.played(b"no question", 60, print)
    with pytest.raises(supposing.Overdue):
        supposing.played(parcel(apart), -supposing.GRACE.total_seconds() / 2, print)


def test_a_question_that_cannot_be_worked_out_is_told_and_makes_room(town):
    busy(town)
    actor = town.coordinator()
    row_id, _again = supposing.ask(
        town.ids["station"], {"kind": "of a later version", "weeks": 2}, actor=actor, key=None
    )
    supposing.work_out(row_id, actor)
    assert db.session.get_one(WhatIf, row_id, populate_existing=True).error == supposing.FAILED
    assert service.suppose(town.ids["station"], ANSWER, actor=actor).answer


def test_an_office_that_is_none_is_not_found(town):
    with pytest.raises(NotFound):
        service.suppose("0" * 20, PEOPLE, actor=town.coordinator())
