"""The desk's buttons of 派单: every one answers with the page it was pressed on."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.dispatching import service
from app.dispatching.schemas import ByHand
from app.kernel.access import needs
from app.kernel.errors import NotFitting
from app.kernel.web import go, loaded
from app.people.identity import current_actor

pages = Blueprint("dispatching", __name__)


@pages.post("/desk/orders/<order_id>/offers")
@needs("dispatch.steer")
def offer(order_id: str) -> Response:
    given = loaded(ByHand())
    try:
        service.offer_by_hand(order_id, actor=current_actor(), **given)
    except NotFitting:
        return redirect(f"/desk/orders/{order_id}?volunteer={given['volunteer_id']}", 303)
    flash(_("已经邀请这位志愿者。"), "success")
    return go(f"/desk/orders/{order_id}")


@pages.post("/desk/offers/<offer_id>/withdrawal")
@needs("dispatch.steer")
def withdraw(offer_id: str) -> Response:
    offer = service.withdraw_offer(offer_id, actor=current_actor())
    flash(_("邀请已收回。"), "success")
    return go(f"/desk/orders/{offer.order_id}")


@pages.post("/desk/orders/<order_id>/redispatch")
@needs("dispatch.steer")
def redispatch(order_id: str) -> Response:
    service.redispatch(order_id, actor=current_actor())
    flash(_("正在重新派单，马上就有结果。"), "success")
    return go(f"/desk/orders/{order_id}")


@pages.post("/desk/orders/<order_id>/escalation")
@needs("order.escalate")
def escalate(order_id: str) -> Response:
    order = service.escalate(order_id, actor=current_actor())
    office = order.escalated_to.name if order.escalated_to is not None else ""
    flash(_("已请%(office)s督办。", office=office), "success")
    return go(f"/desk/orders/{order_id}")
