"""Saying yes to an offer, saying it too late, saying no."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.event import listen, remove

from app.kernel import clock, errors
from app.serving import service as serving
from models import Assignment, Block, Event, Notification, db
from models.kinds import BlockKind, EventKind, NoticeKind
from models.states import AssignmentStatus, OfferStatus, OrderStatus
from tests.factories import World, advance
from tests.serving.steps import fresh, offered, profile, reserves, taken


def test_a_yes_makes_an_assignment_and_staffs_the_order(world: World) -> None:
    resident, volunteer = world.resident(), world.volunteer()
    order = world.open_order(resident)

    assignment = taken(order, volunteer)

    assert assignment.status == AssignmentStatus.ACCEPTED
    assert (assignment.starts_at, assignment.ends_at) == (order.window_from, order.window_until)
    assert fresh(order).status == OrderStatus.STAFFED
    assert order.staffed_at == clock.now()
    assert order.next_action_at > order.window_from
    kinds = db.session.scalars(select(Event.kind).filter_by(order_id=order.id).order_by(Event.version)).all()
    assert kinds[-3:] == [EventKind.OFFER_ACCEPT, EventKind.ASSIGNMENT_MAKE, EventKind.ORDER_STAFF]
    told = db.session.scalars(select(Notification.kind).filter_by(account_id=resident.account_id)).all()
    assert NoticeKind.ORDER_STAFFED in told


def test_looking_at_an_offer_is_remembered_once(world: World) -> None:
    volunteer = world.volunteer()
    offer = offered(world.open_order(), volunteer)

    serving.see_offer(offer.id, actor=volunteer)
    seen_at = fresh(offer).seen_at
    advance(minutes=1)
    serving.see_offer(offer.id, actor=volunteer)

    assert fresh(offer).status == OfferStatus.SEEN
    assert offer.seen_at == seen_at


def test_the_same_yes_twice_is_one_yes(world: World) -> None:
    volunteer = world.volunteer()
    offer = offered(world.open_order(), volunteer)

    first = serving.accept(offer.id, actor=volunteer, key="k1")
    again = serving.accept(offer.id, actor=volunteer, key="k1")
    without_key = serving.accept(offer.id, actor=volunteer)

    assert first.id == again.id == without_key.id
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1


def test_a_key_used_for_another_offer_is_refused(world: World) -> None:
    volunteer = world.volunteer()
    offers = [offered(world.open_order(starts=clock.now() + timedelta(days=n)), volunteer) for n in (1, 2)]
    serving.accept(offers[0].id, actor=volunteer, key="k1")

    with pytest.raises(errors.KeyReused):
        serving.accept(offers[1].id, actor=volunteer, key="k1")


def test_nobody_answers_for_somebody_else(world: World) -> None:
    offer = offered(world.open_order(), world.volunteer())
    stranger = world.volunteer("张三")

    for verb in (serving.see_offer, serving.accept, serving.decline):
        with pytest.raises(errors.NotFound):
            verb(offer.id, actor=stranger)
    with pytest.raises(errors.NotAllowed):
        serving.accept(offer.id, actor=world.resident())
    with pytest.raises(errors.NotFound):
        serving.accept("nothing", actor=stranger)


def test_an_offer_is_over_at_its_very_deadline_and_the_late_yes_is_kept(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    offer = offered(order, volunteer)
    clock.advance(offer.expires_at - clock.now())

    with pytest.raises(errors.OfferOver):
        serving.accept(offer.id, actor=volunteer)

    assert fresh(offer).status == OfferStatus.SENT  # its timer ends it, not the late yes
    assert reserves(order) == [volunteer.volunteer_id]


def test_a_yes_in_time_stays_in_time_however_long_the_database_takes(world: World) -> None:
    volunteer = world.volunteer()
    offer = offered(world.open_order(), volunteer)
    clock.advance(offer.expires_at - clock.now() - timedelta(seconds=1))

    def dawdle(*_: object) -> None:
        clock.advance(timedelta(seconds=2))

    listen(db.session, "before_flush", dawdle)
    try:
        serving.accept(offer.id, actor=volunteer)
    finally:
        remove(db.session, "before_flush", dawdle)

    assert fresh(offer).status == OfferStatus.ACCEPTED
    assert offer.answered_at < offer.expires_at < clock.now()


def test_whoever_comes_second_is_told_thanked_and_kept_as_a_reserve(world: World) -> None:
    order = world.open_order()
    quick, slow = world.volunteer("李快"), world.volunteer("王慢")
    offers = {who: offered(order, who) for who in (quick, slow)}

    serving.accept(offers[quick].id, actor=quick)
    with pytest.raises(errors.AlreadyTaken):
        serving.accept(offers[slow].id, actor=slow)

    assert fresh(offers[slow]).status == OfferStatus.WITHDRAWN
    assert reserves(order) == [slow.volunteer_id]
    told = db.session.scalars(select(Notification.kind).filter_by(account_id=slow.account_id)).all()
    assert NoticeKind.OFFER_TAKEN in told


def test_each_place_of_an_order_is_filled_and_no_more(world: World) -> None:
    order = world.open_order(positions=2)
    people = [world.volunteer(f"志愿者{n}") for n in range(3)]
    offers = [offered(order, who) for who in people]

    first = serving.accept(offers[0].id, actor=people[0])
    assert fresh(order).status == OrderStatus.OFFERING
    second = serving.accept(offers[1].id, actor=people[1])
    with pytest.raises(errors.AlreadyTaken):
        serving.accept(offers[2].id, actor=people[2])

    assert [first.position.number, second.position.number] == [1, 2]
    assert fresh(order).status == OrderStatus.STAFFED


def test_with_a_place_left_and_nobody_asked_the_order_waits_again(world: World) -> None:
    order = world.open_order(positions=2)
    taken(order, world.volunteer())
    assert fresh(order).status == OrderStatus.OPEN


def test_a_yes_takes_back_other_offers_for_the_same_time(world: World) -> None:
    volunteer = world.volunteer()
    here, same_time, next_day = (
        world.open_order(),
        world.open_order(),
        world.open_order(starts=clock.now() + timedelta(days=2)),
    )
    offers = [offered(order, volunteer) for order in (here, same_time, next_day)]

    serving.accept(offers[0].id, actor=volunteer)

    assert [fresh(offer).status for offer in offers] == [OfferStatus.ACCEPTED, OfferStatus.WITHDRAWN, OfferStatus.SENT]
    assert fresh(same_time).status == OrderStatus.OPEN


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_no_said_while_the_yes_to_another_waits_for_its_turn_stays_a_no(app: Flask, world: World) -> None:
    volunteer = world.volunteer()
    here, same_time = world.open_order(), world.open_order()
    wanted, rival = offered(here, volunteer), offered(same_time, volunteer)
    rival_id, others = rival.id, []

    def say_no() -> None:
        with app.app_context():
            serving.decline(rival_id, actor=volunteer, reason="那天要带孙子")
            db.session.remove()

    def overtake(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        """Another telephone is quicker to the lock than the yes, which has already read what else is offered."""
        if "FOR UPDATE" in statement and not others:
            others.append(Thread(target=say_no))
            others[0].start()
            others[0].join()

    listen(db.engine, "before_cursor_execute", overtake)
    try:
        serving.accept(wanted.id, actor=volunteer)
    finally:
        remove(db.engine, "before_cursor_execute", overtake)

    assert fresh(wanted).status == OfferStatus.ACCEPTED
    assert (fresh(rival).status, rival.decline_reason) == (OfferStatus.DECLINED, "那天要带孙子")
    assert fresh(same_time).status == OrderStatus.OPEN
    ends = {EventKind.OFFER_DECLINE, EventKind.OFFER_WITHDRAW}
    kinds = db.session.scalars(select(Event.kind).where(Event.subject_id == rival_id, Event.kind.in_(ends))).all()
    assert kinds == [EventKind.OFFER_DECLINE]


def test_a_yes_pressed_again_after_giving_the_task_back_is_over_and_kept(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    offer = offered(order, volunteer)
    serving.hand_back(serving.accept(offer.id, actor=volunteer).id, "有事", actor=volunteer)
    with pytest.raises(errors.OfferOver):
        serving.accept(offer.id, actor=volunteer)
    assert fresh(order).status == OrderStatus.OPEN
    assert db.session.scalars(select(Assignment.status)).all() == [AssignmentStatus.HANDED_BACK]
    assert reserves(order) == [volunteer.volunteer_id]


def test_two_tasks_at_one_time_are_refused_and_back_to_back_ones_are_not(world: World) -> None:
    volunteer = world.volunteer(north_km=0)
    first = world.open_order()
    taken(first, volunteer)
    overlapping = world.open_order(starts=first.window_from + timedelta(hours=1))
    after = world.open_order(starts=first.window_until + timedelta(minutes=5))
    offer = offered(overlapping, volunteer)

    with pytest.raises(errors.Overlaps):
        serving.accept(offer.id, actor=volunteer)
    assert taken(after, volunteer).status == AssignmentStatus.ACCEPTED


def test_rules_are_asked_again_at_the_yes(world: World) -> None:
    paused, blocked = world.volunteer("停歇"), world.volunteer("不见")
    order = world.open_order()
    offers = {who: offered(order, who) for who in (paused, blocked)}
    profile(paused).is_paused = True
    db.session.add(
        Block(
            volunteer_id=blocked.volunteer_id,
            resident_id=order.resident_id,
            kind=BlockKind.BY_RESIDENT,
            created_at=clock.now(),
        )
    )
    db.session.commit()

    with pytest.raises(errors.NotFitting):
        serving.accept(offers[paused].id, actor=paused)
    with pytest.raises(errors.OfferOver):  # who blocked whom is not told
        serving.accept(offers[blocked].id, actor=blocked)


def test_an_own_wish_does_not_stand_in_the_way_of_an_own_yes(world: World) -> None:
    volunteer = world.volunteer(on_duty=False, radius_m=100, north_km=3)
    assert taken(world.open_order(), volunteer).status == AssignmentStatus.ACCEPTED


def test_no_costs_nothing_and_may_be_said_twice_or_late(world: World) -> None:
    volunteer = world.volunteer()
    order = world.open_order()
    offer = offered(order, volunteer)
    version = profile(volunteer).version

    serving.decline(offer.id, actor=volunteer, reason="那天要带孙子")
    serving.decline(offer.id, actor=volunteer)

    assert fresh(offer).status == OfferStatus.DECLINED
    assert offer.decline_reason == "那天要带孙子"
    assert fresh(order).status == OrderStatus.OPEN
    assert profile(volunteer).version == version
    late = offered(world.open_order(), volunteer)
    clock.advance(late.expires_at - clock.now())
    assert serving.decline(late.id, actor=volunteer).status == OfferStatus.SENT


def test_declining_keeps_everybody_where_they_were_for_other_orders(world: World) -> None:
    """The list of candidates for another order is the same before and after a no."""
    from app.dispatching import queries as dispatching

    people = [world.volunteer(f"志愿者{n}", north_km=0.3 + n / 10) for n in range(3)]
    first, other = world.open_order(), world.open_order(starts=clock.now() + timedelta(days=3))
    before = [dispatching.fit(other, profile(who)) for who in people]

    serving.decline(offered(first, people[0]).id, actor=people[0])

    db.session.expire_all()
    after = [dispatching.fit(other, profile(who)) for who in people]
    assert before == after
