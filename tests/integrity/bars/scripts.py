"""Fifty script payloads through every text field, and every page that then shows one opened in Chromium.

The fields are those that the forms on our pages and the schemas of the API have, not a list of ours. In each round
every field gets another payload, in a world made anew; after as many rounds as payloads each has been through all.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from flask.testing import FlaskClient

from app.kernel import clock
from app.kernel.access import Actor
from app.people import sessions
from app.serving import service as serving
from models import Assignment, Order, db
from tests.api.everything import everybody_in_one, offered
from tests.api.spec import example, kinds, operations, resolved
from tests.api.test_bad_forms import Met
from tests.factories import Browser, World
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.payloads import PAYLOADS
from tests.integrity.servers import Site
from tests.integrity.typed_forms import TypedForm, typed_forms
from tests.serving.steps import taken

TITLE = "script payloads through every text field, in Chromium"
LEFT_ALONE = ("/sign-out", "/session", "/me/erasure", "/me/password")
"""These end the session in which the payloads are sent, or the account."""
AFTERWARDS = ("/rating", "/rating/words", "/reopening", "/dispute", "/resolution", "/word", "/question", "/hours")
"""What is done to something served."""
WATCH = """
    window.__ran = () => { window.__has_run = true; };
    window.__violations = [];
    document.addEventListener('securitypolicyviolation', e => window.__violations.push(
        e.violatedDirective + ' ' + e.blockedURI + ' ' + (e.sample || '')));
