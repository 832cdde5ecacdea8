"""How far an order has come, in the five plain steps that residents see."""

from __future__ import annotations

from flask_babel import gettext as _

from app.privacy.masks import form_of_address
from app.words import enumerated
from models import Assignment, Order
from models.states import AssignmentStatus, OrderStatus

_S = OrderStatus
_REACHED = {
    _S.SUBMITTED: 0, _S.RETURNED: 0, _S.TRANSFERRED: 0, _S.REOPENED: 0, _S.OPEN: 1, _S.OFFERING: 1, _S.UNFILLED: 1,
    _S.STAFFED: 2, _S.SERVING: 3, _S.SERVED: 4, _S.DISPUTED: 4, _S.RATED: 5, _S.CLOSED: 5,
}  # fmt: skip
"""How many steps are behind; the next one is under way. Orders that ended otherwise have no steps."""


def called(assignment: Assignment) -> str:
    """How a resident addresses the volunteer: 李师傅."""
    return form_of_address(assignment.volunteer.name)


def steps(order: Order, coming: list[Assignment]) -> list[tuple[str, str]]:
    """Rows (label, state) for the macro; the states are done, now and todo."""
    reached = _REACHED.get(OrderStatus(order.status))
    if reached is None:
        return []
    who = enumerated(called(one) for one in coming)
    labels = (
        _("已收到") if reached else _("等您补充") if order.status == _S.RETURNED else _("社区正在看"),
        _("找到人了") if reached > 1 else _("正在找人"),
        _("%(who)s来帮您", who=who) if who else _("志愿者接单"),
        _("服务做完了") if reached > 3 else _("正在服务") if reached == 3 else _("上门服务"),
        _last_step(order),
    )
    return [(label, _state(place, reached)) for place, label in enumerate(labels)]


def _last_step(order: Order) -> str:
    words = {_S.RATED: _("已评价"), _S.CLOSED: _("已办结"), _S.SERVED: _("请您评价")}
    return words.get(OrderStatus(order.status), _("评价"))


def _state(place: int, reached: int) -> str:
    return "done" if place < reached else "now" if place == reached else "todo"


def headline(order: Order, coming: list[Assignment]) -> str:
    """One sentence: how it stands, and what comes next."""
    who = enumerated(called(one) for one in coming)
    sentences = {
        _S.SUBMITTED: _("社区正在看您的单子，很快会有答复。"),
        _S.RETURNED: _("社区想请您补充一下，改好后再提交。"),
        _S.REJECTED: _("很抱歉，这件事社区办不了。"),
        _S.MERGED: _("这张单子并到了另一张里一起办。"),
        _S.TRANSFERRED: _("已转给负责的站点，由他们来办。"),
        _S.OPEN: _("正在为您找志愿者。"),
        _S.OFFERING: _("已经在问志愿者，等他们答复。"),
        _S.STAFFED: _staffed(who, coming),
        _S.SERVING: _("%(who)s正在为您服务。", who=who) if who else _("志愿者正在为您服务。"),
        _S.SERVED: _("服务做完了，请说一说好不好。"),
        _S.RATED: _("谢谢您的评价。"),
        _S.CLOSED: _("这张单子已经办结。"),
        _S.UNFILLED: _("还没有找到合适的志愿者，社区正在想办法。"),
        _S.CANCELLED: _("这张单子已经取消。"),
        _S.NO_SHOW: _("这次没有见上面，社区会和您联系。"),
        _S.REOPENED: _("单子已重开，社区会再为您安排。"),
        _S.DISPUTED: _("您的申诉社区正在处理。"),
    }
    return sentences[OrderStatus(order.status)]


def _staffed(who: str, coming: list[Assignment]) -> str:
    """Who is on the way is said by name, even where others of the same order have not set out yet."""
    moving = enumerated(called(one) for one in coming if one.status == AssignmentStatus.ON_THE_WAY)
    if moving:
        return _("%(who)s已出发，正在路上。", who=moving)
    return _("%(who)s会按时来。", who=who) if who else _("志愿者会按时来。")
