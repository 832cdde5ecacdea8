"""电话代录: a coordinator writes down a need during the call. One screen, no mouse needed."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request, url_for
from flask_babel import gettext as _

from app.kernel.access import needs
from app.kernel.errors import Invalid, NotFound
from app.kernel.web import form_page, loaded, request_key
from app.offices import queries as offices
from app.ordering import choices, intake, queries, schemas, service
from app.ordering.pages.blueprint import pages
from app.people.phones import normalise
from app.privacy.queries import caller_name, caller_place
from app.privacy.service import note_lookup
from app.rights.service import WORDINGS, unasked
from models import Resident
from models.kinds import Purpose, Role


@pages.get("/desk/intake")
@needs("order.intake")
def desk_intake() -> Any:
    """First the number: whoever called before is known with their places."""
    return _page("")


@pages.post("/desk/intake/caller")
@needs("order.intake")
def find_caller() -> Any:
    """Look the caller up. A POST, for a phone number has no place in an address that is logged and remembered."""
    typed = request.form.get("phone", "").strip()[:30]
    number = normalise(typed)
    if number is not None:
        note_lookup(queries.residents_by_phone(number, g.actor), actor=g.actor)
        return _page(typed)
    words = _("手机号不对，请检查一下，例如 138 0000 0000。")
    return _page(typed, wrong_number=words)


@pages.post("/desk/intake")
@needs("order.intake")
def take_in() -> Any:
    """Place the order in the caller's name; a likely double is asked about once."""
    phone = request.form.get("phone", "")[:30]
    try:
        given = loaded(schemas.Intake())
        wish = intake.wish(given, g.actor)
        similar = _similar(wish)
        if similar is not None and similar.own and not given["despite"]:
            return _page(phone, _asked_already(), similar)
        order = service.place(actor=g.actor, key=request_key(), **wish)
    except NotFound:
        return _page(phone, Invalid({"resident_id": [_("请重新选择居民。")]}))
    except Invalid as error:
        return _page(phone, intake.on_screen(error))
    return redirect(url_for("ordering.desk_intake", done=order.id), 303)


def _asked_already() -> Invalid:
    return Invalid({"_despite": [_("这位居民已有一张相似的单子。确认要再点一张，请再按一次提交。")]})


def _similar(wish: Any) -> queries.Similar | None:
    """The same resident's unfinished orders of the same kind and day."""
    office = offices.office(wish.get("office_id")) or queries.office_of_address(wish.get("address_id"))
    if not wish["resident_id"] or not wish["item_code"] or office is None:
        return None
    return queries.similar(
        g.actor, item=offices.item(wish["item_code"]), office_id=office.id, window_from=wish["window_from"],
        window_until=wish["window_until"], resident_id=wish["resident_id"],
    )  # fmt: skip


def _page(
    phone: str, error: Invalid | None = None, similar: queries.Similar | None = None, wrong_number: str = ""
) -> Any:
    number = normalise(phone) if phone else None
    residents = queries.residents_by_phone(number, g.actor) if number else []
    done = request.args.get("done", "")
    context: dict[str, Any] = {
        "phone": phone, "number": number, "residents": residents, "similar": similar, "places": _places(residents),
        "caller_name": caller_name, "consent": WORDINGS[Purpose.SERVICE].words,
        "asks_known": any(unasked(resident) for resident in residents),
        "menu": offices.menu(), "communities": offices.communities(g.actor.paths(Role.COORDINATOR)),
        "days": choices.days(), "parts": choices.parts(), "languages": choices.languages(), "sexes": choices.sexes(),
        "first_day": choices.first_day(),
        "done": queries.order_seen(done, g.actor, "order.review") if done else None,
    }  # fmt: skip
    if wrong_number:
        context["values"] = {"phone": phone}
        return form_page("ordering/intake.html", None, **{**context, "phone_error": [wrong_number]}), 422
    return form_page("ordering/intake.html", error, values=_usual(residents), **context)


def _places(residents: list[Resident]) -> list[tuple[str, str, str]]:
    """The saved places of everybody who calls from this number: enough to ask whether it is there."""
    return [
        (saved.id, caller_place(saved), caller_name(resident) if len(residents) > 1 else saved.label)
        for resident in residents
        for saved in resident.addresses
        if saved.removed_at is None
    ]


def _usual(residents: list[Resident]) -> dict[str, Any]:
    """What is already chosen when the screen opens: one known caller, their latest place, as soon as possible."""
    places = _places(residents)
    return {
        "resident_id": residents[0].id if len(residents) == 1 else "",
        "place": places[-1][0] if places else "new",
        "day": "now",
    }
