"""schemathesis against the OpenAPI document that a real server serves: all checks, all phases, each role's token.

Every role is run with ids of things that exist in the paths, so that bodies are reached; two of them also with whatever
the document allows. Signing out is run by itself, for it ends the token of the run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.people import sessions
from models import db
from tests.api.everything import everybody_in_one, things
from tests.factories import World
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.callers import Caller
from tests.integrity.servers import Site

TITLE = "schemathesis, all checks, every role"
ANY_ID = ("everybody in one", "coordinator")
MISSING = "schemathesis is not installed: pip install -r tests/integrity/requirements.txt"
ENDS_THE_TOKEN = "/api/v1/session"
PERMITTED = '["2xx", "401", "403", "404", "409", "422", "429"]'
"""Answers to a body of the right shape: what it means may still be refused (a time that is over, a wrong code)."""
CONFIG = f"[checks.positive_data_acceptance]\nexpected-statuses = {PERMITTED}\n"


@dataclass
class Tally:
    """What all runs came to."""

    cases: int = 0
    errors: int = 0
    breaks: int = 0
    tokens_lost: list[str] = field(default_factory=list)
    by_run: dict[str, int] = field(default_factory=dict)
    operations: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, report: dict[str, Any]) -> None:
        self.by_run[name] = report["test_cases"]["generated"]
        self.cases += report["test_cases"]["generated"]
        self.errors += len(report["errors"]) + (not report["complete"])
        self.operations = max(self.operations, report["operations"]["tested"])
        for one in report["failures"]:
            self.breaks += one["count"] if one["type"] == "ServerError" else 0
            for operation in one["operations"]:
                self.failures[f"{one['code']} {one['title']}: {operation}"] += 1


def run(size: Size) -> Iterator[Bar]:
    if importlib.util.find_spec("schemathesis") is None:
        yield Bar(TITLE, [], why=MISSING)
        return
    with ExitStack() as stack:
        made = stack.enter_context(places.database(places.SQLITE))
        site = stack.enter_context(servers.site(places.SQLITE, webs=1, url=made))
        world = World().build()
        actor = everybody_in_one(world)
        ids, accounts = things(world, actor), _accounts(world, str(actor.account_id))
        db.session.remove()
        site.children["web"].wait_until_up()
        yield _judged(_all_runs(site, accounts, ids, size))


def _accounts(world: World, everybody: str) -> dict[str, str]:
    alone = {
        "resident": world.resident("陈桂英").account_id,
        "volunteer": world.volunteer("李晓梅").account_id,
        "coordinator": world.coordinator().account_id,
        "supervisor": world.supervisor().account_id,
        "administrator": world.administrator().account_id,
    }
    return {"everybody in one": everybody, **{role: str(account) for role, account in alone.items()}}


def _all_runs(site: Site, accounts: dict[str, str], ids: dict[str, str], size: Size) -> Tally:
    tally, seed = Tally(), size.seed
    for role, account in list(accounts.items())[: size.pick(1, None)]:
        for known in (ids, {}) if role in ANY_ID else (ids,):
            seed += 1
            name = f"{role}, {'things that exist' if known else 'any id'}"
            token = sessions.issue(account)
            tally.add(name, _report(site, token, known, size, seed, ["--exclude-path", ENDS_THE_TOKEN]))
            if not Caller(site.addresses[0]).call("GET", "me", token).is_ok:
                tally.tokens_lost.append(name)
    token = sessions.issue(accounts["resident"])
    tally.add("signing in and out", _report(site, token, {}, size, seed, ["--include-path", ENDS_THE_TOKEN]))
    return tally


def _report(
    site: Site, token: str, ids: dict[str, str], size: Size, seed: int, which: Sequence[str]
) -> dict[str, Any]:  # fmt: skip
    """One run of the program, and the report it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        config, report = Path(folder, "schemathesis.toml"), Path(folder, "report.json")
        named = "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
        config.write_text((f"[parameters]\n{named}" if named else "") + CONFIG, encoding="utf-8")
        words = [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run",
            f"{site.addresses[0]}/api/v1/openapi.json", "--checks", "all", "-H", f"Authorization: Bearer {token}",
            "--seed", str(seed), "--max-examples", str(size.pick(1, 4)), "--report", "json", "--report-json-path",
            str(report), "--generation-database", "none", "--no-color", "--continue-on-failure", *which,
        ]  # fmt: skip
        ran = subprocess.run(words, cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False)
        if not report.exists():
            raise RuntimeError(f"schemathesis ended with {ran.returncode}: {(ran.stderr or ran.stdout)[-500:]}")
        (site.folder / f"schemathesis-{seed}.txt").write_text(ran.stdout, encoding="utf-8")
        if kept := os.environ.get("KEEP"):
            Path(kept, f"schemathesis-{seed}.txt").write_text(ran.stdout, encoding="utf-8")
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found


def _judged(tally: Tally) -> Bar:
    parts = [
        Part("cases", tally.cases, ">=", 20_000),
        Part("failures", sum(tally.failures.values()), "==", 0),
        Part("5xx", tally.breaks, "==", 0),
        Part("errors of the run", tally.errors, "==", 0),
        Part("tokens lost on the way", len(tally.tokens_lost), "==", 0),
    ]
    more = {
        "operations": tally.operations, "runs": tally.by_run, "failures": dict(tally.failures.most_common(30)),
        "tokens lost": tally.tokens_lost,
    }  # fmt: skip
    return Bar(TITLE, parts, more)
