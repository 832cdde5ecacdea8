"""Reasons in words: right for the reader, complete in both languages, and silent about other people."""

import pytest

from dispatch import MODES, RULE_NAMES, Proposal, conflict_words, judge, solve, unplaced_words, words
from dispatch.explain import distance_words
from dispatch.reasons.sentences import BAN_WORDS, LOST, MODE_WORDS, REASONS, UNPLACED
from tests.dispatch.makers import LAT, at, order, problem, volunteer

EIGHT_HUNDRED_M = LAT + 800 / 111_195.1


@pytest.fixture
def proposal() -> Proposal:
    need = order(
        lat=EIGHT_HUNDRED_M, languages={"hz"}, skills={"phone"}, credentials={"card"}, sex="female",
        preferred={"v1"}, now=True,
    )  # fmt: skip
    able = {
        "skills": {"phone"},
        "languages": {"hz"},
        "credentials": [("card", at(20))],
        "sex": "female",
        "on_duty": True,
    }
    busier = volunteer("v2", load=900, **able)
    return solve(problem([need], [volunteer("v1", load=60, **able), busier])).proposals[0]


def test_the_volunteer_reads_why_they_are_asked(proposal: Proposal) -> None:
    assert words(proposal, "zh", "volunteer", names={"hz": "杭州话", "phone": "手机教学"}) == [
        "离您约 800 米，步行 11 分钟",
        "您以前服务过这位居民",
        "您会杭州话，对方希望说方言",
        "您有这次需要的技能：手机教学",
        "您的证书在有效期内",
        "对方对服务者性别的希望，您符合",
        "您正在值守，可以马上出发",
        "这段时间您有空",
        "本月您服务得较少，机会轮到您了",
    ]


def test_english_says_as_much(proposal: Proposal) -> None:
    english = words(proposal, "en", "volunteer", names={"hz": "Hangzhounese"})
    assert english[0] == "About 800 m from you, 11 min on foot"
    assert "You speak Hangzhounese, which this person would like to hear" in english
    assert len(english) == len(words(proposal, "zh", "volunteer"))


def test_the_resident_learns_nothing_about_where_the_volunteer_lives_or_how_much_they_work(proposal: Proposal) -> None:
    said = " ".join(words(proposal, "zh", "resident"))
    assert "志愿者就在附近" in said
    assert not any(private in said for private in ("米", "步行", "分钟", "本月", "较少"))


def test_nobody_but_the_coordinator_learns_that_there_is_no_second_person() -> None:
    only = solve(problem()).proposals[0]
    assert "目前合适的只有这一位" in words(only, "zh", "coordinator")
    assert not any("只有" in sentence for sentence in words(only, "zh", "volunteer") + words(only, "zh", "resident"))


def test_words_can_be_made_from_stored_json_and_from_bare_codes(proposal: Proposal) -> None:
    stored = {"reasons": list(proposal.reasons)}
    assert words(stored) == words(proposal) == words(list(proposal.reasons))


def test_unplaced_orders_count_what_was_lost_at_each_rule() -> None:
    people = [volunteer("v1"), volunteer("v2", skills={"law"}, radius_m=0), volunteer("v3", skills={"law"})]
    need = order(lat=EIGHT_HUNDRED_M, skills={"law"}, excluded={"v3": "declined"})
    one = solve(problem([need], people)).unplaced[0]
    assert unplaced_words(one) == [
        "3 名志愿者中：没有所需技能 1、超出服务半径 1、这一单不再邀请 1",
        "其他条件都合适但不再邀请的：这次已谢绝 1",
        "目前没有合适的志愿者，还缺 1 人",
    ]
    assert unplaced_words(one, "en")[0] == (
        "Of 3 volunteers: lack a skill needed 1, too far for their own radius 1, not to be asked for this order 1"
    )


def test_unplaced_orders_say_when_others_needed_the_same_people() -> None:
    plan = solve(problem([order("calm"), order("urgent", priority=5)]))
    assert unplaced_words(plan.unplaced[0]) == ["合适的 1 人这次被更急或更合适的单子用上了，还缺 1 人"]
    assert unplaced_words(plan.to_dict()["unplaced"][0]) == unplaced_words(plan.unplaced[0])


def test_unplaced_orders_say_when_everybody_suitable_is_on_them_already() -> None:
    plan = solve(problem([order(positions=2)]))
    assert unplaced_words(plan.unplaced[0]) == ["合适的 1 人都已安排在这一单，还缺 1 人"]


def test_the_resident_of_an_unplaced_order_reads_no_counts_of_others() -> None:
    one = solve(problem([order(skills={"law"})])).unplaced[0]
    assert unplaced_words(one, reader="resident") == ["暂时还没有找到合适的志愿者，我们会继续为您找"]


def test_conflicts_of_a_pair_chosen_by_hand_are_put_in_words() -> None:
    city = problem([order(excluded={"v1": "declined"})], [volunteer(active=False)])
    assert conflict_words(judge(city, "o1", "v1")) == ["暂不参加服务", "这次已谢绝"]


def test_both_languages_know_every_rule_mode_and_sentence() -> None:
    for lang in ("zh", "en"):
        assert tuple(LOST[lang]) == RULE_NAMES
        assert set(MODE_WORDS[lang]) == set(MODES)
    for table in (UNPLACED, BAN_WORDS, *(_by_reader(reader) for reader in REASONS["zh"])):
        assert table["zh"].keys() == table["en"].keys()


def _by_reader(reader: str) -> dict[str, dict[str, str]]:
    return {lang: REASONS[lang][reader] for lang in ("zh", "en")}


@pytest.mark.parametrize(
    ("metres", "said"), [(0, "50 米"), (812, "800 米"), (830, "850 米"), (990, "1.0 公里"), (2340, "2.3 公里")]
)
def test_distances_are_rounded_as_people_say_them(metres: int, said: str) -> None:
    assert distance_words(metres, "zh") == said
