"""One's own data and inbox."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.errors import Invalid
from app.kernel.web import form_page, go, loaded
from app.notices.gathering import offers_in
from app.notices.service import read
from app.people import queries, schemas, service
from app.people.pages.blueprint import pages


@pages.get("/me")
@needs("account.self")
def me() -> Any:
    account = queries.own_account(g.actor)
    return form_page(
        "people/me.html", values={"name": account.name}, account=account, home=queries.home_office(g.actor)
    )


@pages.post("/me")
@needs("account.self")
def amend_me() -> Any:
    try:
        service.prefer(actor=g.actor, **loaded(schemas.Preferences()))
    except Invalid as error:
        account = queries.own_account(g.actor)
        return form_page("people/me.html", error, account=account, home=queries.home_office(g.actor))
    flash(_("已保存。"), "good")
    return redirect(url_for("people.me"), 303)


@pages.get("/me/notices")
@needs("account.self")
def notices() -> Any:
    found = queries.inbox(g.actor)
    return render_template("people/notices.html", notices=found, offers_in=offers_in(found))


@pages.post("/me/notices/<notice_id>/reading")
@needs("account.self")
def read_notice(notice_id: str) -> Any:
    read(notice_id, actor=g.actor)
    return go(url_for("people.notices"))
