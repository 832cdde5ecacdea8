"""Connections cut before, in the middle of and after a request; whoever asked asks again with the same key."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text

from app.integrity import invariants
from app.people import sessions
from models import db
from tests.factories import World
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.proxy import Cut, Proxy

CALLERS = 4
CUTS_IN_ALL = 2_000
SOME = tuple(cut for cut in Cut if cut is not Cut.NOWHERE)
CUT_AGAIN = 0.3
"""How often the second try is cut as well."""


def run(size: Size) -> Iterator[Bar]:
    """A server process, the proxy before it, and callers who live through order after order."""
    names = places.available()
    for name in size.pick(names[:1], names):
        yield _on(name, size, size.pick(36, CUTS_IN_ALL // len(names)))


def _on(name: str, size: Size, wanted: int) -> Bar:
    with ExitStack() as stack:
        url = stack.enter_context(places.database(name))
        site = stack.enter_context(servers.site(name, webs=1, url=url))
        town = World().build()
        callers = [_Caller(town, Random(size.seed + number)) for number in range(CALLERS)]
        site.children["web"].wait_until_up()
        address = urlsplit(site.addresses[0])
        proxy = stack.enter_context(Proxy(str(address.hostname), int(address.port or 0)).open())
        threads = [threading.Thread(target=one.live, args=(proxy, wanted // CALLERS)) for one in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return _judged(name, proxy, callers)


class _Caller:
    """A resident and a volunteer who serves them, both on bad lines."""

    def __init__(self, town: World, dice: Random) -> None:
        resident, volunteer = town.resident(), town.volunteer(on_duty=False, north_km=0.1)
        self.office, self.dice, self.serial = town.ids["station"], dice, 0
        people = {"resident": resident, "volunteer": volunteer}
        self.tokens = {name: sessions.issue(str(actor.account_id)) for name, actor in people.items()}
        self.resident_id, self.volunteer_id = resident.resident_id, volunteer.volunteer_id
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.cuts = self.rounds = 0

    def live(self, proxy: Proxy, wanted: int) -> None:
        """Orders from the beginning to the end, until so many connections have been cut."""
        try:
            while self.cuts < wanted:
                self._round(proxy)
        except Exception as failure:
            self.wrong.append(f"{type(failure).__name__}: {failure}"[:300])

    def _round(self, proxy: Proxy) -> None:
        begins = datetime.now(UTC) + timedelta(minutes=6)
        wish = {
            "item": "errand", "office_id": self.office, "address": "青年路 8 号",
            "window_from": begins.isoformat(), "window_until": (begins + timedelta(hours=5)).isoformat(),
        }  # fmt: skip
        order = self._ask(proxy, "resident", "orders", wish)
        visit = self._ask(proxy, "volunteer", f"orders/{order}/claim", {})
        self._ask(proxy, "volunteer", f"assignments/{visit}/check-in", {"lat": 30.27, "lon": 120.15, "accuracy": 20})
        self._ask(proxy, "volunteer", f"assignments/{visit}/check-out", {"note": "好了"})
        self._ask(proxy, "resident", f"orders/{order}/rating", {"stars": 3})
        self._ask(proxy, "volunteer", f"assignments/{visit}/word", {"stars": 3})
        self.rounds += 1

    def _ask(self, proxy: Proxy, who: str, path: str, body: Any) -> str:
        """Until it is answered, under one key; then once more, for the same answer. Gives the id it speaks of."""
        self.serial += 1
        key = f"{self.resident_id}-{self.serial}"
        cuts = [self.dice.choice(SOME)] + [self.dice.choice(SOME)] * (self.dice.random() < CUT_AGAIN)
        for cut in cuts:
            self.cuts += 1
            if self._knock(proxy, who, path, body, key, cut) is not None:
                raise AssertionError(f"{path}: an answer came over a line cut {cut}")
        first, again = (self._knock(proxy, who, path, body, key, Cut.NOWHERE) for _ in range(2))
        if first is None or again is None or first[0] >= 300:
            raise AssertionError(f"{path} after {cuts}: {first}")
        if (first[0], first[1].get("id")) != (again[0], again[1].get("id")):
            raise AssertionError(f"{path}: {first[0]} {first[1].get('id')}, then {again[0]} {again[1].get('id')}")
        return str(first[1]["id"])

    def _knock(self, proxy: Proxy, who: str, path: str, body: Any, key: str, cut: Cut) -> tuple[int, Any] | None:
        """Status and body; None when the line broke."""
        line = http.client.HTTPConnection(*proxy.address, timeout=60)
        headers = {
            "Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": key, "Content-Type": "application/json",
            "Connection": "close", "X-Cut": str(cut),
        }  # fmt: skip
        try:
            line.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
            answer = line.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            line.close()
        self.answers[str(answer.status)] += 1
        return answer.status, told


def _judged(name: str, proxy: Proxy, callers: list[_Caller]) -> Bar:
    """What was asked for is there once, and nothing else."""
    rounds = sum(one.rounds for one in callers)
    wrong = [words for one in callers for words in one.wrong]
    counted = {table: _count(table) for table in ("orders", "assignment", "visit", "hours_entry", "rating")}
    expected = {"orders": rounds, "assignment": rounds, "visit": rounds, "hours_entry": rounds, "rating": 2 * rounds}
    extra = len(wrong)  # a round that broke off has left some of its rows
    doubled = sum(
        max(0, counted[table] - number - extra * (2 if table == "rating" else 1)) for table, number in expected.items()
    )
    lost = sum(max(0, number - counted[table]) for table, number in expected.items())
    answers = sum((one.answers for one in callers), Counter())
    parts = [
        Part("cuts", sum(one.cuts for one in callers), ">=", 1),
        Part("doubled", doubled, "==", 0),
        Part("lost", lost, "==", 0),
        Part("wrong answers", len(wrong), "==", 0),
        Part("answers of 500", sum(number for status, number in answers.items() if status >= "500"), "==", 0),
        Part("invariants broken", len(broken := invariants.broken()), "==", 0),
    ]
    cuts = {str(cut): number for cut, number in proxy.cuts.items() if cut is not Cut.NOWHERE}
    more = {"where": cuts, "rounds": rounds, "answers": dict(answers), "wrong": wrong[:10], "broken": broken}
    return Bar(f"cut connections, {name}", parts, more)


def _count(table: str) -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)  # noqa: S608 our own names
