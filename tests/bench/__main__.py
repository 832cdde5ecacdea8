"""`make bench`: run every measurement in turn, or only those named: `make bench T="dispatch live"`."""

import importlib
import sys
from pathlib import Path

from tests.bench import reporter

PREFIX = "bench_"


def names() -> list[str]:
    return sorted(path.stem.removeprefix(PREFIX) for path in Path(__file__).parent.glob(f"{PREFIX}*.py"))


def main(wanted: list[str]) -> int:
    """Run them; the exit code says whether every bar held."""
    if unknown := set(wanted) - set(names()):
        print(
            f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(names())}",
            file=sys.stderr,
        )
        return 2
    for name in wanted or names():
        importlib.import_module(f"tests.bench.{PREFIX}{name}").main()
    return 1 if reporter.missed() else 0


sys.exit(main(sys.argv[1:]))
