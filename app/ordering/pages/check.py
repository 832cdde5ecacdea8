"""The last page of the wizard: all answers, whether somebody asked for the same already, and the button that sends."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.access import needs, public
from app.kernel.errors import Invalid, NotFound
from app.ordering import choices, draft, queries, service
from app.ordering.pages.blueprint import draft_here, pages

KEPT_KEYS = 5
"""Orders just placed that a second press of the button still finds."""


@pages.get("/orders/new/check")
@public
def check() -> Any:
    """All answers with a way to change each, and whether somebody asked for the same already."""
    missing = draft.first_missing(draft_here())
    return redirect(url_for("ordering.step", step=missing), 303) if missing else _check_page()


def _check_page(error: Invalid | None = None) -> Any:
    kept = draft_here()
    try:
        wish = draft.wish(kept, g.actor)
    except (Invalid, NotFound) as problem:
        wish, error = {}, problem if isinstance(problem, Invalid) else Invalid({"address": [problem.detail]})
    mended = {f"_{name}": sentences for name, sentences in error.fields.items()} if error else {}
    page = render_template(
        "ordering/check.html",
        wish=wish,
        span=draft.span(kept) if wish else None,
        item=draft.item_of(kept),
        similar=_similar(wish, kept),
        address=_address(wish),
        photos=kept.get("photos", []),
        errors=mended,
        mend=[draft.STEP_OF.get(name, "words") for name in (error.fields if error else {})],
        person=_person(wish),
        sexes=dict(choices.sexes()),
    )
    return page, 422 if error else 200


def _person(wish: Any) -> str:
    """Whom it is for, in a word."""
    if not wish or wish.get("on_behalf"):
        return wish.get("contact_name", "") if wish else ""
    if resident_id := wish.get("resident_id"):
        return next((one.name for one in queries.served_before(g.actor) if one.id == resident_id), "")
    return _("我自己")


def _address(wish: Any) -> str:
    """The exact place, also where only a saved one was picked."""
    if not wish:
        return ""
    saved = queries.own_address(wish.get("address_id"), g.actor)
    return saved.address if saved is not None else wish.get("address", "")


def _similar(wish: Any, kept: dict[str, Any]) -> queries.Similar | None:
    office = draft.office_of(kept, g.actor) if wish and g.actor.is_signed_in else None
    if office is None:
        return None
    begins, ends = draft.span(kept)
    return queries.similar(
        g.actor,
        item=draft.item_of(kept),
        office_id=office.id,
        window_from=begins,
        window_until=ends,
        resident_id=draft.served_id(kept, g.actor),
    )


@pages.post("/orders/new/check")
@needs("order.place")
def send() -> Response | Any:
    """Place the order. A second press of the button finds the same order, also after the draft is gone."""
    key = request.form.get("_key") or ""
    kept = draft_here()
    if draft.first_missing(kept):
        placed = session.get("placed", {}).get(key)
        return redirect(url_for("ordering.confirmation", order_id=placed) if placed else url_for("ordering.check"), 303)
    try:
        wish = draft.wish(kept, g.actor)
        order = service.place(actor=g.actor, key=key, pictures=draft.pictures(kept), **wish)
    except (Invalid, NotFound) as error:
        return _check_page(error if isinstance(error, Invalid) else Invalid({"address": [error.detail]}))
    session.pop("draft", None)
    session["placed"] = dict([*list(session.get("placed", {}).items())[1 - KEPT_KEYS :], (key, order.id)])
    return redirect(url_for("ordering.confirmation", order_id=order.id), 303)
