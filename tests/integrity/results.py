"""What a run of `make integrity` leaves behind: JSON lines, and a table to read, under fixed names.

The long form writes integrity.json and integrity.md beside the engine's figures, a part replaces its own families in
them; QUICK has files of its own, which are not committed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.bench import reporter
from tests.bench.bars import shown
from tests.bench.results import VERDICTS, grid, words
from tests.integrity.bars import FAMILIES, Bar, Part, Size

_CIRCUMSTANCES = {"family", "bar", "value", "target", "holds", "seed", "commit", "at", "cores", "python"}
_lines: list[dict[str, Any]] = []


def report(family: str, bar: Bar, size: Size) -> None:
    """One line for one bar."""
    values = {part.what: shown(part.value) for part in bar.parts} or None
    targets = {part.what: f"{part.sign} {part.target:g}" for part in bar.parts} or None
    more: dict[str, Any] = {"why": bar.why} if bar.why else {}
    reporter.report(
        bar.title, values, targets, bar.holds, name="integrity", seed=size.seed, family=family, quick=size.quick,
        **more, **bar.more,
    )  # fmt: skip
    _lines.append(reporter.lines()[-1])


def broken(title: str, why: str) -> Bar:
    """A family that came to no end: that is a bar missed, not one left out."""
    return Bar(title, [Part("broken off", 1, "==", 0)], why=why)


def exit_code(strict: bool) -> int:
    """1 when a bar was missed; `strict`: or could not be run."""
    bad = (False, None) if strict else (False,)
    return 1 if any(line["holds"] in bad for line in _lines) else 0


def write(families: list[str], quick: bool) -> None:
    """Put this run's lines in place of earlier ones of the same families; the others keep theirs."""
    name = "integrity-quick" if quick else "integrity"
    path = reporter.RESULTS / f"{name}.json"
    earlier = json.loads(path.read_text(encoding="utf-8"))["lines"] if path.exists() and not quick else []
    kept = [line for line in earlier if line["family"] not in families]
    turn = list(FAMILIES).index
    merged = sorted(kept + _lines, key=lambda line: turn(line["family"]))
    data = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"), "machine": reporter.surroundings(), "lines": merged,
    }  # fmt: skip
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (reporter.RESULTS / f"{name}.md").write_text(_table(merged, quick), encoding="utf-8")


def _table(lines: list[dict[str, Any]], quick: bool) -> str:
    how = "`make integrity QUICK=1`: small sizes, part of `make test`." if quick else "Written by `make integrity`."
    machine = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in reporter.surroundings().items())
    head = f"# Integrity: what was tried and what came of it\n\n{how} Machine: {machine}."
    columns = ["family", "bar", "value", "target", "", "seed", "commit", "at"]
    rows = [
        [
            line["family"], line["bar"], words(line["value"]), words(line["target"]), VERDICTS[line["holds"]],
            str(line["seed"]), line["commit"], line["at"],
        ]
        for line in lines
    ]  # fmt: skip
    return "\n\n".join([head, grid(columns, rows), *filter(None, map(_section, lines))]) + "\n"


def _section(line: dict[str, Any]) -> str:
    more = {key: value for key, value in line.items() if key not in _CIRCUMSTANCES and value not in (None, "")}
    more.pop("quick", None)
    if not more:
        return ""
    facts = "\n".join(f"- {key.replace('_', ' ')}: {words(value)}" for key, value in more.items())
    return f"## {line['family']}: {line['bar']}\n\n{facts}"
