"""The desk's buttons of 派单: every one answers with the page it was pressed on."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.dispatching import service
from app.dispatching.schemas import ByHand, DayAsked
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


@pages.post("/desk/plans")
@needs("dispatch.steer")
def plan_day() -> Response:
    run = service.plan_day(actor=current_actor(), **loaded(DayAsked()))
    return redirect(f"/desk/plans/{run.id}", 303)


@pages.post("/desk/plans/<run_id>/publication")
@needs("dispatch.steer")
def publish(run_id: str) -> Response:
    service.publish(run_id, actor=current_actor())
    return redirect(f"/desk/plans/{run_id}", 303)


@pages.post("/desk/plans/<run_id>/discarding")
@needs("dispatch.steer")
def discard(run_id: str) -> Response:
    run = service.discard(run_id, actor=current_actor())
    flash(_("这份安排不用了，没有发出任何邀请。"), "success")
    return redirect(f"/desk/days/{run.day}", 303)


@pages.post("/desk/plans/<run_id>/withdrawal")
@needs("dispatch.steer")
def undo(run_id: str) -> Response:
    taken = service.undo(run_id, actor=current_actor())
    flash(
        ngettext("收回了 %(num)s 个邀请；已经接下的不变。", "收回了 %(num)s 个邀请；已经接下的不变。", taken), "success"
    )
    return redirect(f"/desk/plans/{run_id}", 303)


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
