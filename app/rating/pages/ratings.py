"""How was it? One tap for the person served, and the volunteer's own word."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _

from app.kernel.access import may, needs
from app.kernel.errors import AlreadyRated, DomainError, Invalid, KeyReused
from app.kernel.lifecycle import can
from app.kernel.web import form_page, go, loaded, request_key
from app.rating import queries, schemas, service, words
from app.rating.pages.blueprint import pages
from app.serving import queries as serving
from models import Order, Rating
from models.kinds import Outcome
from models.states import OrderMove


def _rating_page(order_id: str, error: DomainError | None = None) -> Any:
    order, said = queries.order_for_rating(order_id, g.actor), queries.said(order_id)
    return form_page(
        "rating/rate.html", error, beside="stars", values={"outcome": Outcome.DONE, "stars": request.args.get("stars")},
        order=order, can_rate=can(order, OrderMove.RATE), served_by=queries.served_by(order_id),
        said=said, can_add=_can_add(order, said),
        follow_ups=queries.follow_ups_of(order_id, g.actor),
        can_reopen=can(order, OrderMove.REOPEN), tags=list(words.RESIDENT_TAGS.items()),
        outcomes=list(words.OUTCOMES.items()), by_phone=not may(g.actor, "order.see_own", order),
    )  # fmt: skip


def _can_add(order: Order, said: Rating | None) -> bool:
    return said is not None and order.status in queries.WORDS_WHILE and queries.may_add_words(said, g.actor)


@pages.get("/orders/<order_id>/rating")
@needs("order.rate")
def rating(order_id: str) -> Any:
    """Three faces; or, once rated, thanks, room for a few words more, and what came of it."""
    return _rating_page(order_id)


@pages.post("/orders/<order_id>/rating")
@needs("order.rate")
def rate(order_id: str) -> Any:
    queries.order_for_rating(order_id, g.actor)
    try:
        given = loaded(schemas.RatingIn())
    except Invalid as error:
        return _rating_page(order_id, error)
    try:
        service.rate(order_id, actor=g.actor, key=request_key(), **given)
    except (AlreadyRated, KeyReused):
        flash(_("已经评价过了，谢谢。"), "info")
    else:
        flash(_("谢谢，评价收到了。"), "good")
    return go(url_for("rating.rating", order_id=order_id))


@pages.post("/orders/<order_id>/rating/words")
@needs("order.rate")
def add_words(order_id: str) -> Any:
    """What one would like to say after the tap."""
    queries.order_for_rating(order_id, g.actor)
    try:
        given = loaded(schemas.MoreIn())
    except Invalid as error:
        return _rating_page(order_id, error)
    service.add_words(order_id, actor=g.actor, key=request_key(), **given)
    flash(_("都记下了，谢谢您。"), "good")
    return go(url_for("rating.rating", order_id=order_id))


@pages.post("/orders/<order_id>/reopening")
@needs("order.reopen")
def reopen(order_id: str) -> Any:
    queries.order_for_rating(order_id, g.actor, "order.reopen")
    try:
        given = loaded(schemas.Because())
    except Invalid as error:
        return _rating_page(order_id, error)
    service.reopen(order_id, actor=g.actor, key=request_key(), **given)
    flash(_("已重新打开，社区会尽快安排。"), "good")
    return go(f"/orders/{order_id}")


@pages.post("/orders/<order_id>/dispute")
@needs("order.see")
def dispute(order_id: str) -> Any:
    """Whoever is a party objects; the desk decides."""
    service.dispute(order_id, loaded(schemas.Because())["reason"], actor=g.actor, key=request_key())
    flash(_("申诉已收到，社区核实后会告诉您。"), "good")
    return go("/")


def _word_page(assignment_id: str, error: DomainError | None = None) -> Any:
    return form_page(
        "rating/word.html", error, beside="stars", task=serving.task_for(assignment_id, g.actor),
        own_word=queries.own_word(assignment_id), tags=list(words.VOLUNTEER_TAGS.items()),
        hours=queries.entries_of([assignment_id]).get(assignment_id, []),
    )  # fmt: skip


@pages.get("/tasks/<assignment_id>/word")
@needs("assignment.serve")
def word(assignment_id: str) -> Any:
    """Thanks, the hours, and how it went from the volunteer's side."""
    return _word_page(assignment_id)


@pages.post("/tasks/<assignment_id>/word")
@needs("assignment.serve")
def speak(assignment_id: str) -> Any:
    serving.task_for(assignment_id, g.actor)
    try:
        given = loaded(schemas.WordIn())
    except Invalid as error:
        return _word_page(assignment_id, error)
    service.speak(assignment_id, actor=g.actor, key=request_key(), **given)
    flash(_("谢谢您告诉我们。"), "good")
    return redirect(url_for("serving.home"), 303)
