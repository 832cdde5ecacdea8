"""A person's own side: home, the list of orders, one order, and what may still be done with it."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.access import WATCH, may, needs
from app.kernel.errors import DomainError, Invalid
from app.kernel.lifecycle import can
from app.kernel.web import form_page, loaded, request_key
from app.ordering import choices, draft, progress, queries, schemas, service, times
from app.ordering.pages.blueprint import pages
from app.people.phones import national
from app.privacy.queries import view_of
from models import Order
from models.states import OrderMove, OrderStatus


@pages.get("/home")
@needs("order.place")
def home() -> Any:
    """Two large actions, and what is going on now."""
    return render_template("ordering/home.html", orders=_with_people(queries.current_orders(g.actor)))


@pages.get("/home/orders")
@needs("order.place")
def home_orders() -> Any:
    """The live part of the home page."""
    return render_template("ordering/current.html", orders=_with_people(queries.current_orders(g.actor)))


def _with_people(orders: list[Order]) -> list[tuple[Order, Any]]:
    return [(order, queries.coming(order)) for order in orders]


@pages.get("/orders")
@needs("order.place")
def index() -> Any:
    """What one has asked for: the unfinished, or the past."""
    past = request.args.get("show") == "past"
    number = request.args.get("page", 1, int)
    page = queries.page_of(queries.own_orders(g.actor, live=not past), min(max(number, 1), 10_000))
    return render_template("ordering/index.html", page=page, past=past)


@pages.get("/orders/<order_id>")
@needs("order.see")
def show(order_id: str) -> Any:
    """The order as whoever it is for sees it; the desk has its own page."""
    order = queries.order_seen(order_id, g.actor)
    if not may(g.actor, "order.see_own", order):
        return _elsewhere(order)
    return render_template("ordering/order.html", **_card(order))


def _elsewhere(order: Order) -> Any:
    on_desk = g.actor.covers(order.office.path, *WATCH)
    return redirect(f"/desk/orders/{order.id}" if on_desk else "/volunteer", 303)


@pages.get("/orders/<order_id>/card")
@needs("order.see_own")
def card(order_id: str) -> Any:
    """The live part of the order page."""
    return render_template("ordering/card.html", **_card(queries.order_seen(order_id, g.actor, "order.see_own")))


def _card(order: Order) -> dict[str, Any]:
    coming = queries.coming(order)
    return {
        "order": order,
        "seen": view_of(order, g.actor),
        "coming": coming,
        "steps": progress.steps(order, coming),
        "shows_code": order.status in (OrderStatus.STAFFED, OrderStatus.SERVING) and queries.waits_for_start(order),
        "can_call": order.status in (OrderStatus.STAFFED, OrderStatus.SERVING),
        "is_late": order.status == OrderStatus.STAFFED and clock.now() >= min(one.starts_at for one in coming)
        if coming
        else False,
        "why_waiting": queries.why_waiting(order),
        "can_amend": service.may_amend(g.actor, order),
        "can_cancel": may(g.actor, "order.cancel", order) and can(order, OrderMove.CANCEL),
        "can_rate": may(g.actor, "order.rate", order) and can(order, OrderMove.RATE),
        "can_reopen": may(g.actor, "order.reopen", order) and can(order, OrderMove.REOPEN),
        "cancel_reasons": choices.cancel_reasons(),
        "errors": {},
        "values": {},
    }


@pages.get("/orders/<order_id>/confirmation")
@needs("order.see_own")
def confirmation(order_id: str) -> Any:
    """The number, how long it usually takes, and what happens next."""
    order = queries.order_seen(order_id, g.actor, "order.see_own")
    wait = queries.expected_wait(order.office, order.item)
    return render_template("ordering/confirmation.html", order=order, seen=view_of(order, g.actor), wait=wait)


@pages.post("/orders/<order_id>/cancellation")
@needs("order.cancel")
def cancel(order_id: str) -> Any:
    order = queries.order_seen(order_id, g.actor, "order.cancel")
    try:
        given = loaded(schemas.Cancellation())
    except Invalid as error:
        shown = {**_card(order), "errors": error.fields, "values": request.form}
        return render_template("ordering/order.html", **shown), 422
    service.cancel(order_id, _joined(given["reason"], given["words"]), actor=g.actor, key=request_key())
    flash(_("已取消。需要时随时可以再点单。"), "good")
    return redirect(url_for("ordering.show", order_id=order_id), 303)


def _joined(reason: str, words: str) -> str:
    return f"{reason}：{words}" if words else reason


@pages.post("/orders/<order_id>/question")
@needs("order.see_own")
def ask_after(order_id: str) -> Any:
    """还没人来？"""
    service.ask_after(order_id, actor=g.actor, key=request_key())
    flash(_("已经告诉社区，他们会马上联系。"), "good")
    return redirect(url_for("ordering.show", order_id=order_id), 303)


@pages.post("/orders/<order_id>/again")
@needs("order.see_own")
def again(order_id: str) -> Any:
    """The same once more: everything is filled in but the time."""
    order = queries.order_seen(order_id, g.actor, "order.see_own")
    session["draft"] = draft.again(order, g.actor)
    return redirect(url_for("ordering.step", step="when"), 303)


# ---------- mending ----------


@pages.get("/orders/<order_id>/amendment")
@needs("order.amend")
def amendment(order_id: str) -> Any:
    return _amendment_page(queries.order_seen(order_id, g.actor, "order.amend"))


@pages.post("/orders/<order_id>/amendment")
@needs("order.amend")
def amend(order_id: str) -> Any:
    """Change an order, or send a returned one in again; what was left empty about the time stays as it is."""
    order = queries.order_seen(order_id, g.actor, "order.amend")
    again = service.may_resubmit(g.actor, order)
    try:
        change = _change(order, loaded(schemas.Amendment()))
        service.mend(order_id, actor=g.actor, key=request_key(), **change)
    except Invalid as error:
        return _amendment_page(queries.order_seen(order_id, g.actor, "order.amend"), error)
    flash(_("已重新提交。") if again else _("已改好。"), "good")
    return redirect(url_for("ordering.show", order_id=order_id), 303)


def _change(order: Order, given: dict[str, Any]) -> dict[str, Any]:
    seen = view_of(order, g.actor)
    fields = ("words", "access_notes", "contact_phone")
    change = {name: given[name] for name in fields if name in given and (given[name] or seen.plain(name))}
    if "day" in given:
        span = times.window(given["day"], given.get("on"), given.get("part"), given.get("at"), order.duration_minutes)
        change |= {"window_from": span[0], "window_until": span[1]}
    return change


def _amendment_page(order: Order, error: DomainError | None = None) -> Any:
    """What the reader may not see is left empty, and stays as it is when nothing is typed."""
    seen = view_of(order, g.actor)
    values = {
        "words": seen.words,
        "access_notes": order.access_notes if seen.plain("access_notes") else "",
        "contact_phone": national(order.contact_phone) if seen.plain("contact_phone") else "",
    }
    return form_page(
        "ordering/amendment.html", error if isinstance(error, Invalid) else None, values=values, order=order, seen=seen,
        again=service.may_resubmit(g.actor, order), days=choices.days(), parts=choices.parts(),
    )  # fmt: skip
