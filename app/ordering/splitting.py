"""One order becomes two: some of its people, or the later part of a long service, go on as an order of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.dispatching import service as dispatching
from app.kernel import timers
from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import now
from app.kernel.errors import Invalid, WrongState
from app.kernel.idempotency import repeatable
from app.kernel.journal import record
from app.kernel.transaction import command
from app.notices import service as notices
from app.ordering import demands
from app.ordering.placing import new_number, open_order
from app.ordering.review import reviewed
from app.serving import service as serving
from models import Assignment, Order, OrderSkill, OrderSplit, Position, db
from models.ids import new_start_code
from models.kinds import EventKind, NoticeKind
from models.states import ASSIGNMENT_HOLDING, OrderStatus

SPLITTABLE = frozenset({OrderStatus.SUBMITTED, OrderStatus.OPEN, OrderStatus.OFFERING, OrderStatus.UNFILLED})
LEAST_MINUTES = 15
"""A part shorter than this is nobody's errand."""
WHY = "split"
COPIED = (
    "office_id", "item_id", "resident_id", "requester_id", "channel", "title", "words", "contact_name", "contact_phone",
    "address", "access_notes", "lat", "lon", "window_from", "window_until", "duration_minutes", "urgency", "is_now",
    "priority", "languages", "sex_wish", "wants_same_volunteer", "needs_wheelchair", "credentials", "minimum_age",
)  # fmt: skip


def may_split(order: Order) -> bool:
    """Whether there is anything to divide."""
    return order.status in SPLITTABLE and (order.positions_wanted > 1 or order.duration_minutes >= 2 * LEAST_MINUTES)


@command
@repeatable(Order)
def split(
    order_id: str, *, actor: Actor, key: str | None = None, people: int | None = None, minutes: int | None = None
) -> Order:
    """Take `people` places out into an order of their own, or all that comes after the first `minutes` of the service.

    Offers that are out are taken back, for they were for another order; the resident is told once, on the old order.
    Raises Invalid naming the field, WrongState.
    """
    order = reviewed(order_id, actor)
    if not may_split(order):
        raise WrongState(_("现在不能分成两张：要么正在服务，要么分不开。"), state=order.status)
    dispatching.withdraw_live_offers(order, actor=actor, why=WHY)
    dispatching.settle(order, actor=SYSTEM)
    part = _copy(order)
    changed = _take_people(order, part, people) if people is not None else _take_minutes(order, part, minutes or 0)
    _write_down(order, part, changed, actor)
    serving.settle_places(order, actor=SYSTEM)
    notices.tell_resident(order, NoticeKind.ORDER_CHANGED, split_into=part.number)
    return part


def _copy(order: Order) -> Order:
    """The same need, asked for anew. Pictures stay with the first order."""
    part = Order(
        number=new_number(), start_code=new_start_code(), status=OrderStatus.SUBMITTED, version=0, next_action_at=now(),
        created_at=now(), **{name: getattr(order, name) for name in COPIED},
    )  # fmt: skip
    part.office, part.item, part.resident = order.office, order.item, order.resident
    part.skills = [OrderSkill(skill_id=row.skill_id) for row in order.skills]
    return part


def _take_people(order: Order, part: Order, people: int) -> list[str]:
    """Places that nobody has ever held move over."""
    least, _most = demands.positions_range(order.item)
    taken = select(Assignment.position_id).where(Assignment.order_id == order.id)
    free = select(Position).where(Position.order_id == order.id, Position.id.not_in(taken))
    places = list(db.session.scalars(free.order_by(Position.number.desc())))
    most = min(len(places), order.positions_wanted - least)
    if not least <= people <= most:
        words = _("最多能分出 %(most)s 人，每一张至少 %(least)s 人。", most=max(0, most), least=least)
        raise Invalid({"number": [words]})
    for place in places[:people]:
        order.positions.remove(place)
    order.positions_wanted -= people
    part.positions_wanted = people
    part.positions = [Position(number=number) for number in range(1, people + 1)]
    return ["positions"]


def _take_minutes(order: Order, part: Order, minutes: int) -> list[str]:
    """The first part ends before the second may begin; each has half of the time there is to spare."""
    held = select(Assignment.id).where(Assignment.order_id == order.id, Assignment.status.in_(ASSIGNMENT_HOLDING))
    if db.session.scalar(held.limit(1)):
        raise WrongState(_("已经有人接了，不能再把时间分开；可以按人数分。"))
    rest = order.duration_minutes - minutes
    if minutes < LEAST_MINUTES or rest < LEAST_MINUTES:
        most = order.duration_minutes - LEAST_MINUTES
        raise Invalid({"number": [_("请填 %(least)s 到 %(most)s 之间的数字。", least=LEAST_MINUTES, most=most)]})
    cut = _cut(order, minutes)
    part.positions_wanted = order.positions_wanted
    part.positions = [Position(number=number) for number in range(1, part.positions_wanted + 1)]
    part.window_from, part.duration_minutes = cut, rest
    order.window_until, order.duration_minutes = cut, minutes
    return ["duration_minutes", "window_until"]


def _cut(order: Order, minutes: int) -> datetime:
    spare = (order.window_until - order.window_from - order.duration) // timedelta(minutes=10) * 5
    return order.window_from + timedelta(minutes=minutes + spare)


def _write_down(order: Order, part: Order, changed: list[str], actor: Actor) -> None:
    db.session.add(part)
    db.session.flush()
    db.session.add(OrderSplit(order_id=part.id, from_id=order.id, created_at=now()))
    timers.reset(part)
    record(part, EventKind.ORDER_PLACE, actor=actor, after=part.status, channel=part.channel, split_from=order.number)
    record(order, EventKind.ORDER_AMEND, actor=actor, fields=changed, split_into=part.number)
    if order.status != OrderStatus.SUBMITTED:
        open_order(part, actor, by=WHY)
        timers.reset(order)
