"""The station's review: who may, from which state, and what others hear of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.access import SYSTEM
from app.kernel.clock import now
from app.kernel.errors import Invalid, KeyReused, NotAllowed, NotFound, WrongState
from app.kernel.transaction import command
from app.ordering import service
from models import Notification, Offer, Order, db
from models.kinds import Channel, EventKind, NoticeKind
from models.states import OfferStatus, OrderStatus
from tests.factories import advance
from tests.ordering.wishes import errand, events_of, free_form, wish


@pytest.fixture
def resident(world):
    return world.resident()


@pytest.fixture
def desk(world):
    return world.coordinator()


@pytest.fixture
def order(world, resident):
    return service.place(actor=resident, **wish(world))


def notices_for(actor):
    found = select(Notification.kind).where(Notification.account_id == actor.account_id)
    return set(db.session.scalars(found))


def test_an_approved_order_is_open_and_the_resident_hears_of_it(order, desk, resident):
    service.approve(order.id, actor=desk)
    assert order.status == OrderStatus.OPEN and order.opened_at == now()
    assert events_of(order)[-1].actor_id == desk.account_id
    assert notices_for(resident) == {NoticeKind.ORDER_APPROVED}


def test_an_order_whose_time_is_over_is_approved_only_after_a_new_time_was_agreed_on(order, desk):
    advance(days=3)
    with pytest.raises(WrongState):
        service.approve(order.id, actor=desk)
    assert order.status == OrderStatus.SUBMITTED
    starts = now() + timedelta(days=1)
    service.amend(order.id, actor=desk, window_from=starts, window_until=starts + timedelta(hours=3))
    assert service.approve(order.id, actor=desk).status == OrderStatus.OPEN


@pytest.mark.parametrize("verb", ["approve", "send_back", "reject", "note", "classify", "receive", "transfer", "merge"])
def test_outside_ones_subtree_an_order_does_not_exist(world, order, verb):
    stranger = world.coordinator(world.ids["east"])
    words = {"classify": ("errand",), "transfer": (world.ids["far"], "原因"), "merge": (order.id,)}
    given = words.get(verb, () if verb in ("approve", "receive") else ("原因",))
    with pytest.raises(NotFound):
        getattr(service, verb)(order.id, *given, actor=stranger)
    assert len(events_of(order)) == 1


@pytest.mark.parametrize("who", ["resident", "volunteer", "supervisor", "administrator"])
def test_only_coordinators_review(world, order, who):
    with pytest.raises(NotAllowed):
        service.approve(order.id, actor=getattr(world, who)())


def test_a_coordinator_of_the_street_reviews_for_its_communities(world, order):
    assert service.approve(order.id, actor=world.coordinator(world.ids["street"])).status == OrderStatus.OPEN


def test_an_order_sent_back_can_be_mended_and_sent_in_again(order, desk, resident):
    service.send_back(order.id, "请写明医院", actor=desk)
    assert order.status == OrderStatus.RETURNED and order.reason == "请写明医院"
    assert notices_for(resident) == {NoticeKind.ORDER_RETURNED}
    service.resubmit(order.id, actor=resident, words="去市一医院")
    assert (order.status, order.words, order.reason) == (OrderStatus.SUBMITTED, "去市一医院", "")
    kinds = [event.kind for event in events_of(order)]
    assert kinds[-2:] == [EventKind.ORDER_AMEND, EventKind.ORDER_RESUBMIT]


def test_an_order_that_was_not_sent_back_cannot_be_sent_in_again(order, resident):
    with pytest.raises(WrongState):
        service.resubmit(order.id, actor=resident, words="x")


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.COUNTER])
def test_what_the_desk_wrote_down_the_desk_sends_in_again(world, order, desk, channel):
    taken_in = written_down(order, channel)
    service.send_back(taken_in.id, "请写明医院", actor=desk)
    service.mend(taken_in.id, actor=world.coordinator(), words="市一医院")
    assert (taken_in.status, taken_in.words, taken_in.reason) == (OrderStatus.SUBMITTED, "市一医院", "")


def test_the_desk_mends_what_a_resident_asked_for_and_leaves_it_to_them_to_send_in(order, desk, resident):
    service.send_back(order.id, "请写明医院", actor=desk)
    service.mend(order.id, actor=desk, words="市一医院")
    assert (order.status, order.words) == (OrderStatus.RETURNED, "市一医院")
    with pytest.raises(WrongState):
        service.resubmit(order.id, actor=desk)
    assert service.mend(order.id, actor=resident).status == OrderStatus.SUBMITTED


def test_a_desk_elsewhere_sends_nothing_in(world, order, desk):
    taken_in = written_down(order, Channel.PHONE)
    service.send_back(taken_in.id, "请写明医院", actor=desk)
    with pytest.raises(NotFound):
        service.mend(taken_in.id, actor=world.coordinator(world.ids["far"]))


@command
def written_down(order, channel):
    """As if the coordinator had taken it in, and another office had handed it on to be looked at."""
    order.channel = channel
    return order


def test_a_step_with_a_key_is_taken_once_and_gives_back_the_same_row(order, desk):
    first = service.send_back(order.id, "请写明医院", actor=desk, key="k")
    assert service.send_back(order.id, "请写明医院", actor=desk, key="k") is first
    assert [event.kind for event in events_of(order)] == [EventKind.ORDER_PLACE, EventKind.ORDER_RETURN]
    with pytest.raises(KeyReused):
        service.send_back(order.id, "请写明哪一天", actor=desk, key="k")


def test_a_rejected_order_ends_with_its_reason(order, desk, resident):
    service.reject(order.id, "不属于志愿服务", actor=desk)
    assert order.status == OrderStatus.REJECTED and order.reason == "不属于志愿服务" and order.next_action_at is None
    with pytest.raises(WrongState):
        service.approve(order.id, actor=desk)
    assert notices_for(resident) == {NoticeKind.ORDER_REJECTED}


def test_a_merged_order_points_to_the_one_that_goes_on(world, order, desk, resident):
    other = service.place(actor=resident, **wish(world))
    service.merge(order.id, other.id, actor=desk)
    assert order.status == OrderStatus.MERGED and order.merged_into_id == other.id
    assert events_of(other)[-1].particulars == {"merged": order.number}


@pytest.mark.parametrize("into", ["itself", "ended"])
def test_an_order_is_merged_only_into_another_live_one(world, order, desk, resident, into):
    other = order if into == "itself" else service.place(actor=resident, **wish(world))
    if into == "ended":
        service.cancel(other.id, "不需要了", actor=resident)
    with pytest.raises(Invalid):
        service.merge(order.id, other.id, actor=desk)
    assert order.status == OrderStatus.SUBMITTED


def test_a_transferred_order_leaves_ones_sight_and_is_taken_in_by_the_other_office(world, order, desk):
    there = world.coordinator(world.ids["far"])
    service.transfer(order.id, world.ids["far"], "住在远山社区", actor=desk)
    assert order.status == OrderStatus.TRANSFERRED and order.office_id == world.ids["far"]
    assert notices_for(there) == {NoticeKind.ESCALATED}
    with pytest.raises(NotFound):
        service.note(order.id, "还是我们的吗", actor=desk)
    service.receive(order.id, actor=there)
    assert order.status == OrderStatus.SUBMITTED
    assert service.approve(order.id, actor=there).status == OrderStatus.OPEN


def test_an_order_is_not_transferred_to_its_own_office_or_to_none(world, order, desk):
    for target in (world.ids["station"], "nowhere"):
        with pytest.raises(Invalid):
            service.transfer(order.id, target, "原因", actor=desk)


def test_a_free_form_order_takes_over_the_demands_of_the_item_it_is_classified_as(world, resident, desk):
    order = service.place(actor=resident, **free_form(world))
    service.classify(order.id, "bathing", actor=desk)
    assert order.item.code == "bathing" and order.credentials == ["first_aid"]
    assert [row.skill.code for row in order.skills] == ["escort"]
    assert events_of(order)[-1].particulars == {"fields": ["item"], "item": "bathing"}
    with pytest.raises(Invalid):
        service.classify(order.id, "nothing", actor=desk)


def test_a_note_is_kept_with_the_order(order, desk):
    service.note(order.id, "已电话核实", actor=desk)
    assert events_of(order)[-1].particulars == {"words": "已电话核实"}


def test_a_review_that_takes_too_long_is_told_to_the_station_and_the_office_above(world, order, desk):
    above = world.coordinator(world.ids["street"])
    advance(days=1, minutes=1)
    service.review_overdue(order.id)
    assert notices_for(desk) == notices_for(above) == {NoticeKind.ESCALATED}
    assert order.next_action_at == now() + timedelta(minutes=1440)
    service.approve(service.amend(order.id, actor=desk, **later()).id, actor=desk)
    with pytest.raises(WrongState):
        service.review_overdue(order.id)


def later():
    starts = now() + timedelta(days=2)
    return {"window_from": starts, "window_until": starts + timedelta(hours=3)}


def test_a_returned_order_nobody_mends_is_cancelled_by_the_clock(order, desk, resident):
    service.send_back(order.id, "请写明医院", actor=desk)
    service.drop_returned(order.id)
    assert order.status == OrderStatus.CANCELLED and events_of(order)[-1].actor_id is None
    assert NoticeKind.ORDER_CANCELLED in notices_for(resident)
    with pytest.raises(WrongState):
        service.drop_returned(order.id)


# ---------- changing and cancelling ----------


def test_the_resident_changes_an_order_until_it_is_approved(order, resident, desk):
    service.amend(order.id, actor=resident, words="改一下")
    assert order.words == "改一下"
    service.approve(order.id, actor=desk)
    with pytest.raises(WrongState):
        service.amend(order.id, actor=resident, words="再改一下")
    service.amend(order.id, actor=desk, words="调度员改")
    assert order.words == "调度员改"


def test_nothing_is_written_down_where_nothing_changed(order, resident):
    service.amend(order.id, actor=resident, words=order.words)
    assert len(events_of(order)) == 1


def test_somebody_elses_order_cannot_be_changed_or_cancelled(world, order):
    stranger = world.resident("乙")
    for verb, given in ((service.amend, {"words": "x"}), (service.cancel, {"reason": "x"})):
        with pytest.raises(NotFound):
            verb(order.id, actor=stranger, **given)


def test_a_new_time_takes_back_the_offers_of_the_old_one(world, order, desk):
    from app.dispatching import service as dispatching

    volunteer = world.volunteer()
    service.approve(order.id, actor=desk)
    offer = dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk)
    service.amend(order.id, actor=desk, **later())
    assert db.session.get(Offer, offer.id).status == OfferStatus.WITHDRAWN
    assert order.status == OrderStatus.OPEN


def test_new_words_leave_the_offers_out_and_the_order_offering(world, order, desk):
    from app.dispatching import service as dispatching

    volunteer = world.volunteer()
    service.approve(order.id, actor=desk)
    offer = dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk)
    service.amend(order.id, actor=desk, words="门铃坏了，请敲门")
    assert db.session.get(Offer, offer.id).status == OfferStatus.SENT
    assert order.status == OrderStatus.OFFERING


def test_a_time_somebody_promised_to_keep_is_not_changed_behind_their_back(world, resident, desk):
    from app.dispatching import service as dispatching
    from app.serving import service as serving

    order = service.place(actor=resident, **wish(world, item_code="bathing", positions=2))
    service.approve(order.id, actor=desk)
    volunteer = world.volunteer(credentials={"first_aid": None})
    offer = dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk)
    serving.accept(offer.id, actor=volunteer)
    with pytest.raises(WrongState):
        service.amend(order.id, actor=desk, **later())


def test_cancelling_takes_everybody_off_and_tells_them(world, order, desk, resident):
    from app.dispatching import service as dispatching
    from app.serving import service as serving

    volunteer = world.volunteer()
    service.approve(order.id, actor=desk)
    offer = dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk)
    serving.accept(offer.id, actor=volunteer)
    assert order.status == OrderStatus.STAFFED
    service.cancel(order.id, "时间不合适", actor=resident)
    assert order.status == OrderStatus.CANCELLED and order.reason == "时间不合适"
    assert NoticeKind.ORDER_CANCELLED in notices_for(volunteer)
    assert NoticeKind.ORDER_CANCELLED in notices_for(desk)
    with pytest.raises(WrongState):
        service.cancel(order.id, "再来一次", actor=resident)


def test_the_resident_hears_when_the_desk_cancels(order, desk, resident):
    service.cancel(order.id, "台风停止服务", actor=desk)
    assert NoticeKind.ORDER_CANCELLED in notices_for(resident)


def test_a_resident_nobody_came_to_can_tell_the_desk(world, order, desk, resident):
    from app.dispatching import service as dispatching
    from app.serving import service as serving

    volunteer = world.volunteer()
    service.approve(order.id, actor=desk)
    with pytest.raises(WrongState):
        service.ask_after(order.id, actor=resident)
    serving.accept(dispatching.offer_by_hand(order.id, volunteer.volunteer_id, actor=desk).id, actor=volunteer)
    advance(days=1, minutes=20)
    service.ask_after(order.id, actor=resident)
    assert NoticeKind.ESCALATED in notices_for(desk)
    assert events_of(order)[-1].kind == EventKind.ORDER_LATE


def test_the_system_may_do_what_the_desk_may(world, resident):
    order = service.place(actor=resident, **wish(world, channel=Channel.API))
    assert service.approve(order.id, actor=SYSTEM).status == OrderStatus.OPEN


def test_an_order_nobody_knows_is_not_found(desk):
    with pytest.raises(NotFound):
        service.approve("nothing", actor=desk)
    assert db.session.scalar(select(Order.id)) is None


def test_an_instantly_approved_order_needs_no_second_approval(world, resident, desk):
    order = service.place(actor=resident, **errand(world))
    with pytest.raises(WrongState):
        service.approve(order.id, actor=desk)
