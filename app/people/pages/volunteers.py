"""A volunteer's time and profile."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.access import needs
from app.kernel.errors import DomainError, Invalid
from app.kernel.web import form_page, go, loaded
from app.people import queries, schemas, service
from app.people.choices import volunteer_choices
from app.people.pages.blueprint import pages
from app.rights.service import WORDINGS, is_minor
from models.kinds import Purpose

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


def profile_page(error: Invalid | None = None) -> Any:
    """Three forms: what was typed stays in the one that was sent, the others show what is kept."""
    volunteer = queries.own_volunteer(g.actor)
    kept, typed = volunteer_choices.current(volunteer), request.form
    return render_template(
        "people/profile.html", errors=error.fields if error else {}, volunteer=volunteer, choices=volunteer_choices,
        values=typed if "travel_mode" in typed else kept | typed.to_dict(), minor=is_minor(volunteer),
        portrait_words=WORDINGS[Purpose.PORTRAIT].words,
    ), 422 if error else 200  # fmt: skip


@pages.get("/volunteer/profile")
@needs("volunteer.self")
def profile() -> Any:
    return profile_page()


@pages.post("/volunteer/profile")
@needs("volunteer.self")
def save_profile() -> Any:
    try:
        fields = loaded(schemas.VolunteerProfile())
        for name in ("quiet_from", "quiet_until"):
            fields.setdefault(name, None)
        service.amend_volunteer(actor=g.actor, **{"skills": [], "languages": [], **fields})
    except Invalid as error:
        return profile_page(error)
    flash(_("已保存。新加的技能要等社区核实后才会派单。"), "good")
    return redirect(url_for("people.profile"), 303)


@pages.post("/volunteer/credentials")
@needs("volunteer.self")
def add_credential() -> Any:
    try:
        service.add_credential(actor=g.actor, **loaded(schemas.NewCredential()))
    except Invalid as error:
        return profile_page(error)
    flash(_("已记下，请带原件到社区核实。"), "good")
    return redirect(url_for("people.profile"), 303)
