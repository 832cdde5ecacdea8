"""Every page there is, with somebody who may open it; ids are those of the town.

`doors()` is the reviewed list of all routes (tests/integrity/matrix/expected.txt): a GET of a page that no place here
opens is reported, so that no page is forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.clock import today
from app.notices import links
from app.oversight.board.visit_alerts import CODES as ALERTS
from app.people.identity import actor_of
from models import (
    Account,
    Assignment,
    DispatchRun,
    Erasure,
    Offer,
    Order,
    Resident,
    RoleGrant,
    ServiceCategory,
    Volunteer,
    Webhook,
    WhatIf,
    db,
)
from models.kinds import Role
from tests.integrity.matrix import expected
from tests.pages.town import actor

NO_PAGES = re.compile(
    r"^(/api/|/static/|/healthz|/readyz)|\.json$|\.csv$|\.svg$|/photos/|/portraits/|/fragments/|/parts/|/card$|/state$|^/home/orders$"
    r"|^/volunteer/now$|^/volunteer/open/list$|\.js$|\.ics$|/presence$|^/screen/now$|^/screen/key/"
)
"""Doors that give no page: data, files, and parts of pages, which are looked at where they are put in."""
NOT_TODAY = {"/first-run": "there while a database is empty; its test is tests/people/test_first_run.py",
             "/sign-in/code": "asks after a password; tests/people/test_second_factor.py"}  # fmt: skip
STEPS = ("who", "what", "where", "when", "words")


@dataclass(frozen=True)
class Place:
    """A page as one person sees it. `kind` says for whom it is made, `main` whether QUICK has it."""

    kind: str
    path: str
    account_id: str | None
    note: str = ""
    main: bool = False
    press: bool = False

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.kind, self.path, self.note, "sent empty" if self.press else "")))

    @property
    def is_for_desk(self) -> bool:
        return self.kind in {"board", "desk"}

    @property
    def slug(self) -> str:
        return re.sub(r"[^\w]+", "-", self.name).strip("-")


def places() -> list[Place]:
    """All of them, in the order in which people meet them."""
    return [*_strangers(), *_residents(), *_orders(), *_volunteers(), *_tasks(), *_desks(), *_desk_orders(),
            *_offices(), *_wrong()]  # fmt: skip


def unlisted(found: list[Place]) -> list[str]:
    """Doors to pages that no place opens."""
    paths = [place.path.partition("?")[0] for place in found]
    missing = []
    for rule in sorted(path for method, path in expected.doors() if method == "GET"):
        if NO_PAGES.search(rule) or rule in NOT_TODAY:
            continue
        pattern = re.compile("^" + re.sub(r"<[^/]*>", "[^/]+", rule.replace("(", "\\(").replace(")", "\\)")) + "$")
        if not any(pattern.match(path) for path in paths):
            missing.append(rule)
    return missing


def _strangers() -> Iterator[Place]:
    yield Place("site", "/", None, main=True)
    for path in ("/about", "/docs/api", "/reset", "/offline"):
        yield Place("site", path, None)
    yield Place("site", "/sign-in", None, main=True)
    yield Place("site", "/sign-in", None, press=True)
    yield Place("site", "/sign-up", None, main=True)
    yield Place("site", "/sign-up?role=volunteer", None)
    yield Place("site", "/sign-up", None, press=True)


def _residents() -> Iterator[Place]:
    me = actor("resident").account_id
    for path in ("/home", "/orders", "/orders/new/who", "/orders/new/what", "/me"):
        yield Place("resident", path, me, main=True)
    category = db.session.scalars(select(ServiceCategory.code).order_by(ServiceCategory.code)).first()
    item_steps = ("/orders/new/what?category=" + str(category), *(f"/orders/new/{step}" for step in STEPS[2:]))
    yield Place("resident", "/", me, "leads on")
    for path in ("/orders?show=past", "/orders/new", *item_steps, "/orders/new/check", "/me/addresses",
                 "/me/consents", "/me/data", "/me/erasure", "/me/factor", "/me/notices", "/me/password", "/me/reads",
                 "/me/safety", "/confirm"):  # fmt: skip
        yield Place("resident", path, me)
    yield Place("resident", "/me/password", me, press=True)
    if asked := db.session.scalars(select(Erasure.subject_id)).first():
        yield Place("resident", "/me/erasure", asked, "asked for")


def _orders() -> Iterator[Place]:
    """One order of each status, seen by whoever ordered it."""
    for order in _each_status(Order):
        path = f"/orders/{order.id}"
        shown = order.status in {"offering", "serving"}
        yield Place("order", path, order.requester_id, order.status, main=shown)
        if order.status in {"submitted", "open", "offering", "unfilled"}:
            yield Place("order", f"{path}/help", order.requester_id, order.status)
        if order.status in {"submitted", "offering"}:
            yield Place("order", f"{path}/confirmation", order.requester_id, order.status)
            yield Place("order", f"{path}/amendment", order.requester_id, order.status)
        if order.status in {"served", "rated", "closed"}:
            yield Place("order", f"{path}/rating", order.requester_id, order.status)


def _volunteers() -> Iterator[Place]:
    me = actor("volunteer").account_id
    yield Place("volunteer", "/volunteer", me, main=True)
    yield Place("volunteer", "/volunteer/open", me, main=True)
    for path in (
        "/volunteer/availability",
        "/volunteer/profile",
        "/volunteer/record",
        "/me",
        "/me/notices",
        "/volunteer/practice",
    ):
        yield Place("volunteer", path, me)
    other = db.session.scalars(select(Order).where(Order.status == "open").order_by(Order.id)).first()
    if other:
        yield Place("volunteer", f"/volunteer/open/{other.id}/why", me)


def _tasks() -> Iterator[Place]:
    """One offer and one task of each status, seen by its volunteer."""
    for offer in _each_status(Offer):
        who = _account_of(offer.volunteer_id)
        yield Place("volunteer", f"/offers/{offer.id}", who, offer.status, main=offer.status == "sent")
        yield Place("volunteer", f"/o/{links.token_of(offer)}", None, f"{offer.status} by its link")
        if offer.status == "expired":
            yield Place("volunteer", f"/orders/{offer.order_id}/taken", who)
    for task in _each_status(Assignment):
        who = _account_of(task.volunteer_id)
        path = f"/tasks/{task.id}"
        yield Place("volunteer", path, who, task.status, main=task.status == "checked_in")
        if task.status in {"checked_out", "confirmed"}:
            yield Place("volunteer", f"{path}/word", who, task.status)


def _desks() -> Iterator[Place]:
    me = actor("centre").account_id
    yield Place("board", "/board", me, main=True)
    yield Place("desk", "/desk/intake", me, main=True)
    yield Place("desk", "/desk/people", me, main=True)
    yield Place("desk", "/desk/intake", me, press=True)
    yield Place("desk", "/desk/figures", actor("supervisor").account_id, main=True)
    yield Place("board", "/board", actor("supervisor").account_id, "supervisor")
    yield Place("board", "/board?view=timeline", me)
    yield Place("board", "/board?view=kanban", me)
    for path in ("/screen", "/desk/figures/orders", "/desk/figures/people", "/desk/figures/report"):
        yield Place("desk", path, actor("supervisor").account_id)
    yield Place("desk", "/desk/proposals", me)
    for code in ALERTS:
        yield Place("desk", f"/desk/alerts/{code}", me)
    for path in ("/desk/review", "/desk/follow-ups", "/desk/follow-ups?show=done", "/desk/hours", "/desk/runs",
                 "/desk/figures", "/desk/answers", "/desk/what-if", "/desk/calls", "/desk/reads", "/desk/reset",
                 "/me/notices"):  # fmt: skip
        yield Place("desk", path, me)
    yield Place("desk", "/desk/days", me, "leads on")
    tomorrow = today() + timedelta(days=1)
    yield Place("desk", f"/desk/days/{tomorrow:%Y-%m-%d}", me)
    for run in db.session.scalars(select(DispatchRun).order_by(DispatchRun.started_at)):
        yield Place("desk", f"/desk/runs/{run.id}", me, run.mode)
        if run.mode == "day":
            yield Place("desk", f"/desk/plans/{run.id}", me, main=True)
    for asked in db.session.scalars(select(WhatIf).order_by(WhatIf.asked_at)):
        yield Place("desk", f"/desk/what-if/{asked.id}", me, asked.question["kind"])
    volunteer = db.session.get_one(Volunteer, actor("volunteer").volunteer_id)
    yield Place("desk", f"/desk/people/{volunteer.id}", me)
    resident = db.session.get_one(Resident, actor("resident").resident_id)
    yield Place("desk", f"/desk/residents/{resident.id}/erasure", me)


def _desk_orders() -> Iterator[Place]:
    """One order of each status, seen by a coordinator above it."""
    for order in _each_status(Order):
        who = _coordinator_above(order)
        yield Place("desk", f"/desk/orders/{order.id}", who, order.status, main=order.status == "offering")
        if order.status in {"open", "unfilled", "submitted"}:
            yield Place("desk", f"/desk/orders/{order.id}/reasons", who, order.status)
    for task in db.session.scalars(select(Assignment).where(Assignment.status == "accepted").limit(1)):
        order = db.session.get_one(Order, task.order_id)
        yield Place("desk", f"/desk/orders/{order.id}/moving?held={task.id}", _coordinator_above(order))


def _offices() -> Iterator[Place]:
    ruler = actor("administrator")
    me, office = ruler.account_id, ruler.grants[0].office_id
    yield Place("desk", "/offices", me, "leads on", main=True)
    for part in ("below", "people", "settings", "keys", "webhooks"):
        yield Place("desk", f"/offices/{office}/{part}", me)
    hook = db.session.scalars(select(Webhook)).first()
    if hook:
        yield Place("desk", f"/offices/{office}/webhooks/{hook.id}/letters", me)
    for path in ("/system", "/administration/erasures"):
        yield Place("desk", path, me)


def _wrong() -> Iterator[Place]:
    """Pages that say no."""
    yield Place("site", "/nowhere", None, "404", main=True)
    yield Place("resident", "/board", actor("resident").account_id, "403")
    yield Place("volunteer", "/offers/none", actor("volunteer").account_id, "404")


def _each_status(model: Any) -> list[Any]:
    """One row for each status there is, of an order the demo people have to do with where there is one."""
    resident, volunteer = actor("resident"), actor("volunteer")
    rows = list(db.session.scalars(select(model).order_by(model.id)))
    if model is Order:
        rows = [row for row in rows if row.requester_id and _asks(row.requester_id)]
        rows.sort(key=lambda row: row.requester_id != resident.account_id)
    else:
        rows.sort(key=lambda row: row.volunteer_id != volunteer.volunteer_id)
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row.status, row)
    return list(found.values())


def _asks(account_id: str) -> bool:
    """Whether that account is no member of an office."""
    desk = select(RoleGrant.id).where(RoleGrant.account_id == account_id, RoleGrant.role == Role.COORDINATOR)
    return db.session.scalar(desk) is None


def _account_of(volunteer_id: str) -> str:
    return str(db.session.get_one(Volunteer, volunteer_id).account_id)


def _coordinator_above(order: Order) -> str | None:
    """The demo coordinator highest up who may see it, else anybody's coordinator."""
    for account in db.session.scalars(select(Account).join(RoleGrant).where(RoleGrant.role == Role.COORDINATOR)):
        who: Actor = actor_of(account.id)
        if who.covers(order.office.path, Role.COORDINATOR):
            return account.id
    return None
