"""Everything that can be written into the journal can be said."""

import pytest

from app.kernel.access import SYSTEM
from app.ordering import service as ordering
from app.oversight import sentences
from app.oversight.event_words import SENTENCES
from app.oversight.sentences import CAUSES, FOR_ANYBODY, sentence, timeline, tone
from models import Event, Order, db
from models.kinds import EventKind
from tests.factories import advance
from tests.serving.steps import offered, served


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_has_a_sentence_of_its_own(site, kind):
    with site.test_request_context():
        said = sentence(Event(kind=kind, particulars={}), "李晓梅")
        assert said and "%" not in said and said != str(kind)
        assert tone(kind) in {"", "good", "bad", "busy", "wait"}
        assert sentences.detail(Event(kind=kind, particulars={})) == ""


def test_no_two_kinds_say_the_same(site):
    with site.test_request_context():
        said = [str(words) for words in SENTENCES.values()]
    assert len(said) == len(set(said)) == len(EventKind)


def test_reasons_causes_and_amounts_are_said(site):
    def said(**particulars):
        with site.test_request_context():
            return sentences.detail(Event(kind=EventKind.ORDER_NOTE, particulars=particulars))

    assert said(reason="电话没人接") == "电话没人接"
    assert said(reason="cancelled") == str(CAUSES["cancelled"])
    assert said(missing="check_in", times=2) == "到时间没有签到"
    assert said(rule="low_risk_approved_at_once") == "低风险，按规则当场通过"
    assert said(stars=3, outcome="done") == "满意 · 做好了"
    assert said(minutes=0) == "0 分钟"
    assert said(fields=["window_from", "window_until", "nonsense"]) == "时间"
    assert said(fields="words", offers={"sent": 1}, reasons=None) == ""


def test_the_timeline_tells_the_whole_story_newest_first(town):
    order, volunteer = town.open_order(), town.volunteer("李晓梅")
    served(order, volunteer)
    lines = timeline(db.session.get(Order, order.id), town.coordinator())
    assert lines[-1]["text"] == "点了单" and len(lines) == order.version
    told = [line["text"] for line in lines]
    for expected in ("邀请李晓梅", "李晓梅接受了邀请", "李晓梅接单", "李晓梅签到", "服务开始", "李晓梅签退"):
        assert expected in told, expected
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)
    who = {line["text"]: line["who"] for line in lines}
    assert who["李晓梅签到"] == "李晓梅" and who["审核通过，开始找志愿者"] == "系统"


def test_the_person_served_reads_how_far_it_has_come_and_no_names_and_no_refusals(town):
    resident = town.resident()
    order, volunteer = town.open_order(resident), town.volunteer("李晓梅")
    from app.serving import service as serving

    serving.decline(offered(order, volunteer).id, actor=volunteer)
    ordering.note(order.id, "家属说话难听", actor=town.coordinator())
    lines = timeline(db.session.get(Order, order.id), resident)
    said = str(lines)
    assert "李晓梅" not in said and "难听" not in said and "不行" not in said
    assert {line["who"] for line in lines} <= {"", "系统"}
    assert EventKind.OFFER_DECLINE not in FOR_ANYBODY and EventKind.ORDER_NOTE not in FOR_ANYBODY


def test_a_supervisor_reads_masked_names_and_no_notes(town):
    order, volunteer = town.open_order(), town.volunteer("李晓梅")
    offered(order, volunteer)
    ordering.note(order.id, "家里有狗", actor=town.coordinator())
    said = str(timeline(db.session.get(Order, order.id), town.supervisor()))
    assert "邀请李**" in said and "李晓梅" not in said and "狗" not in said and "王**" in said
    assert "家里有狗" in str(timeline(db.session.get(Order, order.id), town.coordinator()))
    assert timeline(db.session.get(Order, order.id), SYSTEM)
    advance(minutes=1)
