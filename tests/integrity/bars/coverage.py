"""Branch coverage of what must never break: the kernel, the tables of states, and the verbs of the four slices.

The tests about them are run under coverage.py. Every line or branch that none of them takes must stand in
tests/integrity/coverage_gaps.tsv with the reason why; a gap nobody named, and a name without a gap, are missed bars.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.config import ROOT
from tests.integrity.bars import Bar, Part, Size

TITLE = "branch coverage of kernel, states and the verbs of the four slices"
MISSING = "coverage is not installed: pip install -r tests/integrity/requirements.txt"
SLICES = ("ordering", "dispatching", "serving", "rating")
TESTS = (
    "kernel", "models", "ordering", "dispatching", "serving", "rating", "people", "offices", "oversight", "api",
    "privacy", "notices", "audit", "health", "integrity",
)  # fmt: skip
GAPS = Path(__file__).parents[1] / "coverage_gaps.tsv"
Gap = tuple[str, str]
"""A file and the words of the line from which nobody went on (or which nobody reached)."""


def run(size: Size) -> Iterator[Bar]:
    if importlib.util.find_spec("coverage") is None:
        yield Bar(TITLE, [], why=MISSING)
        return
    files = measured()
    with tempfile.TemporaryDirectory() as folder:
        report, said = _measure(Path(folder), files, size)
    found, named = set(_gaps(report)), set(_named())
    totals = report["totals"]
    by_file = {name: round(one["summary"]["percent_covered"], 1) for name, one in sorted(report["files"].items())}
    parts = [
        Part("percent", totals["percent_covered"], ">=", 95),
        Part("gaps without a reason", len(found - named), "==", 0),
        Part("reasons without a gap", len(named - found), "==", 0),
    ]
    more = {
        "files": len(files), "branches": totals["num_branches"], "branches missed": totals["num_branches"]
        - totals["covered_branches"], "lines": totals["num_statements"], "lines missed": totals["missing_lines"],
        "below 100": {name: percent for name, percent in by_file.items() if percent < 100},
        "unnamed": sorted(": ".join(gap) for gap in found - named),
        "named in vain": sorted(": ".join(gap) for gap in named - found),
        "tests": said,
    }  # fmt: skip
    yield Bar(TITLE, parts, more)


def measured() -> list[str]:
    """The kernel, the states, and every module from which a slice's service takes its verbs."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "app/kernel").glob("*.py"))
    files.append("models/states.py")
    for name in SLICES:
        files += [f"app/{name}/service.py", *_behind(ROOT / f"app/{name}/service.py")]
    return sorted(set(files))


def _behind(service: Path) -> list[str]:
    tree = ast.parse(service.read_text(encoding="utf-8"))
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return [f"{module.replace('.', '/')}.py" for module in modules if module.startswith("app.")]


def _measure(folder: Path, files: list[str], size: Size) -> tuple[dict[str, Any], list[str]]:
    settings = folder / "coveragerc"
    words = f"[run]\nbranch = True\nparallel = True\npatch = subprocess\ndata_file = {folder}/data\n"
    settings.write_text(words + f"include = {','.join(files)}\n", encoding="utf-8")
    program = [sys.executable, "-m", "coverage"]
    tests = [f"tests/{name}" for name in TESTS if (ROOT / "tests" / name).is_dir()]
    only = ["-k", "not postgres"] if size.quick else []
    pytest = [*program, "run", f"--rcfile={settings}", "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider"]
    pytest += ["-p", "tests.integrity.seen", "--timeout", "0"]  # no worker ends before it has told what it saw
    ran = subprocess.run([*pytest, *only, *tests], cwd=ROOT, capture_output=True, text=True, check=False)
    out = folder / "report.json"
    for report in (["combine", "--quiet"], ["json", "-o", str(out)]):
        subprocess.run([*program, *report, f"--rcfile={settings}"], cwd=ROOT, check=True, capture_output=True)
    lines = ran.stdout.strip().splitlines() or [ran.stderr[-200:]]
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found, [*failed, lines[-1]]


def _gaps(report: dict[str, Any]) -> Iterator[Gap]:
    for name, one in report["files"].items():
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        missed = set(one["missing_lines"]) | {start for start, _ in one["missing_branches"]}
        for number in sorted(missed):
            yield name, lines[abs(number) - 1].strip()


def _named() -> Iterator[Gap]:
    """The table: file, line, reason."""
    for row in GAPS.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            name, words, reason = row.split("\t")
            if reason:
                yield name, words
