"""One way to say what was measured: a JSON line on stdout, and the same line added to results/<name>.jsonl.

    report("offer after order, p95 seconds", value=0.8, target=2.0, holds=0.8 <= 2.0, seed=7, orders=300)

`name` is that of the measurement's module (bench_dispatch.py → results/dispatch.jsonl) unless given.
"""

import inspect
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("numpy", "numba", "ortools", "scipy", "pyvroom")
_lines: list[dict[str, Any]] = []


def report(
    bar: str,
    value: Any,
    target: Any,
    holds: bool | None,
    *,
    seed: int | None = None,
    name: str | None = None,
    **more: Any,
) -> bool:
    """Publish one bar and answer whether it holds (None: it was not run). `more` is whatever a reader needs to judge
    the number."""
    line = {"bar": bar, "value": value, "target": target, "holds": None if holds is None else bool(holds)}
    line |= {"seed": seed} | more
    line |= {"commit": commit(), "at": datetime.now(UTC).isoformat(timespec="seconds"), **machine()}
    text = json.dumps(line, ensure_ascii=False, default=_plain)
    print(text, flush=True)
    with (RESULTS / f"{name or _callers_name()}.jsonl").open("a", encoding="utf-8") as results:
        results.write(text + "\n")
    _lines.append(json.loads(text))
    return bool(holds)


def lines() -> list[dict[str, Any]]:
    """What was reported so far in this process."""
    return list(_lines)


def missed() -> list[str]:
    """The bars that did not hold, so far in this process."""
    return [line["bar"] for line in _lines if line["holds"] is False]


@cache
def commit() -> str:
    """The commit measured, with a + when the tree differed from it; "unknown" outside a checkout."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],
        capture_output=True, text=True, check=False, cwd=RESULTS,
    )  # fmt: skip
    return asked.stdout.strip() or "unknown"


def machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "python": platform.python_version()}


@cache
def surroundings() -> dict[str, Any]:
    """Processor, memory, system and library versions, for the head of a table."""
    found: dict[str, Any] = {
        "processor": _processor(),
        **machine(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    if hasattr(os, "sysconf"):
        found["memory_gb"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    return found | {library: _version(library) for library in LIBRARIES}


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's; anything else as its text."""
    return value.item() if hasattr(value, "item") else str(value)


def _callers_name() -> str:
    return Path(inspect.stack()[2].filename).stem.removeprefix("bench_")
