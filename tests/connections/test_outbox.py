"""Notices reach the endpoints outside at least once, or a person hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.connections import posting, spreading, webhooks, wire
from app.connections.addresses import Guard
from app.connections.courier import Courier
from app.connections.letters import headers
from app.connections.wire import Answer
from app.kernel.clock import now
from app.kernel.transaction import command
from app.notices.service import tell
from models import Alarm, Delivery, Notification, Outbox, Webhook, db
from models.kinds import DeliveryState, NoticeKind
from tests.connections.receiver import failing, receiving
from tests.factories import advance

PUBLIC_URL = "https://gateway.example.org/linli"


def endpoint(world, actor, office="city", url=PUBLIC_URL, kinds=()):
    return webhooks.add(world.ids[office], "网关", url, kinds, actor=actor)


@command
def notice(actor, kind=NoticeKind.OFFER, order=None, **particulars):
    tell(actor.account_id, kind, order=order, **particulars)


def states():
    return dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


def deliver(app, receiver):
    """One round of the courier against this receiver."""
    courier = Courier(app)
    courier.guard = Guard(named=frozenset({receiver.host}), plain_http=True)
    try:
        courier.work()
    finally:
        courier.stop()


def test_every_notice_has_exactly_one_outbox_row_in_its_own_transaction(world):
    resident = world.resident()
    with pytest.raises(ZeroDivisionError):
        _tell_and_fail(resident)
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == 0
    order = world.open_order(resident)
    notice(resident, NoticeKind.ORDER_APPROVED, order)
    told = db.session.scalars(select(Notification.id)).all()
    assert sorted(db.session.scalars(select(Outbox.notification_id))) == sorted(told)
    assert set(db.session.scalars(select(Outbox.office_id))) == {order.office_id}


@command
def _tell_and_fail(resident):
    tell(resident.account_id, NoticeKind.OFFER)
    raise ZeroDivisionError


def test_without_endpoints_the_inbox_was_all_there_was_to_do(world):
    notice(world.resident())
    assert spreading.has_unspread()
    spreading.spread()
    assert not spreading.has_unspread()
    assert states() == {}


def test_a_notice_goes_to_the_endpoints_above_its_office_and_to_no_others(world):
    administrator, resident = world.administrator(), world.resident()
    here, _secret = endpoint(world, administrator, "street")
    endpoint(world, administrator, "east")
    everything, _secret = endpoint(world, administrator, "city")
    endpoint(world, administrator, "city", kinds=[NoticeKind.RATING_ASKED])
    notice(resident, NoticeKind.ORDER_APPROVED, world.open_order(resident))
    spreading.spread()
    assert sorted(db.session.scalars(select(Delivery.webhook_id))) == sorted([here.id, everything.id])
    assert spreading.spread() == 0, "spread once, never again"


def test_what_concerns_an_account_alone_never_leaves_and_alarms_go_to_the_root(world):
    administrator = world.administrator()
    root, _secret = endpoint(world, administrator, "city")
    endpoint(world, administrator, "west")
    notice(world.resident(), NoticeKind.SECURITY, code="new_device")
    notice(administrator, NoticeKind.ALARM, code="backup.old")
    spreading.spread()
    assert db.session.scalars(select(Delivery.webhook_id)).all() == [root.id]


def test_a_letter_holds_ids_and_a_signature_and_nobody_s_data(app, world):
    resident = world.resident("钱奶奶")
    with receiving() as receiver:
        _row, secret = endpoint_at(world, receiver)
        receiver.secrets.append(secret)
        order = world.open_order(resident, address="密语巷 9 号", words="密语", contact_phone="+8613912345678")
        notice(resident, NoticeKind.ORDER_CANCELLED, order, reason="密语")
        deliver(app, receiver)
    (letter,) = receiver.letters
    assert set(letter) == {"id", "kind", "at", "account", "order", "offer", "office"}
    assert letter["account"] == resident.account_id
    assert letter["order"] == order.id
    assert receiver.headers[0]["Linli-Event"] == letter["id"] == db.session.scalar(select(Notification.id))
    assert states() == {DeliveryState.DELIVERED: 1}


@command
def _point(row, url):
    db.session.get(Webhook, row.id).url = url


def endpoint_at(world, receiver, office="city"):
    """An endpoint at this receiver; the page itself would ask for https or a host the operator has named."""
    row, secret = endpoint(world, world.administrator(), office)
    _point(row, receiver.url)
    return row, secret


def test_with_a_receiver_that_fails_at_random_everything_arrives_and_repeats_are_known(app, world):
    resident = world.resident()
    with receiving() as receiver:
        _row, secret = endpoint_at(world, receiver)
        receiver.secrets.append(secret)
        receiver.answer = failing(0.3, seed=7)
        for _number in range(40):
            notice(resident)
        for _round in range(200):
            deliver(app, receiver)
            if states() == {DeliveryState.DELIVERED: 40}:
                break
            advance(seconds=posting.LONGEST_REST)
    assert states() == {DeliveryState.DELIVERED: 40}
    assert set(receiver.accepted()) == set(db.session.scalars(select(Notification.id)))
    assert receiver.forged == 0


def test_a_try_whose_process_died_is_made_again_once_its_lease_has_run_out(world):
    notice(world.resident())
    row, _secret = endpoint(world, world.administrator())
    spreading.spread()
    (lost,) = posting.claim({row.id: 10})
    assert posting.claim({row.id: 10}) == [], "in hand"
    advance(seconds=posting.LEASE.total_seconds() + 1)
    (again,) = posting.claim({row.id: 10})
    assert again.event_id == lost.event_id
    posting.settle([(lost, Answer(500, "status"))])
    assert states() == {DeliveryState.WAITING: 1}, "the late answer of a lost lease counts for nothing"
    posting.settle([(again, Answer(204))])
    assert states() == {DeliveryState.DELIVERED: 1}


def test_the_lease_outlasts_any_try():
    assert posting.LEASE.total_seconds() >= 3 * wire.SECONDS


def test_pauses_double_with_jitter_and_48_of_them_fill_about_a_day():
    pauses = [posting.pause(number).total_seconds() for number in range(1, 49)]
    assert 2.5 <= pauses[0] <= 7.5
    assert all(pause <= 1.5 * posting.LONGEST_PAUSE for pause in pauses)
    assert timedelta(hours=16) < timedelta(seconds=sum(pauses)) < timedelta(hours=30)
    assert len({posting.pause(5) for _ in range(20)}) > 10


@pytest.mark.parametrize("by", ["tries", "time"])
def test_what_cannot_be_delivered_is_given_up_with_an_alarm_and_can_be_sent_again(world, by):
    administrator = world.administrator()
    row, _secret = endpoint(world, administrator)
    notice(world.resident())
    spreading.spread()
    fail_until_dead(row) if by == "tries" else advance(hours=25)
    assert posting.bury() == (0 if by == "tries" else 1)
    assert states() == {DeliveryState.DEAD: 1}
    alarm = db.session.scalar(select(Alarm).where(Alarm.settled_at.is_(None)))
    assert alarm.code == posting.DEAD_LETTER
    told = select(Notification.id).filter_by(account_id=administrator.account_id, kind=NoticeKind.ALARM)
    assert db.session.scalar(told), "the administrators hear of it"
    assert webhooks.resend(row.id, actor=administrator) == 1
    assert states() == {DeliveryState.WAITING: 1}
    assert db.session.scalar(select(Alarm).where(Alarm.settled_at.is_(None))) is None


def fail_until_dead(row):
    for _number in range(posting.MOST_TRIES):
        advance(seconds=1)
        _hurry(row)
        posting.settle([(letter, Answer(trouble="time")) for letter in posting.claim({row.id: 1})])


@command
def _hurry(row):
    delivery = db.session.scalar(select(Delivery).filter_by(webhook_id=row.id))
    delivery.next_at, delivery.give_up_at = now(), now() + timedelta(hours=1)


def test_an_endpoint_that_fails_on_end_is_left_alone_and_then_asked_with_one_letter(world):
    row, _secret = endpoint(world, world.administrator())
    for _number in range(10):
        notice(world.resident())
    spreading.spread()
    assert posting.due_endpoints() == [row.id]
    posting.settle([(letter, Answer(trouble="connect")) for letter in posting.claim({row.id: 6})])
    assert posting.due_endpoints() == [], "it rests"
    advance(seconds=posting.LONGEST_REST)
    assert len(posting.claim({row.id: 6})) == 1
    assert db.session.get(Webhook, row.id).failures == 6


def test_letters_are_signed_with_both_secrets_while_one_replaces_the_other(world):
    administrator = world.administrator()
    row, first = endpoint(world, administrator)
    second = webhooks.rotate(row.id, actor=administrator)
    webhooks.send_test(row.id, actor=administrator)
    (letter,) = posting.claim({row.id: 1})
    assert letter.secrets == (second, first)
    assert headers(letter, now())["Linli-Signature"].count("v1=") == 2
    advance(days=4)
    (letter,) = posting.claim({row.id: 1})
    assert letter.secrets == (second,)


def test_secrets_are_sealed_in_the_table(world):
    row, secret = endpoint(world, world.administrator())
    held = db.session.execute(select(Webhook.secret_sealed).where(Webhook.id == row.id)).scalar_one()
    assert secret.encode() not in bytes(held)


def test_a_removed_endpoint_gets_nothing_more(world):
    administrator = world.administrator()
    row, _secret = endpoint(world, administrator)
    notice(world.resident())
    spreading.spread()
    webhooks.remove(row.id, actor=administrator)
    assert states() == {DeliveryState.DROPPED: 1}
    assert posting.due_endpoints() == []
    notice(world.resident())
    spreading.spread()
    assert states() == {DeliveryState.DROPPED: 1}


def test_delivered_letters_are_kept_a_week_and_outbox_rows_as_long_as_the_notice(world):
    row, _secret = endpoint(world, world.administrator())
    notice(world.resident())
    spreading.spread()
    posting.settle([(letter, Answer(200)) for letter in posting.claim({row.id: 1})])
    advance(days=6)
    assert spreading.forget_letters() == 0
    advance(days=2)
    assert spreading.forget_letters() == 1
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == 1


def test_a_stopped_courier_finishes_what_is_under_way_and_claims_no_more(app, world):
    with receiving() as receiver:
        _row, secret = endpoint_at(world, receiver)
        receiver.secrets.append(secret)
        notice(world.resident())
        courier = Courier(app)
        courier.stop()
        courier.work()
    assert receiver.letters == []
    assert db.session.scalar(select(Delivery.lease)) is None
