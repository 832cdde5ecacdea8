"""What a run leaves behind: every line as JSON, and a table to read, under fixed names."""

import json
from pathlib import Path
from typing import Any

from tests.bench import reporter
from tests.bench.bars import TITLES

DOCS = Path(__file__).parents[2] / "docs" / "engine.md"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"
VERDICTS = {True: "holds", False: "**missed**", None: "not run"}
CIRCUMSTANCES = {"bar", "value", "target", "holds", "seed", "runs", "commit", "at", "cores", "python"}


def write(lines: list[dict[str, Any]], quick: bool) -> None:
    """Put these lines in place of earlier ones of the same bars; the other bars keep theirs."""
    name = "quick" if quick else "engine"
    path = reporter.RESULTS / f"{name}.json"
    kept = {} if quick else _by_bar(_earlier(path))
    merged = [line for _, line in sorted((kept | _by_bar(lines)).items(), key=lambda item: _turn(item[0]))]
    data = {"machine": reporter.surroundings(), "lines": merged}
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (reporter.RESULTS / f"{name}.md").write_text(table(merged, quick), encoding="utf-8")
    if not quick:
        quote(merged)


def quote(lines: list[dict[str, Any]]) -> None:
    """The overview into docs/engine.md, between its two marks."""
    text = DOCS.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    figures = f"{BEGIN}\n{_where(lines)}\n\n{_overview(lines)}\n{END}"
    DOCS.write_text(before + figures + after, encoding="utf-8")


def _earlier(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["lines"] if path.exists() else []


def _by_bar(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {line["bar"]: line for line in lines}


def _turn(bar: str) -> tuple[int, str]:
    """3.2 before 3.10, and what has no number of ours last."""
    number = bar.partition(" ")[0]
    return (list(TITLES).index(number) if number in TITLES else len(TITLES), bar)


def table(lines: list[dict[str, Any]], quick: bool) -> str:
    """The Markdown: the machine, all bars, then the runs behind each."""
    parts = [_head(lines, quick), _overview(lines), *(_section(line) for line in lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(lines: list[dict[str, Any]], quick: bool) -> str:
    what = "Small sizes (`make bench QUICK=1`): a look, not a measurement." if quick else "Written by `make bench`."
    return (
        f"# Figures of the engine\n\n{what} One core, one thread for everybody; seconds are processor seconds of the "
        f"process and its children.\n\n{_where(lines)}"
    )


def _where(lines: list[dict[str, Any]]) -> str:
    facts = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in reporter.surroundings().items())
    commits = ", ".join(sorted({line["commit"] for line in lines}))
    return f"Machine: {facts}. Commit {commits}."


def _overview(lines: list[dict[str, Any]]) -> str:
    rows = [[line["bar"], words(line["value"]), words(line["target"]), VERDICTS[line["holds"]]] for line in lines]
    return grid(["bar", "value", "target", ""], rows)


def _section(line: dict[str, Any]) -> str:
    """Everything else a line carries: its figures as a list, its runs as a table."""
    more = {key: value for key, value in line.items() if key not in CIRCUMSTANCES and value is not None}
    runs = line.get("runs") or []
    if not more and not runs:
        return ""
    facts = "\n".join(f"- {key.replace('_', ' ')}: {words(value)}" for key, value in more.items())
    columns = list(dict.fromkeys(key for run in runs for key in run))
    rows = [[words(run.get(column)) for column in columns] for run in runs]
    table = grid([column.replace("_", " ") for column in columns], rows) if runs else ""
    return "\n\n".join(part for part in (f"## {line['bar']}", facts, table) if part)


def words(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(words(one) for one in value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:,}"
    return str(value).replace("|", "/").replace("\n", " ")


def grid(columns: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
