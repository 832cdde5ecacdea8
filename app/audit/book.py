"""The book of anchors: signed lines in a file, never in the database, each naming the heads of the chains at a moment.

Whoever alters the database cannot alter the book without the key, and nobody can alter a copy that lies elsewhere.
A line holds the heads that moved since the line before, and that line's hash. There are three kinds: `anchor`;
`restart`, which says that the database was put back to these heads on purpose (a restore, a fresh demo); and `key`,
which hands over to a new key.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from app.audit.keys import SigningKey, is_signed
from app.kernel.chain import ORIGIN, canonical

try:
    import fcntl
except ImportError:  # Windows: one process serves there
    fcntl = None  # type: ignore[assignment]  # stands for the missing module

FORMAT = "linli-anchor-1"
FILE = "anchors.jsonl"
ANCHOR, RESTART, KEY = "anchor", "restart", "key"
Head = tuple[int, str]
Heads = Mapping[str, Head]


@dataclass(frozen=True)
class Line:
    """One line of the book as it stands there."""

    number: int
    text: bytes
    content: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.content.get("kind"))

    @property
    def at(self) -> str:
        return str(self.content.get("at", ""))

    @property
    def heads(self) -> dict[str, Head]:
        return {chain: (seq, digest) for chain, (seq, digest) in self.content["heads"].items()}

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text).hexdigest()


@dataclass
class Reading:
    """What a book says: the heads that must be found in the chains, and every line that cannot be believed."""

    lines: list[Line] = field(default_factory=list)
    expected: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    """(chain, seq) → (hash, line number)."""
    latest: dict[str, Head] = field(default_factory=dict)
    lost: int = 0
    """Heads that a restart gave up: what came after the state that was put back."""
    wrong: list[tuple[int, str]] = field(default_factory=list)
    """(line number, what is wrong with it)."""

    @property
    def last_at(self) -> str | None:
        return self.lines[-1].at if self.lines else None


class Book:
    """The book in one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self, trusted: Iterable[str] = ()) -> Reading:
        """Every line, held against the one before it and the keys trusted so far. No key: signatures go unchecked."""
        reading, keys, previous = Reading(), set(trusted), ORIGIN
        for number, text in enumerate(self._complete_lines(), 1):
            line = _parsed(number, text)
            if line is None:
                reading.wrong.append((number, "unreadable"))
            else:
                reading.wrong += [(number, what) for what in _faults(line, previous, keys)]
                _apply(line, reading, keys)
            previous = hashlib.sha256(text).hexdigest()
        return reading

    def add(self, kind: str, key: SigningKey, at: datetime, heads: Heads, **more: Any) -> Line:
        """Sign a line and write it through to the disk. An anchor leaves out the heads that have not moved."""
        with self._alone() as file:
            reading = self.read()
            if kind == ANCHOR:
                heads = {chain: head for chain, head in heads.items() if reading.latest.get(chain) != head}
            content = {
                "format": FORMAT, "kind": kind, "at": at.astimezone(UTC).isoformat(timespec="seconds"),
                "heads": {chain: list(head) for chain, head in sorted(heads.items())},
                "previous": reading.lines[-1].hash if reading.lines else ORIGIN, "key": key.id, **more,
            }  # fmt: skip
            content["signature"] = key.sign(canonical(content).encode("ascii"))
            text = canonical(content).encode("ascii")
            file.write(text + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return Line(len(reading.lines) + 1, text, content)

    @contextmanager
    def _alone(self) -> Iterator[BinaryIO]:
        """The file at its end, a torn last line cut off, and no other process writing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(self.path.read_bytes().rfind(b"\n") + 1)
            yield file

    def _complete_lines(self) -> list[bytes]:
        """A last line without its end was torn by a crash and never counted."""
        return self.path.read_bytes().split(b"\n")[:-1] if self.path.exists() else []


def _parsed(number: int, text: bytes) -> Line | None:
    try:
        content = json.loads(text)
        line = Line(number, text, content)
        well_made = content["format"] == FORMAT and line.kind in {ANCHOR, RESTART, KEY}
        whole = all(isinstance(seq, int) and isinstance(digest, str) for seq, digest in line.heads.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return line if well_made and whole else None


def _faults(line: Line, previous: str, keys: set[str]) -> Iterator[str]:
    content = dict(line.content)
    if content.get("previous") != previous:
        yield "a line before it is missing or altered"
    if keys:
        signature = str(content.pop("signature", ""))
        signed = canonical(content).encode("ascii")
        if not any(is_signed(signed, signature, key) for key in keys):
            yield "not signed by a trusted key"


def _apply(line: Line, reading: Reading, keys: set[str]) -> None:
    reading.lines.append(line)
    if line.kind == RESTART:
        kept = {at for at in reading.expected if at[1] <= line.heads.get(at[0], (0, ""))[0]}
        reading.lost += len(reading.expected) - len(kept)
        reading.expected = {at: reading.expected[at] for at in kept}
        reading.latest = {}
    if line.kind == KEY and keys:
        keys.add(str(line.content.get("public", "")))
    for chain, (seq, digest) in line.heads.items():
        reading.expected[chain, seq] = digest, line.number
        reading.latest[chain] = seq, digest
