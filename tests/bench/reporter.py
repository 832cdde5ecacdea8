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
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
_missed: list[str] = []


def report(
    bar: str,
    value: Any,
    target: Any,
    holds: bool,
    *,
    seed: int | None = None,
    name: str | None = None,
    **more: Any,
) -> bool:
    """Publish one bar and answer whether it holds. `more` is whatever a reader needs to judge the number."""
    line = {"bar": bar, "value": value, "target": target, "holds": bool(holds), "seed": seed, **more}
    line |= {"commit": commit(), "at": datetime.now(UTC).isoformat(timespec="seconds"), **machine()}
    text = json.dumps(line, ensure_ascii=False, default=str)
    print(text, flush=True)
    with (RESULTS / f"{name or _callers_name()}.jsonl").open("a", encoding="utf-8") as results:
        results.write(text + "\n")
    if not holds:
        _missed.append(bar)
    return bool(holds)


def missed() -> list[str]:
    """The bars that did not hold, so far in this process."""
    return list(_missed)


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


def _callers_name() -> str:
    return Path(inspect.stack()[2].filename).stem.removeprefix("bench_")
