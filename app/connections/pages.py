"""Pages of administrators: where an office's notices go outside, and who may come in by a key."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.connections import queries, webhooks
from app.connections.schemas import EndpointIn, KeyIn
from app.connections.spreading import NEVER_OUTSIDE
from app.extensions import limiter
from app.kernel.access import needs, require
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound
from app.kernel.web import loaded
from app.notices.sentences import SENTENCES
from app.offices import queries as offices
from app.people import api_keys
from app.people.scopes import POWERS
from app.people.stepup import fresh
from models import Office, Webhook
from models.kinds import NoticeKind, Scope

pages = Blueprint("connections", __name__, url_prefix="/offices/<office_id>")

TROUBLE = {
    "form": _l("网址写得不对"),
    "scheme": _l("网址不是 https"),
    "port": _l("端口不允许"),
    "host": _l("找不到这个主机"),
    "address": _l("主机指向内网，已拦下"),
    "lookup": _l("查主机地址超时"),
    "connect": _l("连不上"),
    "tls": _l("证书不对"),
    "time": _l("超时（5 秒）"),
    "talk": _l("对方的回答看不懂"),
    "status": _l("对方没有回答成功"),
}
KINDS = [(kind, kind, SENTENCES[kind]) for kind in NoticeKind if kind not in NEVER_OUTSIDE]


def _office(office_id: str, act: str) -> Office:
    office = offices.office(office_id)
    if office is None:
        raise NotFound()
    require(g.actor, act, office)
    return office


def _endpoint(office: Office, webhook_id: str) -> Webhook:
    row = queries.endpoint(webhook_id)
    if row is None or row.office_id != office.id:
        raise NotFound()
    return row


def _around(office: Office) -> dict[str, Any]:
    return {"office": office, "above": offices.lineage(office), "below": offices.children(office.id), "now": now()}


def _back(office_id: str, page: str) -> Response:
    return redirect(url_for(f"connections.{page}", office_id=office_id), 303)


def _shown_once(office: Office, section: str, title: Any, secret: str, hint: Any) -> Any:
    """The only page that ever holds this secret; no browser keeps it (no-store)."""
    page = render_template(
        "connections/secret.html", title=title, secret=secret, hint=hint, section=section, **_around(office)
    )
    return page, 201


# ---------- endpoints ----------


def _endpoints_page(office: Office, error: Invalid | None = None, wrong: str = "") -> Any:
    page = render_template(
        "connections/webhooks.html", endpoints=queries.endpoints(office), kinds=KINDS, trouble=TROUBLE, wrong=wrong,
        values=request.form, errors=error.fields if error else {}, **_around(office),
    )  # fmt: skip
    return (page, 422) if error else page


@pages.get("/webhooks")
@needs("webhook.manage")
def endpoints(office_id: str) -> Any:
    return _endpoints_page(_office(office_id, "webhook.manage"))


@pages.post("/webhooks")
@needs("webhook.manage")
@fresh
def add_endpoint(office_id: str) -> Any:
    office = _office(office_id, "webhook.manage")
    try:
        _row, secret = webhooks.add(office.id, actor=g.actor, **loaded(EndpointIn()))
    except Invalid as error:
        return _endpoints_page(office, error)
    hint = _("对方用它核对每一条推送是不是我们发的。离开这一页就再也看不到了。")
    return _shown_once(office, "webhooks", _("推送地址的密钥"), secret, hint)


@pages.post("/webhooks/<webhook_id>")
@needs("webhook.manage")
@fresh
def amend_endpoint(office_id: str, webhook_id: str) -> Any:
    office = _office(office_id, "webhook.manage")
    row = _endpoint(office, webhook_id)
    try:
        webhooks.amend(row.id, actor=g.actor, **loaded(EndpointIn()))
    except Invalid as error:
        return _endpoints_page(office, error, row.id)
    flash(_("已保存。"), "good")
    return _back(office.id, "endpoints")


@pages.post("/webhooks/<webhook_id>/rotation")
@needs("webhook.manage")
@fresh
def rotate_secret(office_id: str, webhook_id: str) -> Any:
    office = _office(office_id, "webhook.manage")
    secret = webhooks.rotate(_endpoint(office, webhook_id).id, actor=g.actor)
    hint = _("旧密钥还会用三天：这三天里每条推送带两个签名，对方认哪一个都行。")
    return _shown_once(office, "webhooks", _("新的密钥"), secret, hint)


@pages.post("/webhooks/<webhook_id>/removal")
@needs("webhook.manage")
@fresh
def remove_endpoint(office_id: str, webhook_id: str) -> Any:
    office = _office(office_id, "webhook.manage")
    webhooks.remove(_endpoint(office, webhook_id).id, actor=g.actor)
    flash(_("已移除，不再往那里推送。"), "good")
    return _back(office.id, "endpoints")


@pages.post("/webhooks/<webhook_id>/test")
@needs("webhook.manage")
@limiter.limit("60 per hour")
def test_endpoint(office_id: str, webhook_id: str) -> Any:
    office = _office(office_id, "webhook.manage")
    webhooks.send_test(_endpoint(office, webhook_id).id, actor=g.actor)
    flash(_("已发出一条试推送，过几秒刷新看结果。"), "good")
    return _back(office.id, "endpoints")


@pages.post("/webhooks/<webhook_id>/resending")
@needs("webhook.manage")
def resend_letters(office_id: str, webhook_id: str) -> Any:
    office = _office(office_id, "webhook.manage")
    count = webhooks.resend(_endpoint(office, webhook_id).id, actor=g.actor)
    flash(_("%(count)s 条重新排队了。", count=count), "good")
    return _back(office.id, "endpoints")


@pages.get("/webhooks/<webhook_id>/letters")
@needs("webhook.manage")
def letters(office_id: str, webhook_id: str) -> Any:
    """The letters that wait and those given up, with what went wrong."""
    office = _office(office_id, "webhook.manage")
    row = _endpoint(office, webhook_id)
    return render_template(
        "connections/letters.html", endpoint=row, letters=queries.unsettled(row.id), trouble=TROUBLE,
        sentences=SENTENCES, **_around(office),
    )  # fmt: skip


# ---------- keys ----------


def _keys_page(office: Office, error: Invalid | None = None) -> Any:
    page = render_template(
        "connections/keys.html", keys=queries.keys(office), powers=POWERS, values=request.form or {"days": 90},
        scopes=[(scope, scope, power.words) for scope, power in POWERS.items()],
        errors=error.fields if error else {}, **_around(office),
    )  # fmt: skip
    return (page, 422) if error else page


@pages.get("/keys")
@needs("api_key.manage")
def keys(office_id: str) -> Any:
    return _keys_page(_office(office_id, "api_key.manage"))


@pages.post("/keys")
@needs("api_key.manage")
@fresh
def issue_key(office_id: str) -> Any:
    office = _office(office_id, "api_key.manage")
    try:
        given = loaded(KeyIn())
        networks = [part for part in re.split(r"[\s,，]+", given.pop("networks")) if part]
        row, text = api_keys.issue(office.id, networks=networks, actor=g.actor, **given)
    except Invalid as error:
        return _keys_page(office, error)
    if Scope.SCREEN in row.scopes:
        hint = _("在那块屏幕的浏览器里打开这个网址一次就行。离开这一页就再也看不到了；不用了请吊销。")
        return _shown_once(
            office, "keys", _("大屏的网址"), url_for("oversight.screen_key", token=text, _external=True), hint
        )
    hint = _("请交给对方系统的负责人妥善保存。离开这一页就再也看不到了。")
    return _shown_once(office, "keys", _("新的接口密钥"), text, hint)


@pages.post("/keys/<key_id>/revocation")
@needs("api_key.manage")
@fresh
def revoke_key(office_id: str, key_id: str) -> Any:
    office = _office(office_id, "api_key.manage")
    api_keys.revoke(key_id, actor=g.actor)
    flash(_("已吊销，立刻失效。"), "good")
    return _back(office.id, "keys")
