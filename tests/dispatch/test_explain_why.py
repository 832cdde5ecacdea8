"""Why, why not and what would help, in words: complete in both languages, and silent about other people."""

import re
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings

from dispatch import (
    TERMS,
    Market,
    Problem,
    Proposal,
    Remedy,
    Why,
    WhyNot,
    remedies_for,
    remedy_words,
    solve,
    takers,
    unplaced_words,
    why,
    why_not,
    why_not_pair,
    why_not_words,
    why_words,
)
from dispatch.explain import minutes_words
from dispatch.reasons.sentences import BAN_WORDS, LOST, UNPLACED
from dispatch.reasons.sentences_remedies import REMEDIES
from dispatch.reasons.sentences_why import BECAUSE, OWN_RULES, TAKERS, TERM_WORDS, WHY, WHY_NOT
from tests.dispatch.makers import LAT, cities, order, problem, volunteer

LANGS = ("zh", "en")
OTHERS = ("volunteer", "resident")
TABLES: list[dict[str, Any]] = [
    BECAUSE, OWN_RULES, TAKERS, TERM_WORDS, WHY, WHY_NOT, REMEDIES, UNPLACED, LOST, BAN_WORDS,
]  # fmt: skip


def fields(table: Any) -> Any:
    """The same tree with only the names of the blanks in its sentences."""
    if isinstance(table, dict):
        return {key: fields(value) for key, value in table.items()}
    return {name for _, name, _, _ in Formatter().parse(table) if name}


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_have_the_same_sentences_with_the_same_blanks(table: dict[str, Any]) -> None:
    assert fields(table["zh"]) == fields(table["en"])


def test_every_rule_and_every_term_has_its_words() -> None:
    for lang in LANGS:
        assert set(LOST[lang]) <= set(OWN_RULES[lang])
        assert set(TERMS) | {"equal", "whole_day"} == set(BECAUSE[lang])
        assert set(TERMS) == set(TERM_WORDS[lang])


@settings(max_examples=60, deadline=None)
@given(cities(most_orders=4, most_volunteers=6))
def test_volunteers_and_residents_read_nothing_about_anybody_else(city: Problem) -> None:
    plan = solve(city)
    market = Market.of(city, plan)
    said: list[str] = []
    for lang in LANGS:
        for reader in OTHERS:
            for person in city.volunteers:
                for told in why_not(city, plan, person.id, market=market):
                    said.extend(why_not_words(told, lang, reader))
            for one in plan.proposals:
                said.extend(why_words(why(city, plan, one, market=market), one, lang, reader))
            for open_order in plan.unplaced:
                held = takers(city, plan, open_order.order, market=market)
                said.extend(unplaced_words(open_order, lang, reader, takers=held))
                for remedy in remedies_for(city, plan, open_order.order, market=market):
                    said.extend(remedy_words(remedy, lang, reader))
    assert not [sentence for sentence in said if re.search(r"\b[vo]\d|new-\d|米|\bm\b|分（|points", sentence)]


PROPOSAL = Proposal("v1", 0, 3600, 840, 700, 166, {"travel": 70, "fairness": 96}, (), "o1", "v2", 40)


def test_the_coordinator_reads_the_terms_the_next_in_line_and_what_would_change_it() -> None:
    told = Why("o1", "v1", PROPOSAL.terms, "v2", 40, 40, 6, False)
    assert why_words(told, PROPOSAL, names={"v2": "王芳"}) == [
        "代价 166 分：路程 70（850 米，12 分钟）；均衡 96（按近期服务多少计）",
        "下一位是 王芳，多 40 分",
        "路上再多 6 分钟也还是这样派（余地 40 分）",
    ]
    assert why_words(told, PROPOSAL, "en")[-1] == (
        "Stays the choice even if the way were 6 min longer (40 points to spare)"
    )


def test_the_volunteer_reads_minutes_and_the_resident_neither_minutes_nor_points() -> None:
    told = Why("o1", "v1", PROPOSAL.terms, "v2", 40, 40, 6, False)
    assert why_words(told, PROPOSAL, "zh", "volunteer") == ["就算您路上再多 6 分钟，这一单也还是最想请您"]
    assert why_words(told, PROPOSAL, "zh", "resident") == ["这位志愿者是目前最合适您的人"]


def test_who_is_needed_most_still_reads_that_no_is_fine() -> None:
    told = Why("o1", "v1", PROPOSAL.terms, None, None, None, None, True)
    assert "不方便也没关系" in why_words(told, PROPOSAL, "zh", "volunteer")[0]
    assert why_words(told, PROPOSAL)[-1] == "少了这位就有服务没人去，路再远也还是这样派"


def test_equals_and_margins_below_a_minute_are_said_without_minutes() -> None:
    equal, close = (Why("o1", "v1", {}, "v2", 0, slack, 0, False) for slack in (0, 3))
    assert why_words(equal, PROPOSAL) == ["没有任何代价", "下一位是 v2，多 0 分", "另有同样好的派法"]
    assert why_words(close, PROPOSAL)[-1] == "再贵 3 分也还是这样派"
    assert why_words(close, PROPOSAL, "zh", "volunteer") == []


