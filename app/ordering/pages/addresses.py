"""Saved addresses: add one, remove one."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.errors import Invalid
from app.kernel.web import form_page, loaded
from app.offices import queries as offices
from app.ordering import queries, schemas, service
from app.ordering.pages.blueprint import pages
from app.ordering.pages.places import chooser


@pages.get("/me/addresses")
@needs("order.place")
def addresses() -> Any:
    return _page()


@pages.post("/me/addresses")
@needs("order.place")
def add_address() -> Any:
    try:
        given = loaded(schemas.AddressIn())
        office = offices.office(given["office_id"])
        address = f"{offices.place_name(office)}{given['house']}" if office is not None else given["house"]
        service.save_address(actor=g.actor, office_id=given["office_id"], address=address, label=given["label"])
    except Invalid as error:
        return _page(error)
    flash(_("地址已保存。"), "good")
    return redirect(url_for("ordering.addresses"), 303)


@pages.post("/me/addresses/<address_id>/removal")
@needs("order.place")
def remove_address(address_id: str) -> Any:
    service.forget_address(address_id, actor=g.actor)
    flash(_("地址已删除。"), "good")
    return redirect(url_for("ordering.addresses"), 303)


def _page(error: Invalid | None = None) -> Any:
    chosen = request.form.get("office_id") or request.args.get("within")
    return form_page(
        "ordering/addresses.html", error, addresses=queries.addresses(g.actor.resident_id),
        chooser=chooser(chosen, url_for("ordering.addresses")),
    )  # fmt: skip
