"""A ledger of what callers asked for and were told, on disk before and after every call, and how it is read.

Each operation has an `invoke` line and later one of `ok` (with the id it was given), `fail` (somebody decided against
it), or `info` (nobody knows). A crash of the caller leaves the invoke alone, which also means: nobody knows.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OK, FAIL, INFO = "ok", "fail", "info"


@dataclass
class Operation:
    """`what` is place, claim, cancel, check_in, check_out or rate; `about` names the order, the volunteer, the mark."""

    what: str
    about: dict[str, str]
    outcome: str = INFO
    given: str = ""
    begun: float = 0.0
    ended: float = 0.0
    tries: int = 0
    words: list[str] = field(default_factory=list)


class Ledger:
    """One writer's own file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._count = 0

    def invoke(self, what: str, about: dict[str, str]) -> int:
        self._count += 1
        self._write({"n": self._count, "what": what, "about": about, "at": time.time()})
        return self._count

    def done(self, number: int, outcome: str, given: str, words: list[str]) -> None:
        self._write({"n": number, "outcome": outcome, "given": given, "words": words, "at": time.time()})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read(folder: Path) -> list[Operation]:
    """Every operation of every ledger in the folder."""
    return [one for path in sorted(folder.glob("*.ledger")) for one in _operations(path)]


def _operations(path: Path) -> Iterator[Operation]:
    begun: dict[int, Operation] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if "what" in said:
            begun[said["n"]] = Operation(said["what"], said["about"], begun=said["at"], ended=said["at"])
            continue
        one = begun[said["n"]]
        one.outcome, one.given, one.ended = said["outcome"], said["given"], said["at"]
        one.words, one.tries = said["words"], len(said["words"])
    yield from begun.values()
