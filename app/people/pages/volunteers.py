"""A volunteer's time and profile."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.access import needs
from app.kernel.errors import DomainError, Invalid
from app.kernel.web import form_page, go, loaded
from app.people import queries, schemas, service
from app.people.choices import volunteer_choices
from app.people.pages.blueprint import pages

GRID_HOURS = range(6, 22)


def _time_page(error: DomainError | None = None) -> Any:
    volunteer = queries.own_volunteer(g.actor)
    return form_page(
        "people/availability.html",
        error,
        values={"cells": queries.grid_cells(volunteer)},
        volunteer=volunteer,
        hours=GRID_HOURS,
        exceptions=queries.exceptions_ahead(volunteer, clock.now()),
    )


@pages.get("/volunteer/availability")
@needs("volunteer.self")
def availability() -> Any:
    return _time_page()


@pages.post("/volunteer/availability")
@needs("volunteer.self")
def save_availability() -> Any:
    try:
        service.set_grid(loaded(schemas.Grid())["cells"], actor=g.actor)
    except Invalid as error:
        return _time_page(error)
    flash(_("您的时间已保存，派单会照着来。"), "good")
    return redirect(url_for("people.availability"), 303)


@pages.post("/volunteer/exceptions")
@needs("volunteer.self")
def add_exception() -> Any:
    try:
        service.add_exception(actor=g.actor, **loaded(schemas.Span()))
    except Invalid as error:
        return _time_page(error)
    flash(_("已记下。"), "good")
    return redirect(url_for("people.availability"), 303)


@pages.post("/volunteer/exceptions/<exception_id>/removal")
@needs("volunteer.self")
def drop_exception(exception_id: str) -> Any:
    service.drop_exception(exception_id, actor=g.actor)
    return redirect(url_for("people.availability"), 303)


@pages.post("/volunteer/duty")
@needs("volunteer.self")
def set_duty() -> Any:
    duty = loaded(schemas.Duty())
    service.set_duty(duty["on"], duty["hours"], actor=g.actor)
    flash(_("您已上岗，附近有急单会先问您。") if duty["on"] else _("您已下岗，好好休息。"), "good")
    return go(url_for("people.availability"))


def _profile_page(error: DomainError | None = None) -> Any:
    volunteer = queries.own_volunteer(g.actor)
    return form_page(
        "people/profile.html", error, values=volunteer_choices.current(volunteer), volunteer=volunteer,
        choices=volunteer_choices,
    )  # fmt: skip


@pages.get("/volunteer/profile")
@needs("volunteer.self")
def profile() -> Any:
    return _profile_page()


@pages.post("/volunteer/profile")
@needs("volunteer.self")
def save_profile() -> Any:
    try:
        fields = loaded(schemas.VolunteerProfile())
        for name in ("quiet_from", "quiet_until"):
            fields.setdefault(name, None)
        service.amend_volunteer(actor=g.actor, **{"skills": [], "languages": [], **fields})
    except Invalid as error:
        return _profile_page(error)
    flash(_("已保存。新加的技能要等社区核实后才会派单。"), "good")
    return redirect(url_for("people.profile"), 303)


@pages.post("/volunteer/credentials")
@needs("volunteer.self")
def add_credential() -> Any:
    try:
        service.add_credential(actor=g.actor, **loaded(schemas.NewCredential()))
    except Invalid as error:
        return _profile_page(error)
    flash(_("已记下，请带原件到社区核实。"), "good")
    return redirect(url_for("people.profile"), 303)
