"""Bars of several families and what a run of them leaves behind: JSON lines, and a table to read, under fixed names.

The long form writes <name>.json and <name>.md, where a part replaces its own families; QUICK has files of its own,
which are not committed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.bench import reporter
from tests.bench.bars import shown
from tests.bench.results import VERDICTS, grid, words

_CIRCUMSTANCES = {"family", "bar", "value", "target", "holds", "seed", "quick", "commit", "at", "cores", "python"}


class Book:
    """`heading` is the first line of the table, `command` what one types."""

    def __init__(self, name: str, families: Sequence[str], heading: str, command: str) -> None:
        self.name, self.heading, self.command = name, heading, command
        self._turn = list(families).index
        self._lines: list[dict[str, Any]] = []

    def report(self, family: str, bar: Any, *, quick: bool, seed: int | None = None) -> None:
        """One line for one bar (tests.integrity.bars.Bar)."""
        values = {part.what: shown(part.value) for part in bar.parts} or None
        targets = {part.what: f"{part.sign} {part.target:g}" for part in bar.parts} or None
        more: dict[str, Any] = {"why": bar.why} if bar.why else {}
        reporter.report(
            bar.title, values, targets, bar.holds, name=self.name, seed=seed, family=family, quick=quick,
            **more, **bar.more,
        )  # fmt: skip
        self._lines.append(reporter.lines()[-1])

    def exit_code(self, strict: bool) -> int:
        """1 when a bar was missed; `strict`: or could not be run."""
        bad = (False, None) if strict else (False,)
        return 1 if any(line["holds"] in bad for line in self._lines) else 0

    def write(self, families: Sequence[str], quick: bool) -> None:
        """Put this run's lines in place of earlier ones of the same families; the others keep theirs."""
        name = f"{self.name}-quick" if quick else self.name
        path = reporter.RESULTS / f"{name}.json"
        earlier = json.loads(path.read_text(encoding="utf-8"))["lines"] if path.exists() and not quick else []
        kept = [line for line in earlier if line["family"] not in families]
        merged = sorted(kept + self._lines, key=lambda line: self._turn(line["family"]))
        data = {
            "written": datetime.now(UTC).isoformat(timespec="seconds"), "machine": reporter.surroundings(),
            "lines": merged,
        }  # fmt: skip
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        (reporter.RESULTS / f"{name}.md").write_text(self._table(merged, quick), encoding="utf-8")

    def _table(self, lines: list[dict[str, Any]], quick: bool) -> str:
        how = f"`{self.command} QUICK=1`: small sizes." if quick else f"Written by `{self.command}`."
        machine = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in reporter.surroundings().items())
        columns = ["family", "bar", "value", "target", "", "seed", "commit", "at"]
        rows = [
            [
                line["family"], line["bar"], words(line["value"]), words(line["target"]), VERDICTS[line["holds"]],
                str(line["seed"] or ""), line["commit"], line["at"],
            ]
            for line in lines
        ]  # fmt: skip
        head = f"# {self.heading}\n\n{how} Machine: {machine}."
        return "\n\n".join([head, grid(columns, rows), *filter(None, map(_section, lines))]) + "\n"


def _section(line: dict[str, Any]) -> str:
    more = {key: value for key, value in line.items() if key not in _CIRCUMSTANCES and value not in (None, "", [])}
    if not more:
        return ""
    facts = "\n".join(f"- {key.replace('_', ' ')}: {words(value)}" for key, value in more.items())
    return f"## {line['family']}: {line['bar']}\n\n{facts}"
