"""The desk's buttons of 派单: every one answers with the page it was pressed on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.dispatching import service
from app.dispatching.schemas import ByHand, DayAsked, Moving, Picks, Switch
from app.kernel.access import needs
from app.kernel.web import done, go, loaded, request_key
from app.people.identity import current_actor
from models import Offer

pages = Blueprint("dispatching", __name__)


@pages.post("/desk/orders/<order_id>/offers")
@needs("dispatch.steer")
def offer(order_id: str) -> Any:
    """Ask a volunteer; what speaks against it is said and asked about (app/errors.py)."""
    given = loaded(ByHand())
    made = service.offer_by_hand(order_id, actor=current_actor(), key=request_key(), undoable=True, **given)
    return asked(made)


def asked(made: Offer) -> Any:
    """Whom the coordinator has asked, and how to undo it."""
    seconds = service.seconds_to_undo(made)
    said = _("已经邀请这位志愿者。")
    if seconds:
        said = _("已选这位志愿者，%(seconds)s 秒后发出邀请，在这之前可以撤销。", seconds=seconds)
    undo = url_for("dispatching.undo_offer", offer_id=made.id) if seconds else None
    return done(said, f"/desk/orders/{made.order_id}", offer=made.id, undo=undo, seconds=seconds)


@pages.post("/desk/offers/<offer_id>/undo")
@needs("dispatch.steer")
def undo_offer(offer_id: str) -> Any:
    taken = service.undo_offer(offer_id, actor=current_actor(), key=request_key())
    return done(_("撤销了，志愿者没有收到邀请。"), f"/desk/orders/{taken.order_id}")


@pages.post("/desk/offers/<offer_id>/move")
@needs("dispatch.steer")
def move_offer(offer_id: str) -> Any:
    """Ask somebody else, or for another time, instead."""
    given = loaded(Moving())
    del given["agreed"]
    return asked(service.move_offer(offer_id, actor=current_actor(), key=request_key(), **given))


@pages.post("/desk/offers/<offer_id>/withdrawal")
@needs("dispatch.steer")
def withdraw(offer_id: str) -> Response:
    offer = service.withdraw_offer(offer_id, actor=current_actor(), key=request_key())
    flash(_("邀请已收回。"), "success")
    return go(f"/desk/orders/{offer.order_id}")


@pages.post("/desk/offices/<office_id>/automatic")
@needs("dispatch.steer")
def switch_automatic(office_id: str) -> Any:
    """自动派单 on or off, for this office and those below it that have not set their own."""
    on = loaded(Switch())["on"]
    service.set_automatic(office_id, on, actor=current_actor())
    said = _("自动派单已打开。") if on else _("自动派单已关闭，有合适的人会列在“建议”里，由您来派。")
    return done(said, f"/board?office={office_id}", on=on)


@pages.post("/desk/proposals")
@needs("dispatch.steer")
def publish_picks() -> Any:
    """Ask the people of the suggestions that were ticked."""
    sent = service.publish_picks(loaded(Picks())["pick"], actor=current_actor(), key=request_key())
    said = ngettext("邀请了 %(num)s 位志愿者。", "邀请了 %(num)s 位志愿者。", sent.asked)
    for words in sent.refused:
        said += _("没有发出：%(words)s", words=words)
    return done(said, "/board", asked=sent.asked, refused=sent.refused)


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
    service.redispatch(order_id, actor=current_actor(), key=request_key())
    flash(_("正在重新派单，马上就有结果。"), "success")
    return go(f"/desk/orders/{order_id}")


@pages.post("/desk/orders/<order_id>/escalation")
@needs("order.escalate")
def escalate(order_id: str) -> Response:
    order = service.escalate(order_id, actor=current_actor(), key=request_key())
    office = order.escalated_to.name if order.escalated_to is not None else ""
    flash(_("已请%(office)s督办。", office=office), "success")
    return go(f"/desk/orders/{order_id}")