def test_a_volunteer_reads_their_own_rule() -> None:
    far = problem([order(lat=LAT + 0.2)])
    told = why_not_pair(far, solve(far), "o1", "v1")
    assert why_not_words(told, "zh", "volunteer") == [
        "这一单没有问您：超出了您自己选的服务范围；从您那里现在出发也来不及"
    ]
    assert why_not_words(told, "en", "coordinator") == [
        "Cannot be asked: too far for their own radius; cannot get there in time"
    ]
    assert why_not_words(told, "zh", "resident") == ["这位志愿者这次来不了，我们会为您找别的合适的人"]


def test_a_volunteer_who_was_blocked_is_not_told_so() -> None:
    blocked = WhyNot("o1", "refused", ("banned:blocked",))
    assert why_not_words(blocked, "zh", "volunteer") == ["这一单没有问您：这一单这次不便邀请您"]
    assert why_not_words(blocked) == ["不能请：双方不再匹配"]


def test_a_volunteer_reads_how_much_nearer_they_would_have_to_be() -> None:
    city = problem([order()], [volunteer("near"), volunteer("far", lat=LAT + 0.005)])
    told = why_not_pair(city, solve(city), "o1", "far")
    assert why_not_words(told, "zh", "volunteer") == [
        "这次先请了别人：有人离得更近",
        "您的路要再短 7 分钟以上，才会轮到您",
    ]
    assert why_not_words(told) == ["别人更合适：有人离得更近", "至少要再便宜 46 分（合 7 分钟的路）才会改请这位"]


def test_who_serves_another_order_reads_so() -> None:
    told = WhyNot("o1", "elsewhere", serves="o2", lasting=True)
    assert why_not_words(told, names={"o2": "20260105-002"}) == [
        "这次请这位去 20260105-002", "改请这位，别处就会有服务没人去",
    ]  # fmt: skip
    assert "o2" not in why_not_words(told, "zh", "volunteer")[0]


def test_the_coordinator_reads_which_orders_hold_the_people() -> None:
    city = problem([order("calm"), order("urgent", priority=5)])
    plan = solve(city)
    held = takers(city, plan, "calm")
    assert unplaced_words(plan.unplaced[0], takers=held, names={"urgent": "急单"}) == [
        "合适的 1 人这次被更急或更合适的单子用上了，还缺 1 人",
        "他们这次在帮：急单（优先级 5，1 人）",
        "叫走其中一位，至少有优先级 5 的服务会落空",
    ]


def test_in_a_day_plan_the_day_of_the_suitable_is_full() -> None:
    plan = solve(problem([order("calm"), order("urgent", priority=5)]))
    assert unplaced_words(plan.unplaced[0], mode="day") == ["合适的 1 人这天先安排了别的服务，还缺 1 人"]


NO_SEX = Remedy("o1", "drop", 0, what=("sex",), helpers=("v1",))
SPLIT = Remedy("o1", "split", 2, helpers=("v1", "v2"))
REMEDY_WORDS: list[tuple[Remedy, str, str]] = [
    (NO_SEX, "不限定服务者的性别，就能派出：v1", "如果不限服务者的性别，现在就有人能来"),
    (Remedy("o1", "radius", 2000, ("v1",), helpers=("v1",)), "请 v1 多走 2 公里", ""),
    (Remedy("o1", "move", 3600, ("o2",), helpers=("v1",)), "让 o2 可以晚 1 小时，把人腾出来，就能派出：v1", ""),
    (Remedy("o1", "later", 1800, helpers=("v1",)), "让服务可以晚半小时，就能派出：v1", "如果可以晚半小时，就有人能来"),
    (SPLIT, "分两次去，每次一半的时间，就能派出：v1、v2", "如果分两次来、每次一半的时间，就有人能来"),
    (Remedy("o1", "newcomer", 1, what=("law",), helpers=("new-1",)), "这附近再有 1 位志愿者，要有：law", ""),
]


@pytest.mark.parametrize(("remedy", "coordinator", "resident"), REMEDY_WORDS, ids=[row[0].kind for row in REMEDY_WORDS])
def test_remedies_are_said_to_whom_they_concern(remedy: Remedy, coordinator: str, resident: str) -> None:
    assert remedy_words(remedy) == [coordinator]
    assert remedy_words(remedy, "zh", "resident") == [resident] * bool(resident)
    assert all(remedy_words(remedy, "en", "coordinator"))


def test_a_volunteer_reads_only_about_their_own_radius_and_the_coordinator_what_it_costs() -> None:
    wider = Remedy("o1", "radius", 1000, ("v1",), cost=66, helpers=("v1",))
    assert remedy_words(wider, "en", "volunteer") == [
        "If you would go 1 km farther, you could help here; it is fine if not"
    ]
    assert remedy_words(wider)[1] == "全部服务的代价多 66 分"
    assert remedy_words(Remedy("o1", "later", 1800), "zh", "volunteer") == []


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [(7, " 7 分钟", "7 min"), (23, " 20 分钟", "20 min"), (34, "半小时", "half an hour"), (59, " 55 分钟", "55 min"),
     (60, " 1 小时", "1 h"), (119, " 1.5 小时", "1.5 h"), (240, " 4 小时", "4 h")],
)  # fmt: skip
def test_minutes_are_rounded_down_as_people_say_them(minutes: int, zh: str, en: str) -> None:
    assert (minutes_words(minutes, "zh"), minutes_words(minutes, "en")) == (zh, en)
