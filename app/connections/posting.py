"""A letter's way: taken in hand with a lease, sent by the courier, and settled; tried again, or given up with an alarm.

At least once: a process that dies between sending and settling leaves a lease that runs out, and the letter goes again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from app.connections.letters import Letter, body_of, event_id
from app.connections.wire import Answer
from app.integrity.alarms import raise_alarm
from app.kernel.clock import now
from app.kernel.transaction import command
from models import Delivery, Outbox, Webhook, db
from models.ids import new_id
from models.kinds import DeliveryState

MOST_TRIES = 48
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 2000.0
"""Seconds between tries: doubled each time, then level, so that 48 tries fill about a day."""
LEASE = timedelta(seconds=20)
"""Longer than any try may last (wire.SECONDS) and waits for its turn."""
WEARY_AFTER = 5
"""After so many failures on end an endpoint is left alone for a while, then asked with one letter."""
FIRST_REST, LONGEST_REST = 2.0, 300.0
DEAD_LETTER = "outbox.dead_letter"


def pause(attempts: int) -> timedelta:
    """How long to wait after the n-th try: exponential, give or take a half, so that a crowd does not come at once."""
    plain = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 20))
    return timedelta(seconds=plain * random.uniform(0.5, 1.5))


def _in_nobodys_hand(moment: datetime) -> ColumnElement[bool]:
    return or_(Delivery.lease_until.is_(None), Delivery.lease_until <= moment)


def _due(moment: datetime) -> ColumnElement[bool]:
    waiting = Delivery.state == DeliveryState.WAITING
    return and_(waiting, Delivery.next_at <= moment, _in_nobodys_hand(moment))


def due_endpoints() -> list[str]:
    """Ids of the endpoints that have a letter to be tried now and are not resting."""
    moment = now()
    rested = or_(Webhook.resting_until.is_(None), Webhook.resting_until <= moment)
    has_due = select(Delivery.id).where(Delivery.webhook_id == Webhook.id, _due(moment)).exists()
    return list(db.session.scalars(select(Webhook.id).where(rested, has_due).order_by(Webhook.id)))


@command
def claim(room: Mapping[str, int]) -> list[Letter]:
    """Take letters in hand, for each endpoint (by id) at most as many as it has room for; one if it is weary."""
    moment, taken = now(), []
    for webhook_id, most in sorted(room.items()):
        endpoint = db.session.get(Webhook, webhook_id)
        if endpoint is None or most < 1:
            continue
        found = (
            select(Delivery)
            .where(Delivery.webhook_id == webhook_id, _due(moment))
            .options(joinedload(Delivery.outbox).joinedload(Outbox.notification))
            .order_by(Delivery.next_at)
            .limit(1 if endpoint.failures >= WEARY_AFTER else most)
            .with_for_update(of=Delivery, skip_locked=True)
        )
        taken += [_taken(row, endpoint, moment) for row in db.session.scalars(found)]
    return taken


def _taken(row: Delivery, endpoint: Webhook, moment: datetime) -> Letter:
    row.lease, row.lease_until, row.attempts = new_id(), moment + LEASE, row.attempts + 1
    old_counts = endpoint.old_secret_until is not None and endpoint.old_secret_until > moment
    return Letter(
        delivery_id=row.id,
        lease=row.lease,
        webhook_id=endpoint.id,
        url=endpoint.url,
        event_id=event_id(row),
        body=body_of(row),
        secrets=(endpoint.secret, endpoint.old_secret) if old_counts else (endpoint.secret,),
    )


@command
def settle(results: Sequence[tuple[Letter, Answer]]) -> None:
    """Write down what came of these tries; one whose lease has passed to another try is passed over."""
    answers = {letter.lease: answer for letter, answer in results}
    found = (
        select(Delivery)
        .where(Delivery.lease.in_(answers), Delivery.state == DeliveryState.WAITING)
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
        .execution_options(populate_existing=True)
    )
    for row in db.session.scalars(found).all():
        answer = answers[str(row.lease)]
        row.lease, row.lease_until, row.answer, row.trouble = None, None, answer.status, answer.trouble
        if answer.is_good:
            row.state, row.settled_at = DeliveryState.DELIVERED, now()
        elif row.attempts >= MOST_TRIES:
            _give_up(row)
        else:
            row.next_at = now() + pause(row.attempts)
        _judge(row.webhook, answer)


def _judge(endpoint: Webhook, answer: Answer) -> None:
    if answer.is_good:
        endpoint.failures, endpoint.resting_until, endpoint.succeeded_at = 0, None, now()
        return
    endpoint.failures += 1
    if endpoint.failures >= WEARY_AFTER:
        rest = min(LONGEST_REST, FIRST_REST * 2.0 ** min(endpoint.failures - WEARY_AFTER, 20))
        endpoint.resting_until = now() + timedelta(seconds=rest)


@command
def bury() -> int:
    """Give up letters whose day has passed, however few tries they had; gives how many."""
    moment = now()
    found = (
        select(Delivery)
        .where(Delivery.state == DeliveryState.WAITING, Delivery.give_up_at <= moment, _in_nobodys_hand(moment))
        .order_by(Delivery.id)
        .limit(500)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    rows = db.session.scalars(found).all()
    for row in rows:
        _give_up(row)
    return len(rows)


def _give_up(row: Delivery) -> None:
    """A dead letter, in the same transaction as its alarm: it waits for a person. A test is merely over."""
    is_test = row.notification_id is None
    row.state, row.settled_at = DeliveryState.DROPPED if is_test else DeliveryState.DEAD, now()
    if not is_test:
        raise_alarm(DEAD_LETTER, webhook=row.webhook_id, delivery=row.id)
