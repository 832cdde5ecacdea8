"""The station's review (审核): approve, send back, reject, merge, hand on, classify; and what the timers do."""

from __future__ import annotations

from flask_babel import gettext as _

from app.dispatching import service as dispatching
from app.kernel import timers
from app.kernel.access import SYSTEM, Actor, require
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.lifecycle import can, move
from app.kernel.locks import locked_order
from app.kernel.transaction import command
from app.notices import service as notices
from app.offices import queries as offices
from app.ordering import demands, placing, urgency
from app.serving import service as serving
from models import Office, Order, db
from models.kinds import EventKind, NoticeKind
from models.states import ORDER_LIVE, OrderMove, OrderStatus

CLASSIFIABLE = frozenset(
    {OrderStatus.SUBMITTED, OrderStatus.RETURNED, OrderStatus.REOPENED, OrderStatus.OPEN, OrderStatus.UNFILLED}
)


def reviewed(order_id: str, actor: Actor, what: str = "order.review") -> Order:
    """The order, locked, that lies in the actor's subtree."""
    order = locked_order(order_id)
    require(actor, what, order)
    return order


def let_go(order: Order, actor: Actor, why: str) -> None:
    """Take back what is out for this order: offers nobody answered, and promises already made."""
    dispatching.withdraw_live_offers(order, actor=actor, why=why)
    serving.cancel_live_assignments(order, actor=actor, why=why)


@command
@repeatable(Order)
def approve(order_id: str, *, actor: Actor, key: str | None = None) -> Order:
    """The need is real and may be served. Raises WrongState where the wished time is over: agree on a new one first."""
    order = reviewed(order_id, actor)
    if can(order, OrderMove.APPROVE) and urgency.is_over(order):
        raise WrongState(_("希望的时间已经过了，请先和居民商量，改好时间再通过。"))
    placing.open_order(order, actor)
    notices.tell_resident(order, NoticeKind.ORDER_APPROVED)
    return order


@command
@repeatable(Order)
def send_back(order_id: str, reason: str, *, actor: Actor, key: str | None = None) -> Order:
    """Ask the resident to add or mend something (退回)."""
    order = reviewed(order_id, actor)
    order.reason = reason
    move(order, OrderMove.RETURN, actor=actor, reason=reason)
    notices.tell_resident(order, NoticeKind.ORDER_RETURNED)
    return order


@command
@repeatable(Order)
def reject(order_id: str, reason: str, *, actor: Actor, key: str | None = None) -> Order:
    """Say no, and why."""
    order = reviewed(order_id, actor)
    order.reason = reason
    move(order, OrderMove.REJECT, actor=actor, reason=reason)
    notices.tell_resident(order, NoticeKind.ORDER_REJECTED)
    return order


@command
@repeatable(Order)
def merge(order_id: str, into_id: str, *, actor: Actor, key: str | None = None) -> Order:
    """This order asks for what another live one already asks for: the other goes on alone."""
    order = reviewed(order_id, actor)
    into = db.session.get(Order, into_id)
    if into is None:
        raise NotFound()
    require(actor, "order.review", into)
    if into.id == order.id or into.status not in ORDER_LIVE:
        raise Invalid({"into": [_("请选另一张还在办理的单子。")]})
    move(order, OrderMove.MERGE, actor=actor, into=into.number)
    order.merged_into_id = into.id
    let_go(order, actor, _("这张单子并入了另一张。"))
    record(into, EventKind.ORDER_NOTE, actor=actor, merged=order.number)
    notices.tell_resident(order, NoticeKind.ORDER_MERGED, merged_into=into.number)
    return order


@command
@repeatable(Order)
def transfer(order_id: str, office_id: str, reason: str, *, actor: Actor, key: str | None = None) -> Order:
    """Hand the order on to the office it belongs to (转办); that office takes it in and reviews it."""
    order = reviewed(order_id, actor)
    target = db.session.get(Office, office_id)
    if target is None or target.id == order.office_id:
        raise Invalid({"office_id": [_("请选另一个站点。")]})
    came_from = order.office
    let_go(order, actor, _("这张单子转给了别的站点。"))
    order.reason = reason
    move(order, OrderMove.TRANSFER, actor=actor, office=target.name, reason=reason)
    order.office = target
    order.escalated_to = None
    db.session.flush()
    record(order, EventKind.ORDER_AMEND, actor=actor, fields=["office"], came_from=came_from.name)
    notices.tell_desk(target, NoticeKind.ESCALATED, order=order, cause="transferred")
    return order


@command
@repeatable(Order)
def receive(order_id: str, *, actor: Actor, key: str | None = None) -> Order:
    """Take in an order another office handed on; its review begins anew."""
    order = reviewed(order_id, actor)
    move(order, OrderMove.RECEIVE, actor=actor)
    order.reason = ""
    return order


@command
@repeatable(Order)
def classify(order_id: str, item_code: str, *, actor: Actor, key: str | None = None) -> Order:
    """Say which service item an order is: its skills, credentials and limits hold from now on."""
    order = reviewed(order_id, actor)
    if order.status not in CLASSIFIABLE:
        raise WrongState(_("正在派单或已有人接单，不能再改项目。"))
    item = offices.item(item_code, order.office)
    if item is None:
        raise Invalid({"item": [_("这个社区现在没有这项服务，请另选一项。")]})
    demands.set_item(order, item)
    order.priority = demands.priority_of(item, order.resident)
    urgency.set_urgency(order)
    timers.reset(order)
    record(order, EventKind.ORDER_AMEND, actor=actor, fields=["item"], item=item.code)
    return order


@command
@repeatable(Order)
def note(order_id: str, words: str, *, actor: Actor, key: str | None = None) -> Order:
    """A remark of the desk, kept with the order and shown to the desk only."""
    order = reviewed(order_id, actor, "order.note")
    record(order, EventKind.ORDER_NOTE, actor=actor, words=words)
    return order


@command
def review_overdue(order_id: str, *, actor: Actor = SYSTEM) -> Order:
    """Timer: nobody has looked at it in time. The station and the office above it are told, again each time."""
    order = locked_order(order_id)
    if order.status not in (OrderStatus.SUBMITTED, OrderStatus.TRANSFERRED, OrderStatus.REOPENED):
        raise WrongState()
    timers.reset(order)
    record(order, EventKind.ORDER_LATE, actor=actor, cause="review")
    for office in filter(None, (order.office, order.office.parent)):
        notices.tell_desk(office, NoticeKind.ESCALATED, order=order, cause="review")
    return order
