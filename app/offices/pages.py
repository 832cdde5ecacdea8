"""Pages of an office: its rules, and who works there. Its names are spoken in the reader's language everywhere.

`named(row)`, `described(item)` and `full_name(office)` are known to all templates.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import limiter
from app.kernel.access import Actor, needs, require
from app.kernel.errors import Conflict, DomainError, Invalid, NotFound
from app.kernel.settings import setting
from app.kernel.web import loaded
from app.offices import growing, policy, queries, service
from app.offices.schemas import NewOffice
from app.people.safety import set_active
from app.people.schemas import Appointment
from app.people.second_factor import is_on, turn_off
from app.people.service import appoint, revoke_role
from app.people.stepup import fresh
from models import Office
from models.kinds import OfficeLevel, Role

pages = Blueprint("offices", __name__)

pages.add_app_template_filter(queries.item_title)
for _say in (queries.named, queries.described, queries.full_name):
    pages.add_app_template_global(_say)

STAFF = {
    Role.COORDINATOR: _l("调度员"),
    Role.SUPERVISOR: _l("监督单位"),
    Role.TEAM_LEADER: _l("队长"),
    Role.ADMINISTRATOR: _l("平台管理员"),
}


LEVELS = {
    OfficeLevel.DISTRICT: _l("区县中心"),
    OfficeLevel.STREET: _l("街道实践所"),
    OfficeLevel.COMMUNITY: _l("社区实践站"),
}


def _office(office_id: str, actor: Actor) -> Office:
    office = queries.office(office_id)
    if office is None:
        raise NotFound()
    require(actor, "office.settings", office)
    return office


def _around(office: Office) -> dict[str, Any]:
    return {"office": office, "above": queries.lineage(office), "below": queries.children(office.id)}


@pages.get("/offices")
@needs("office.settings")
def own_office() -> Any:
    """The office an administrator administers."""
    office_id = next(grant.office_id for grant in g.actor.grants if grant.role == Role.ADMINISTRATOR)
    return redirect(url_for("offices.settings", office_id=office_id))


def _settings_page(office: Office, error: Invalid | None = None) -> Any:
    own = queries.own_policies(office)
    rows = [(one, setting(office, one.name), one.name in own) for one in policy.POLICIES if one.is_for(office)]
    labels = {one.name: one.label for one in policy.POLICIES}
    page = render_template(
        "offices/settings.html", policies=rows, labels=labels, errors=error.fields if error else {}, **_around(office)
    )
    return (page, 422) if error else page


@pages.get("/offices/<office_id>/settings")
@needs("office.settings")
def settings(office_id: str) -> Any:
    return _settings_page(_office(office_id, g.actor))


@pages.post("/offices/<office_id>/settings/<name>")
@needs("office.settings")
def set_policy(office_id: str, name: str) -> Any:
    office = _office(office_id, g.actor)
    try:
        service.set_policy(office.id, name, request.form.to_dict(), actor=g.actor)
    except Invalid as error:
        return _settings_page(office, error)
    flash(_("已保存。"), "good")
    return redirect(url_for("offices.settings", office_id=office_id, _anchor=name), 303)


@pages.post("/offices/<office_id>/settings/<name>/removal")
@needs("office.settings")
def drop_policy(office_id: str, name: str) -> Any:
    service.drop_policy(office_id, name, actor=g.actor)
    return redirect(url_for("offices.settings", office_id=office_id, _anchor=name), 303)


def _people_page(office: Office, error: Invalid | None = None) -> Any:
    grants = queries.staff(office, STAFF)
    page = render_template(
        "offices/people.html", grants=grants, roles=STAFF, values=request.form, errors=error.fields if error else {},
        with_factor={grant.account_id for grant in grants if is_on(grant.account_id)}, **_around(office),
    )  # fmt: skip
    return (page, 422) if error else page


def _below_page(office: Office, error: DomainError | None = None) -> Any:
    known = error.fields if isinstance(error, Invalid) else {"name": [error.detail]} if error else {}
    page = render_template(
        "offices/below.html", level=growing.level_below(office), levels=LEVELS, values=request.form, errors=known,
        **_around(office),
    )  # fmt: skip
    return (page, 422) if error else page


@pages.get("/offices/<office_id>/below")
@needs("office.settings")
def below(office_id: str) -> Any:
    """The offices right below one, and a form to add another."""
    return _below_page(_office(office_id, g.actor))


@pages.post("/offices/<office_id>/below")
@needs("office.settings")
def add_below(office_id: str) -> Any:
    office = _office(office_id, g.actor)
    try:
        growing.add_office(office.id, **loaded(NewOffice()), actor=g.actor)
    except Invalid as error:
        return _below_page(office, error)
    except Conflict:
        return _below_page(office, Conflict(_("这里已经有同名的单位。")))
    flash(_("已添加。"), "good")
    return redirect(url_for("offices.below", office_id=office_id), 303)


@pages.get("/offices/<office_id>/people")
@needs("office.settings")
def people(office_id: str) -> Any:
    return _people_page(_office(office_id, g.actor))


@pages.post("/offices/<office_id>/people")
@needs("role.grant")
@fresh
@limiter.limit("60 per hour")
def add_person(office_id: str) -> Any:
    office = _office(office_id, g.actor)
    try:
        given = loaded(Appointment())
        appoint(given["phone"], given["role"], office.id, actor=g.actor)
    except Invalid as error:
        return _people_page(office, error)
    flash(_("已添加。"), "good")
    return redirect(url_for("offices.people", office_id=office_id), 303)


@pages.post("/offices/<office_id>/people/<grant_id>/removal")
@needs("role.grant")
@fresh
def remove_person(office_id: str, grant_id: str) -> Any:
    revoke_role(grant_id, actor=g.actor)
    flash(_("已撤销。"), "good")
    return redirect(url_for("offices.people", office_id=office_id), 303)


@pages.post("/offices/<office_id>/people/<account_id>/activity")
@needs("role.grant")
@fresh
def set_activity(office_id: str, account_id: str) -> Any:
    """Close somebody's account, or open it again."""
    is_active = request.form.get("active") == "on"
    set_active(account_id, is_active, actor=g.actor)
    flash(_("账号已恢复。") if is_active else _("账号已停用，登录着的地方都已退出。"), "good")
    return redirect(url_for("offices.people", office_id=office_id), 303)


@pages.post("/offices/<office_id>/people/<account_id>/factor/removal")
@needs("role.grant")
@fresh
def remove_factor(office_id: str, account_id: str) -> Any:
    """Somebody's phone is lost, and the recovery codes too: they sign in with the password and begin anew."""
    turn_off(account_id, actor=g.actor)
    flash(_("两步验证已关闭，本人下次登录后要重新开启。"), "good")
    return redirect(url_for("offices.people", office_id=office_id), 303)
