"""Pages of rights: what is held about me, what I agreed to; at the desk, who answers for a minor."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel.access import needs
from app.kernel.clock import today
from app.kernel.web import go, loaded
from app.people.stepup import fresh
from app.rights import consents, copies, guardians, schemas
from app.rights.columns import readable
from app.rights.wording import WORDINGS
from models import Account, db
from models.kinds import Purpose

pages = Blueprint("rights", __name__)
MOST_SHOWN = 30
"""Rows of one table on the page."""

pages.add_app_template_global(readable, "readable")


@pages.get("/me/data")
@needs("account.self")
@fresh
def data() -> Any:
    """Everything held about me, readable and printable."""
    return render_template("rights/data.html", parts=copies.parts(g.actor), MOST_SHOWN=MOST_SHOWN)


@pages.post("/me/data/copy")
@needs("account.self")
@fresh
@limiter.limit("10 per hour")
def copy() -> Any:
    """The same as a file."""
    copies.note_copy(actor=g.actor)
    text = json.dumps(copies.as_json(g.actor), ensure_ascii=False, indent=1)
    name = f"linli-{today():%Y%m%d}.json"
    return Response(
        text, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@pages.get("/me/consents")
@needs("account.self")
def agreements() -> Any:
    account = db.session.get(Account, g.actor.account_id)
    sides = [side for side, held in (("resident", g.actor.resident_id), ("volunteer", g.actor.volunteer_id)) if held]
    asked = [Purpose.SERVICE, *(purpose for side in sides for purpose in consents.ASKED[side])]
    return render_template(
        "rights/consents.html", wordings=WORDINGS, asked=asked,
        live={purpose: consents.live(account, purpose) for purpose in asked} if account else {},
        refused={purpose for purpose in asked if consents.withdrawn(g.actor.account_id, purpose)},
    )  # fmt: skip


@pages.post("/me/consents")
@needs("account.self")
def answer() -> Any:
    said = loaded(schemas.Agreement())
    (consents.give if said["agreed"] else consents.withdraw)(said["purpose"], actor=g.actor)
    flash(_("已记下您的同意。") if said["agreed"] else _("已撤回，从现在起不再使用。"), "good")
    return redirect(url_for("rights.agreements"), 303)


@pages.post("/desk/volunteers/<volunteer_id>/guardian")
@needs("guardian.record")
def record_guardian(volunteer_id: str) -> Any:
    return _at_the_desk(volunteer_id, lambda: _recorded(volunteer_id))


@pages.post("/desk/volunteers/<volunteer_id>/guardian/end")
@needs("guardian.record")
def end_guardian(volunteer_id: str) -> Any:
    return _at_the_desk(volunteer_id, lambda: _ended(volunteer_id))


def _recorded(volunteer_id: str) -> str:
    guardians.record_guardian(volunteer_id, actor=g.actor, **loaded(schemas.NewGuardian()))
    return _("已登记监护人，可以核实了。")


def _ended(volunteer_id: str) -> str:
    guardians.end_guardian(volunteer_id, actor=g.actor)
    return _("已结束。在登记新的监护人之前，不会再邀请这位志愿者。")


def _at_the_desk(volunteer_id: str, act: Any) -> Any:
    flash(act(), "good")
    return go(url_for("oversight.volunteer", volunteer_id=volunteer_id))
