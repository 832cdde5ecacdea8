"""What the desk may do to an order now: the state table says which moves exist, the table of rights who may make them.

The pages draw these and nothing else, so a button that is shown can be pressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.kernel.access import Actor, may
from app.kernel.lifecycle import can
from app.ordering.service import may_split
from models import Assignment, Offer, Order
from models.kinds import BY_OFFICE
from models.states import (
    ORDER_CLAIMABLE,
    ORDER_FINAL,
    AssignmentMove,
    AssignmentStatus,
    OfferMove,
    OrderMove,
    OrderStatus,
)


@dataclass(frozen=True)
class Action:
    """A button, or a panel with a form (`form` names its fields); `url` takes the id of the subject."""

    name: str
    act: str
    label: Any
    url: str
    kind: str = "quiet"
    form: str = ""
    hint: Any = ""
    is_link: bool = False


ORDER_MOVES: dict[OrderMove, Action] = {
    OrderMove.APPROVE: Action("approve", "order.review", _l("通过"), "/desk/orders/{id}/approval", ""),
    OrderMove.RECEIVE: Action("receive", "order.review", _l("收下来审核"), "/desk/orders/{id}/reception", ""),
    OrderMove.RETRY: Action("retry", "dispatch.steer", _l("重新派单"), "/desk/orders/{id}/redispatch", ""),
    OrderMove.RESOLVE: Action(
        "resolve", "follow_up.resolve", _l("给出申诉结果"), "/desk/orders/{id}/resolution", "", "resolution",
    ),
    OrderMove.RATE: Action("rate", "order.rate", _l("电话代评"), "/orders/{id}/rating", "soft", is_link=True),
    OrderMove.RETURN: Action(
        "return", "order.review", _l("退回补充"), "/desk/orders/{id}/return", "soft", "reason",
        _l("居民会看到这句话，请写清楚要补充什么。"),
    ),
    OrderMove.MERGE: Action(
        "merge", "order.review", _l("合并"), "/desk/orders/{id}/merge", "quiet", "merge",
        _l("同一件事点了两次时，把这张并到另一张。"),
    ),
    OrderMove.TRANSFER: Action(
        "transfer", "order.review", _l("转办"), "/desk/orders/{id}/transfer", "quiet", "transfer",
        _l("不归这里管时，转给该管的站点。"),
    ),
    OrderMove.REOPEN: Action(
        "reopen", "order.reopen", _l("重开"), "/orders/{id}/reopening", "quiet", "reason",
        _l("没有真正办好时，重开再办一次。"),
    ),
    OrderMove.DISPUTE: Action(
        "dispute", "order.reopen", _l("登记申诉"), "/orders/{id}/dispute", "quiet", "reason",
        _l("居民或志愿者对结果有意见时，替他们记下来。"),
    ),
    OrderMove.REJECT: Action(
        "reject", "order.review", _l("不受理"), "/desk/orders/{id}/rejection", "danger quiet", "reason",
        _l("居民会看到原因。"),
    ),
    OrderMove.CANCEL: Action(
        "cancel", "order.cancel", _l("取消单子"), "/desk/orders/{id}/cancellation", "danger quiet", "reason",
        _l("已经答应的志愿者和居民都会收到通知。"),
    ),
}  # fmt: skip
WEIGHT = ("", "soft", "quiet", "danger quiet")
"""What one usually does comes first, what hurts last."""

REDISPATCH = ORDER_MOVES[OrderMove.RETRY]
ESCALATE = Action("escalate", "order.escalate", _l("升级给上级"), "/desk/orders/{id}/escalation", "quiet")
CLASSIFY = Action(
    "classify", "order.review", _l("归类"), "/desk/orders/{id}/classification", "quiet", "classify",
    _l("选定服务项目后，按它的技能和时限找人。"),
)  # fmt: skip
RESUBMIT = Action("resubmit", "order.amend", _l("补充后再提交"), "/orders/{id}/amendment", "", is_link=True)
SPLIT = Action(
    "split", "order.review", _l("分成两张"), "/desk/orders/{id}/split", "quiet", "split",
    _l("人多或时间长，一次找不齐时，分开来找。已发的邀请会收回，重新找人。"),
)  # fmt: skip
NOTE = Action("note", "order.note", _l("记一笔"), "/desk/orders/{id}/note", "quiet", "note", _l("只有调度员能看到。"))
ESCALATABLE = ORDER_CLAIMABLE | {OrderStatus.SUBMITTED}
CLASSIFIABLE = frozenset(
    {OrderStatus.SUBMITTED, OrderStatus.RETURNED, OrderStatus.REOPENED, OrderStatus.OPEN, OrderStatus.UNFILLED}
)

OFFER_WITHDRAWAL = Action("withdraw", "dispatch.steer", _l("收回"), "/desk/offers/{id}/withdrawal", "quiet small")
ASSIGNMENT_MOVES: dict[AssignmentMove, Action] = {
    AssignmentMove.CHECK_IN: Action(
        "check_in", "assignment.vouch", _l("代签到"), "/desk/assignments/{id}/check-in", "soft small"
    ),
    AssignmentMove.CHECK_OUT: Action(
        "check_out", "assignment.vouch", _l("代签退"), "/desk/assignments/{id}/check-out", "soft small"
    ),
    AssignmentMove.MISS: Action(
        "miss", "assignment.vouch", _l("记未到场"), "/desk/assignments/{id}/no-show", "quiet small"
    ),
    AssignmentMove.CANCEL: Action(
        "cancel", "assignment.vouch", _l("取消任务"), "/desk/assignments/{id}/cancellation", "quiet small", "reason"
    ),
}
ENTER_HOURS = Action(
    "enter_hours", "hours.enter", _l("补录时长"), "/desk/assignments/{id}/hours", "soft small", "hours",
    _l("录入后，请另一位同事审核。"),
)  # fmt: skip
CORRECT_HOURS = Action(
    "correct_hours", "hours.enter", _l("更正时长"), "/desk/hours/{id}/correction", "quiet small", "hours",
    _l("填这次服务一共该记多少分钟；原来的记录会留着，更正要由另一位同事审核。"),
)  # fmt: skip
SERVED = frozenset({AssignmentStatus.CHECKED_OUT, AssignmentStatus.CONFIRMED})


def order_actions(order: Order, actor: Actor) -> list[Action]:
    """The moves the table allows from here and what changes no status, as far as this actor may; the usual first."""
    moves = [action for move, action in ORDER_MOVES.items() if can(order, move)]
    allowed = [action for action in [*moves, *_others(order)] if may(actor, action.act, order)]
    return sorted(allowed, key=lambda action: WEIGHT.index(action.kind))


def _others(order: Order) -> list[Action]:
    found = []
    if can(order, OrderMove.RESUBMIT) and order.channel in BY_OFFICE:  # nobody else can: the caller has no page
        found.append(RESUBMIT)
    if order.status in ORDER_CLAIMABLE and not can(order, OrderMove.RETRY):
        found.append(REDISPATCH)
    if order.status in ESCALATABLE and (order.escalated_to or order.office).parent_id is not None:
        found.append(ESCALATE)
    if order.status in CLASSIFIABLE:
        found.append(CLASSIFY)
    if may_split(order):
        found.append(SPLIT)
    if order.status not in ORDER_FINAL or order.status == OrderStatus.CLOSED:
        found.append(NOTE)
    return found


def assignment_actions(assignment: Assignment, order: Order, actor: Actor) -> list[Action]:
    """What the coordinator may do about one volunteer's visit."""
    allowed = [action for move, action in ASSIGNMENT_MOVES.items() if can(assignment, move)]
    return [action for action in allowed if may(actor, action.act, order)]


def hours_action(assignment: Assignment, order: Order, actor: Actor, *, credited: bool) -> Action | None:
    """Entering the hours of a finished visit, or correcting those it was credited with."""
    action = CORRECT_HOURS if credited else ENTER_HOURS
    return action if assignment.status in SERVED and may(actor, action.act, order) else None


def may_withdraw(offer: Offer, order: Order, actor: Actor) -> bool:
    return can(offer, OfferMove.WITHDRAW) and may(actor, OFFER_WITHDRAWAL.act, order)
