"""What `make bench-offers` leaves behind: lines of JSON, table, CSV, picture, and the figures in docs/offers.md."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dispatch.simulate import cli
from dispatch.simulate import report as tables
from dispatch.simulate.compare import Result
from tests.bench import reporter
from tests.bench.bars import Part, shown
from tests.bench.results import VERDICTS, grid, words

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- figures: written by make bench-offers -->", "<!-- end of figures -->"


def report(title: str, parts: Sequence[Part], more: Mapping[str, Any], *, quick: bool, seeds: int) -> bool:
    """One line for one bar; answers whether it holds."""
    values = {part.what: shown(part.value) for part in parts}
    targets = {part.what: f"{part.sign} {part.target:.4g}" for part in parts}
    holds = all(part.holds for part in parts)
    small = {"small_sizes": True} if quick else {}
    return reporter.report(f"6 {title}", values, targets, holds, name="offers", seeds=seeds, **small, **more)


def write(scenarios: Mapping[str, Sequence[Result]], tried: Sequence[Result], quick: bool, seconds: float) -> None:
    """The long form under offers.*, the short one under offers-quick.*; only the long form is quoted in the docs."""
    name = "offers-quick" if quick else "offers"
    lines = [line for line in reporter.lines() if line["bar"].startswith("6 ")]
    data = {
        "machine": reporter.surroundings(),
        "seconds": round(seconds),
        "lines": lines,
        "scenarios": plain(scenarios),
    }
    folder = reporter.RESULTS
    (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.csv").write_text(tables.as_csv(scenarios.items()), encoding="utf-8")
    text = figures(scenarios, lines, seconds)
    (folder / f"{name}.md").write_text(f"# Ways of offering, side by side\n\n{text}\n", encoding="utf-8")
    picture = folder / f"{name}.svg" if quick else DOCS / "img" / "offers-frontier.svg"
    picture.write_text(cli.plot(tried), encoding="utf-8")
    if not quick:
        quote(text)


def plain(scenarios: Mapping[str, Sequence[Result]]) -> dict[str, Any]:
    return {
        name: [
            {"policy": one.name, "setting": one.setting, "seeds": len(one.runs)}
            | {key: [shown(value.mean), shown(value.half)] for key, value in one.figures.items()}
            for one in results
        ]
        for name, results in scenarios.items()
    }


def figures(scenarios: Mapping[str, Sequence[Result]], lines: Sequence[Mapping[str, Any]], seconds: float) -> str:
    """Bars, then a table for each scenario."""
    rows = [[line["bar"][2:], words(line["value"]), words(line["target"]), VERDICTS[line["holds"]]] for line in lines]
    where = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in reporter.surroundings().items())
    parts = [
        f"{seconds:.0f} s. Machine: {where}. Commit {reporter.commit()}.",
        grid(["bar", "value", "target", ""], rows),
    ]
    for name, results in scenarios.items():
        parts += [f"### {name}: {len(results[0].runs)} cities", tables.table(results)]
    bins = [f"- {row}" for line in lines for row in line.get("table", ())]
    return "\n\n".join([*parts, "### what was foreseen, and what came", "\n".join(bins)])


def quote(text: str) -> None:
    """Into docs/offers.md, between its two marks."""
    path = DOCS / "offers.md"
    page = path.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")
