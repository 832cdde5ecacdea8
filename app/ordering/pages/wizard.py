"""点单, one question a page: who, what, where, when, words, then check and send. Plain forms; the draft stays here."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app.extensions import limiter
from app.kernel.access import public
from app.kernel.errors import Invalid
from app.kernel.schema import form_data
from app.kernel.web import form_page, loaded
from app.offices import queries as offices
from app.ordering import choices, draft, photos, queries
from app.ordering.beneficiaries import community
from app.ordering.draft import SHAPES, STEPS
from app.ordering.pages.blueprint import draft_here, pages
from app.ordering.pages.places import chooser
from app.ordering.schemas import OWN_WORDS
from app.rights.service import withdrawn
from models.kinds import Purpose

PAGES = "/orders/new/<any(who,what,where,when,words):step>"
CHOOSE = "choose"
"""Instead of a saved place: show the way to a new one."""


def _keep(kept: dict[str, Any]) -> None:
    session["draft"] = kept


@pages.get("/orders/new")
@public
def start() -> Any:
    """Begin, or go on with what was left half filled in."""
    if "what" in draft_here():
        return render_template("ordering/resume.html", item=draft.item_of(draft_here()), draft=draft_here())
    return redirect(url_for("ordering.step", step="who"), 303)


@pages.post("/orders/new")
@public
def restart() -> Any:
    """Throw the draft away and begin anew."""
    for picture in draft.pictures(draft_here()):
        photos.drop_draft(picture.filename)
    session.pop("draft", None)
    return redirect(url_for("ordering.step", step="who"), 303)


@pages.get(PAGES)
@public
def step(step: str) -> Any:
    """One question, with what was answered before."""
    skipped = draft.first_missing(draft_here())
    if skipped and STEPS.index(skipped) < STEPS.index(step):
        return redirect(url_for("ordering.step", step=skipped), 303)
    return _page(step)


@pages.post(PAGES)
@public
@limiter.limit("60 per minute")
@limiter.limit("40 per hour", exempt_when=lambda: not _sends_photo())
def answer(step: str) -> Any:
    """Keep the answer and go on: to the next open question, or back to the check."""
    if request.form.get("place") == CHOOSE:
        return redirect(url_for("ordering.step", step="where", new=1), 303)
    try:
        given = loaded(SHAPES[step]())
        kept = {**draft_here(), step: form_data(request.form, SHAPES[step]())}
        _settle(step, kept, given)
    except Invalid as error:
        return _page(step, error)
    _keep(kept)
    if given.get("stay") or given.get("drop"):
        return redirect(url_for("ordering.step", step=step), 303)
    return redirect(_next(kept), 303)


def _sends_photo() -> bool:
    """Photos are kept before anybody has signed in, so a stranger may send few."""
    upload = request.files.get("photo")
    return upload is not None and bool(upload.filename)


def _next(kept: dict[str, Any]) -> str:
    missing = draft.first_missing(kept)
    return url_for("ordering.step", step=missing) if missing else url_for("ordering.check")


def _settle(step: str, kept: dict[str, Any], given: dict[str, Any]) -> None:
    """What an answer must agree with beyond its own page; raises Invalid."""
    if step == "who" and kept != draft_here() and given["who"] != (draft_here().get("who") or {}).get("who"):
        kept.pop("where", None)  # somebody else lives somewhere else
    if step == "what":
        _known_item(given["item"])
    if step == "where" and given["place"] == "new":
        community(given["office_id"])
    if step == "when":
        draft.span(kept)
    if step == "words":
        kept["words"] = {name: value for name, value in kept["words"].items() if name not in ("drop", "stay")}
        kept["photos"] = _pictures(given["drop"])


def _known_item(code: str) -> None:
    if code != OWN_WORDS and offices.item(code) is None:
        raise Invalid({"item": [_("请从列出的选项中选一个。")]})


def _pictures(dropped: str) -> list[dict[str, Any]]:
    """The draft's photos after this answer: one taken away, one added."""
    kept = [photo for photo in draft_here().get("photos", []) if photo["filename"] != dropped]
    if len(kept) < len(draft_here().get("photos", [])):
        photos.drop_draft(dropped)
    if _sends_photo():
        if len(kept) >= photos.MOST_PHOTOS:
            raise Invalid({"photo": [_("最多放 %(most)s 张照片。", most=photos.MOST_PHOTOS)]})
        if withdrawn(g.actor.account_id, Purpose.PHOTOS):
            raise Invalid({"photo": [_("您撤回了用照片的同意。要放照片，请先在“我同意了什么”里同意。")]})
        kept.append(vars(photos.store_draft(request.files["photo"].stream)))
    return kept


# ---------- what each page shows ----------


def _page(step: str, error: Invalid | None = None) -> Any:
    kept = draft_here()
    context = {"who": _who, "what": _what, "where": _where, "when": _when, "words": _words}[step](kept)
    back = draft.before(step)
    return form_page(
        f"ordering/new_{step}.html", error, values=kept.get(step, {}), step=step, item=draft.item_of(kept),
        place=STEPS.index(step) + 1, of=len(STEPS), changing=draft.first_missing(kept) is None,
        back=url_for("ordering.step", step=back) if back else url_for("site.home"), **context,
    )  # fmt: skip


def _who(kept: dict[str, Any]) -> dict[str, Any]:
    return {"known": queries.served_before(g.actor) if g.actor.is_signed_in else []}


def _what(kept: dict[str, Any]) -> dict[str, Any]:
    """The tiles of the categories; with `category`, what is in one of them; with `own`, a free sentence."""
    office = draft.office_of(kept, g.actor)
    chosen = kept.get("what", {}).get("item")
    wanted = request.args.get("category")
    shelves = offices.menu(office)
    return {
        "shelves": shelves,
        "shelf": next((shelf for shelf in shelves if shelf.category.code == wanted), None),
        "own": wanted == OWN_WORDS,
        "popular": offices.popular(office),
        "picked": request.args.get("item") or chosen,
    }


def _where(kept: dict[str, Any]) -> dict[str, Any]:
    """Places known already; or the way down the tree to a new one."""
    served = draft.served_id(kept, g.actor)
    own = served is not None and served == g.actor.resident_id
    last = queries.last_place(g.actor, served) if served and not own else None
    typed = request.form.get("office_id") or request.args.get("within") or kept.get("where", {}).get("office_id")
    addresses = queries.addresses(served) if own else []
    return {
        "addresses": addresses,
        "last": last,
        "is_new": not (addresses or last) or _wants_new_place(),
        "chooser": chooser(typed, url_for("ordering.step", step="where")),
        "can_remember": own or kept.get("who", {}).get("who") == "me",
    }


def _wants_new_place() -> bool:
    return bool(request.args.keys() & {"new", "within", "q"}) or "house" in request.form


def _when(kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "days": choices.days(), "parts": choices.parts(), "first_day": choices.first_day(),
        "minutes": draft.minutes_of(kept),
    }  # fmt: skip


def _words(kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "photos": kept.get("photos", []),
        "most_photos": photos.MOST_PHOTOS,
        "languages": choices.languages(),
        "sexes": choices.sexes(),
        "people": choices.people_wanted(draft.item_of(kept)),
        "knows_somebody": queries.has_been_served(draft.served_id(kept, g.actor)),
    }
