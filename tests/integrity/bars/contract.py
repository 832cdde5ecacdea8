"""schemathesis against the OpenAPI document that a real server serves: all checks, all phases, each role's token.

Every role is run twice: once with ids of things that exist in the paths, so that bodies are reached, and once with
whatever the document allows. Signing out is run by itself, for it ends the token of the run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.people import sessions
from tests.api.everything import everybody_in_one, things
from tests.bench.bars import Part
from tests.factories import World
from tests.integrity import places, servers
from tests.integrity.bars import Bar, Size

TITLE = "schemathesis, all checks, every role"
MISSING = "schemathesis is not installed: pip install -r tests/integrity/requirements.txt"
SIGNING_OUT = ("DELETE", "/api/v1/session")
PERMITTED = '["2xx", "401", "403", "404", "409", "422"]'
"""Answers to a body of the right shape: what it means may still be refused (a time that is over, a wrong code)."""
CONFIG = f"[checks.positive_data_acceptance]\nexpected-statuses = {PERMITTED}\n"


@dataclass
class Tally:
    """What all runs came to."""

    cases: int = 0
    failures: int = 0
    errors: int = 0
    by_role: dict[str, int] = field(default_factory=dict)
    operations: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)


def run(size: Size) -> Iterator[Bar]:
    if importlib.util.find_spec("schemathesis") is None:
        yield Bar(TITLE, [], why=MISSING)
        return
    with ExitStack() as stack:
        made = stack.enter_context(places.database(places.SQLITE))
        site = stack.enter_context(servers.site(places.SQLITE, webs=1, url=made))
        world = World().build()
        actor = everybody_in_one(world)
        ids, tokens = things(world, actor), _tokens(world, str(actor.account_id))
        site.children["web"].wait_until_up()
        tally = Tally()
        for number, (role, token) in enumerate(tokens.items()):
            for known in (ids, {}):
                _one_run(site.addresses[0], role, token, known, size, size.seed + number, tally)
        yield _judged(tally, size)


def _tokens(world: World, everybody: str) -> dict[str, str]:
    accounts = {
        "everybody in one": everybody,
        "resident": world.resident("陈桂英").account_id,
        "volunteer": world.volunteer("李晓梅").account_id,
        "coordinator": world.coordinator().account_id,
        "supervisor": world.supervisor().account_id,
        "administrator": world.administrator().account_id,
    }
    return {role: sessions.issue(str(account)) for role, account in accounts.items()}


def _one_run(
    address: str, role: str, token: str, ids: dict[str, str], size: Size, seed: int, tally: Tally
) -> None:  # fmt: skip
    """One run of the program, and its report."""
    with tempfile.TemporaryDirectory() as folder:
        config, report = Path(folder, "schemathesis.toml"), Path(folder, "report.json")
        named = "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
        config.write_text(CONFIG + (f"[parameters]\n{named}" if named else ""), encoding="utf-8")
        words = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run",
            f"{address}/api/v1/openapi.json", "--checks", "all", "--header", f"Authorization: Bearer {token}",
            "--seed", str(seed), "--max-examples", str(size.pick(2, 40)), "--report", "json",
            "--report-json-path", str(report), "--generation-database", "none", "--no-color", "--workers", "2",
            "--continue-on-failure", "--exclude-by", "",
        ]  # fmt: skip
        words = words[:-2]
        subprocess.run(words, cwd=folder, env=os.environ | {"PYTHONPATH": ""}, capture_output=True, check=False)
        _read(json.loads(report.read_text(encoding="utf-8")), role, tally)


def _read(report: dict[str, Any], role: str, tally: Tally) -> None:
    raise NotImplementedError