"""
LOOK = """() => ({
    ran: window.__has_run === true, violations: window.__violations || [],
    links: [...document.querySelectorAll('[href], [src], [action], [formaction]')].filter(e =>
        ['href', 'src', 'action', 'formaction'].some(n => /^\\s*(javascript|data:text)/i.test(e.getAttribute(n) || '')))
        .length,
})"""


def run(size: Size) -> Iterator[Bar]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None or importlib.util.find_spec("playwright") is None:
        yield Bar(TITLE, [], why="Chromium: none on PATH, and CHROMIUM names none")
        return
    with ExitStack() as stack:
        made = stack.enter_context(places.database(places.SQLITE))
        site = stack.enter_context(servers.site(places.SQLITE, webs=1, url=made, SCHEDULER="off"))
        site.app.test_client_class = Browser
        site.children["web"].wait_until_up()
        smuggler = Smuggler(site, Random(size.seed))
        window = stack.enter_context(_window(program, site))
        for number in range(size.pick(2, len(PAYLOADS))):
            smuggler.round(number)
            window.look_at(smuggler.pages_that_show(), smuggler.cookie)
        yield _judged(smuggler, window)


class Smuggler:
    """Somebody who may do everything, and writes payloads wherever words can be written."""

    def __init__(self, site: Site, dice: Random) -> None:
        self.site, self.dice = site, dice
        self.world = World().build()
        self.places: dict[str, int] = {}
        self.tried: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.shown: set[tuple[str, str]] = set()
        self.number = 0

    def _arrive(self) -> None:
        """As somebody new: what was done in the last round may have changed a profile beyond use."""
        self.actor = everybody_in_one(self.world)
        self.cookie = sessions.issue(str(self.actor.account_id))
        self.client = self._client()
        self.program = self.world.program(self.site.app, self.actor)

    def _client(self) -> FlaskClient:
        client = self.site.app.test_client()
        client.set_cookie(self.site.app.config["SESSION_COOKIE_NAME"], self.cookie)
        return client

    def round(self, number: int) -> None:
        """Every field once, with another payload than in the last round."""
        self.number = number
        self._arrive()
        self._new_things()
        self.met = Met(self.site.app, self.client, self.ids)
        for page in self.met.pages():
            for form in self._forms(page):
                for name in form.written:
                    self._fill_in(form, name)
        self._through_the_api()
        db.session.remove()

    def _new_things(self) -> None:
        """One of each, at hours of their own; and an order that was served, by somebody else and for somebody else."""
        starts = clock.now() + timedelta(days=1, hours=6 * self.number)
        assignment = serving.accept(offered(self.world, self.actor, starts=starts).id, actor=self.actor)
        waiting = offered(self.world, self.actor, item="errand", starts=starts + timedelta(hours=3))
        own = self.world.open_order(self.actor, starts=starts + timedelta(days=30), approve=False)
        self.ids: dict[str, str] = {
            "order_id": own.id, "offer_id": waiting.id, "assignment_id": assignment.id,
            "volunteer_id": str(self.actor.volunteer_id), "office_id": self.world.ids["station"],
            "account_id": str(self.actor.account_id), "resident_id": str(self.actor.resident_id),
        }  # fmt: skip
        soon = clock.now() + timedelta(minutes=30)
        self.served = {
            "order_id": self._served(self.world.open_order(self.actor, starts=soon), self.world.volunteer()).order_id,
            "assignment_id": self._served(self.world.open_order(starts=soon), self.actor).id,
        }

    def _served(self, order: Order, volunteer: Actor) -> Assignment:
        assignment = taken(order, volunteer)
        serving.check_in(assignment.id, actor=volunteer, code=order.start_code)
        return serving.check_out(assignment.id, actor=volunteer)

    def _payload(self, what: str) -> str:
        """Another one for each field and round."""
        place = self.places.setdefault(what, len(self.places))
        return PAYLOADS[(self.number + place) % len(PAYLOADS)]

    def _forms(self, page: str) -> list[TypedForm]:
        answer = self.client.get(page)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            return []
        found = typed_forms(page, answer.get_data(as_text=True))
        return [form for form in found if not form.action.startswith(LEFT_ALONE)]

    def _fill_in(self, form: TypedForm, name: str) -> None:
        what = f"{_shape_of(form.action, self.ids)} {name}"
        data = {**form.filled_in(), name: self._payload(what), "csrf_token": self.met.token}
        kind = "multipart/form-data" if form.is_multipart else "application/x-www-form-urlencoded"
        self._note(what, self.client.post(form.action, data=data, content_type=kind).status_code)

    def _through_the_api(self) -> None:
        document: dict[str, Any] = self.program.get("/api/v1/openapi.json").get_json()
        for one in operations(document):
            if one.schema is None or one.path.endswith(LEFT_ALONE):
                continue
            ids = self.ids | (self.served if one.path.endswith(AFTERWARDS) else {})
            for name, part in one.schema.get("properties", {}).items():
                shape = resolved(part, document)
                if "string" in kinds(shape) and not (shape.get("format") or shape.get("enum")):
                    what = f"{one.name} {name}"
                    body = {**self._likely(one.schema, document), name: self._payload(what)}
                    answer = self.program.open(one.url(ids), method=one.method.upper(), json=body)
                    self._note(what, answer.status_code)

    def _likely(self, schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        """A body that may be taken: no ids but known ones, and an order that can be placed."""
        starts = clock.now() + timedelta(days=self.dice.randint(2, 60))
        known: dict[str, Any] = {
            **self.ids, "item": "errand", "address_id": None, "resident_id": None, "positions": 1, "skills": [],
            "contact_phone": "13812345678", "phone": f"139{self.dice.randrange(10**8):08d}", "password": "lang-genug-9",
            "window_from": starts.isoformat(), "window_until": (starts + timedelta(hours=6)).isoformat(),
            "kind": "pass",
            "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat(), "as_soon": False,
            "duration_minutes": 60, "on_behalf": False, "stars": 3, "outcome": "done", "languages": [], "tags": [],
            "lat": 30.27, "lon": 120.15, "sex_wish": None, "minutes": 30,
        }  # fmt: skip
        body: dict[str, Any] = example(schema, document)
        return {name: known.get(name, value) for name, value in body.items()}

    def _note(self, what: str, status: int) -> None:
        self.tried[what] += 1
        self.kept[what] += 200 <= status < 400
        self.statuses[status] += 1

    def pages_that_show(self) -> list[str]:
        """The addresses of all pages that show a payload in a place where none of the pages before showed it."""
        return [page for page in self.met.pages() if self._shows_something_new(page)]

    def _shows_something_new(self, page: str) -> bool:
        """Payloads are told apart by the words around them; what stands on every page (a name) is looked at once."""
        source = html.unescape(self.client.get(page).get_data(as_text=True))
        shown = {
            (payload, source[max(0, place - 40) : place])
            for payload in PAYLOADS
            for place in [source.find(payload)]
            if place >= 0
        }
        new = shown - self.shown
        self.shown |= new
        return bool(new)


def _shape_of(path: str, ids: dict[str, str]) -> str:
    """The path without what differs from round to round."""
    parts = path.partition("?")[0].split("/")
    return "/".join("…" if len(part) == 20 or part in ids.values() else part for part in parts)


class Window:
    """A window of Chromium that notes what should not happen in it."""

    def __init__(self, page: Any, site: Site) -> None:
        self.page, self.address = page, site.addresses[0]
        self.cookie_name = site.app.config["SESSION_COOKIE_NAME"]
        self.opened = 0
        self.dialogs: list[str] = []
        self.ran: list[str] = []
        self.violations: list[str] = []
        self.links: list[str] = []
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(self.page.url)
        dialog.dismiss()

    def look_at(self, pages: list[str], token: str) -> None:
        """Open these as the one with this session."""
        self.page.context.add_cookies([{"name": self.cookie_name, "value": token, "url": self.address}])
        for path in pages:
            self.page.goto(f"{self.address}{path}", wait_until="load")
            seen = self.page.evaluate(LOOK)
            self.opened += 1
            self.ran += [path] if seen["ran"] else []
            self.links += [path] if seen["links"] else []
            self.violations += [f"{path}: {one}" for one in seen["violations"]]


@contextmanager
def _window(program: str, site: Site) -> Iterator[Window]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = launched.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        context.add_init_script(WATCH)
        yield Window(context.new_page(), site)
        launched.close()


def _judged(smuggler: Smuggler, window: Window) -> Bar:
    never = sorted(what for what in smuggler.tried if not smuggler.kept[what])
    parts = [
        Part("payloads", len(PAYLOADS), ">=", 50),
        Part("pages opened", window.opened, ">=", 1),
        Part("scripts run", len(window.ran), "==", 0),
        Part("dialogs", len(window.dialogs), "==", 0),
        Part("addresses that are scripts", len(window.links), "==", 0),
        Part("violations of the policy", len(window.violations), "==", 0),
        Part("5xx", sum(count for status, count in smuggler.statuses.items() if status >= 500), "==", 0),
    ]
    more = {
        "fields": len(smuggler.tried), "fields that kept one": len(smuggler.tried) - len(never),
        "sent": smuggler.tried.total(), "never kept": never, "ran on": sorted(set(window.ran))[:10],
        "violations": window.violations[:10], "answers": {str(k): n for k, n in sorted(smuggler.statuses.items())},
    }  # fmt: skip
    return Bar(TITLE, parts, json.loads(json.dumps(more)))
