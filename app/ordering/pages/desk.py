"""What the desk does with an order: each step is a small form on the order's page, posted to its own address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from flask import flash, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.access import needs
from app.kernel.errors import Invalid
from app.kernel.web import form_page, go, loaded, request_key
from app.offices import queries as offices
from app.ordering import queries, schemas, service
from app.ordering.pages.blueprint import pages


@dataclass(frozen=True)
class Step:
    """A noun of the address, its shape, its verb, and the words for its page and its button."""

    shape: type[ma.Schema]
    verb: Callable[..., Any]
    title: Any
    done: Any


STEPS = {
    "approval": Step(schemas.Nothing, service.approve, _l("通过"), _l("已通过，开始派单。")),
    "return": Step(schemas.ReviewReason, service.send_back, _l("退回补充"), _l("已退回，居民会收到通知。")),
    "rejection": Step(schemas.ReviewReason, service.reject, _l("不予受理"), _l("已拒绝，居民会收到通知。")),
    "merge": Step(schemas.Merging, service.merge, _l("并入另一张单"), _l("已合并。")),
    "transfer": Step(schemas.Transferring, service.transfer, _l("转给别的站点"), _l("已转办。")),
    "reception": Step(schemas.Nothing, service.receive, _l("接收"), _l("已接收，请审核。")),
    "classification": Step(schemas.Classifying, service.classify, _l("归入服务项目"), _l("已归类。")),
    "extension": Step(schemas.Extension, service.let_end_later, _l("放宽时间"), _l("时间放宽了，系统马上重新派单。")),
    "split": Step(
        schemas.Splitting, service.split, _l("分成两张"), _l("分好了，两张单子互相连着，居民收到了一次通知。")
    ),
    "note": Step(schemas.Note, service.note, _l("备注"), _l("已记下。")),
    "cancellation": Step(schemas.Cancellation, service.cancel, _l("取消单子"), _l("已取消，相关的人会收到通知。")),
}
_PATHS = f"/desk/orders/<order_id>/<any({','.join(STEPS)}):noun>"


@pages.post(_PATHS)
@needs("order.review")
def desk_step(order_id: str, noun: str) -> Any:
    """Take one step; what was wrong with the form is said on a page that holds the same form."""
    step = STEPS[noun]
    try:
        given = loaded(step.shape())
        step.verb(order_id, actor=g.actor, key=request_key(), **arguments(noun, given))
    except Invalid as error:
        return _form(order_id, noun, error)
    flash(str(step.done), "good")
    return go(after(order_id))


def arguments(noun: str, given: dict[str, Any]) -> dict[str, Any]:
    """A step's form as the arguments of its verb."""
    if noun == "merge":
        return {"into_id": queries.id_of(given["into"], g.actor)}
    if noun == "classification":
        return {"item_code": given["item"]}
    if noun == "split":
        return {given["by"]: given["number"]}
    if noun == "cancellation":
        return {"reason": f"{given['reason']}：{given['words']}" if given["words"] else given["reason"]}
    return given


def after(order_id: str) -> str:
    """Back to the order; or to the board, where the step has moved it out of this coordinator's sight."""
    return f"/desk/orders/{order_id}" if queries.is_seen(order_id, g.actor) else "/board"


def _form(order_id: str, noun: str, error: Invalid) -> Any:
    order = queries.order_seen(order_id, g.actor, "order.review")
    return form_page(
        "ordering/desk_step.html", error, order=order, noun=noun, step=STEPS[noun], shelves=offices.menu(order.office),
        others=offices.others(order.office), labels=labels(),
    )  # fmt: skip


def labels() -> dict[str, str]:
    return {
        "reason": _("原因"), "into": _("并入哪张单"), "office_id": _("站点"), "item": _("服务项目"), "words": _("内容"),
        "minutes": _("放宽多少分钟"), "by": _("怎么分"), "number": _("多少"),
    }  # fmt: skip
