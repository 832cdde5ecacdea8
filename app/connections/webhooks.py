"""Verbs of administrators about endpoints: set up, amend, change the secret, remove, try out, send again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update

from app.connections.addresses import Forbidden
from app.connections.courier import guard_of
from app.connections.letters import new_secret
from app.connections.posting import DEAD_LETTER
from app.connections.spreading import GIVE_UP_AFTER, letter_to
from app.integrity import alarms
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from models import Delivery, Office, Webhook, db
from models.kinds import DeliveryState, EventKind

MOST_OF_OFFICE = 10
OLD_SECRET_LIVES = timedelta(days=3)
"""How long both secrets sign after a change."""
WHY_NOT = {
    "form": _l("请填完整的网址，例如 https://example.org/linli，不要带用户名、密码和 #。"),
    "scheme": _l("网址要以 https:// 开头。"),
    "port": _l("公网地址只能用 443 端口。"),
    "host": _l("这个主机名不是公网上的名字；内网网关要先由运维写进 WEBHOOK_HOSTS。"),
    "address": _l("不能发往内网或本机地址；内网网关要先由运维写进 WEBHOOK_HOSTS。"),
}


@command
def add(office_id: str, name: str, url: str, kinds: Sequence[str], *, actor: Actor) -> tuple[Webhook, str]:
    """Set up an endpoint for an office and everything below; gives it and its secret, which is shown only now."""
    office = locked(Office, office_id)
    require(actor, "webhook.manage", office)
    held = select(func.count()).select_from(Webhook).where(Webhook.office_id == office.id, Webhook.removed_at.is_(None))
    if (db.session.scalar(held) or 0) >= MOST_OF_OFFICE:
        raise Invalid({"url": [_("一个办公室最多 %(most)s 个推送地址。", most=MOST_OF_OFFICE)]})
    host, secret = _checked(url), new_secret()
    row = Webhook(
        office_id=office.id, name=name, url=url, kinds=sorted(set(kinds)), created_by_id=actor.account_id,
        created_at=now(), failures=0,
    )  # fmt: skip
    row.secret = secret
    db.session.add(row)
    db.session.flush()
    record(row, EventKind.WEBHOOK_ADD, actor=actor, host=host, kinds=row.kinds)
    return row, secret


@command
def amend(webhook_id: str, name: str, url: str, kinds: Sequence[str], *, actor: Actor) -> Webhook:
    """Change where it is and what it wants; what waits goes to the new address."""
    row = _mine(webhook_id, actor)
    host = _checked(url)
    row.name, row.url, row.kinds = name, url, sorted(set(kinds))
    row.failures, row.resting_until = 0, None
    record(row, EventKind.WEBHOOK_AMEND, actor=actor, host=host, kinds=row.kinds)
    return row


@command
def rotate(webhook_id: str, *, actor: Actor) -> str:
    """A new secret, shown only now; for three days letters are signed with the old one too."""
    row, secret = _mine(webhook_id, actor), new_secret()
    row.old_secret, row.old_secret_until = row.secret, now() + OLD_SECRET_LIVES
    row.secret = secret
    record(row, EventKind.WEBHOOK_ROTATE, actor=actor)
    return secret


@command
def remove(webhook_id: str, *, actor: Actor) -> None:
    """Send nothing more there; what waited is dropped and its secrets are forgotten."""
    row = _mine(webhook_id, actor)
    row.removed_at, row.secret, row.old_secret = now(), "", ""
    _change(row, (DeliveryState.WAITING, DeliveryState.DEAD), DeliveryState.DROPPED, settled_at=now())
    record(row, EventKind.WEBHOOK_REMOVE, actor=actor)
    _calm()


@command
def send_test(webhook_id: str, *, actor: Actor) -> None:
    """Put a test letter on its way; one at a time."""
    row = _mine(webhook_id, actor)
    on_its_way = select(Delivery.id).where(
        Delivery.webhook_id == row.id, Delivery.notification_id.is_(None), Delivery.state == DeliveryState.WAITING
    )
    if db.session.scalar(on_its_way.limit(1)) is None:
        db.session.execute(insert(Delivery), [letter_to(row, None)])
    row.resting_until = None


@command
def resend(webhook_id: str, *, actor: Actor) -> int:
    """Give an endpoint's dead letters another day; gives how many."""
    row = _mine(webhook_id, actor)
    again = {"attempts": 0, "next_at": now(), "give_up_at": now() + GIVE_UP_AFTER, "settled_at": None}
    count = _change(row, (DeliveryState.DEAD,), DeliveryState.WAITING, **again)
    if not count:
        raise WrongState()
    row.failures, row.resting_until = 0, None
    record(row, EventKind.DELIVERY_RESEND, actor=actor, count=count)
    _calm()
    return count


def _mine(webhook_id: str, actor: Actor) -> Webhook:
    row = locked(Webhook, webhook_id)
    require(actor, "webhook.manage", row)
    if row.removed_at is not None:
        raise NotFound()
    return row


def _checked(url: str) -> str:
    """The host of an address that letters may go to; raises Invalid with what to do."""
    try:
        return guard_of(current_app).read(url).host
    except Forbidden as error:
        raise Invalid({"url": [WHY_NOT[error.code]]}) from error


def _change(row: Webhook, states: Sequence[DeliveryState], into: DeliveryState, **more: object) -> int:
    found = update(Delivery).where(Delivery.webhook_id == row.id, Delivery.state.in_(states))
    done = db.session.execute(found.values(state=into, lease=None, lease_until=None, **more))
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _calm() -> None:
    """The alarm is over once no letter lies dead."""
    dead = select(Delivery.id).where(Delivery.state == DeliveryState.DEAD, Delivery.notification_id.is_not(None))
    if db.session.scalar(dead.limit(1)) is None:
        alarms.settle(DEAD_LETTER)
