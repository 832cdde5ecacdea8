"""`make bench` measures every bar of the engine, `make bench T="instant day"` only these, `QUICK=1` at smaller sizes.

A full run writes results/engine.json and results/engine.md anew, a part replaces its own bars in them; QUICK has
files of its own. Every bar prints its line: one that could not be run says `"holds": null` and why.
"""

import gc
import importlib
import sys
import traceback

from dispatch.warm import warm
from tests.bench import bars, clock, reporter, results

CORES_OF_THEIR_OWN = ("server",)  # a server and its browsers are several processes by nature


def main(wanted: list[str], quick: bool) -> int:
    """Run them; the exit code says whether every bar that was run held."""
    if unknown := set(wanted) - set(bars.MODULES):
        there_are = ", ".join(bars.MODULES)
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are: {there_are}", file=sys.stderr)
        return 2
    warm()
    for name in wanted or bars.MODULES:
        why, spent = clock.timed(measure, name, quick)
        for number in bars.MODULES[name]:
            if not bars.reported(number):
                bars.not_run(number, why or "not measured")
        gc.collect()
        print(f"-- {name}: {spent.wall:.0f} s, {spent.cpu:.0f} of the processor", file=sys.stderr, flush=True)
    results.write(reporter.lines(), quick)
    return 1 if reporter.missed() else 0


def measure(name: str, quick: bool) -> str | None:
    """Run one measurement; answers why it broke off, if it did."""
    place = clock.on_all_cores if name in CORES_OF_THEIR_OWN else clock.on_one_core
    place()
    try:
        importlib.import_module(f"tests.bench.bench_{name}").main(quick)
    except Exception as failure:  # the other bars are still to be measured
        traceback.print_exc()
        return f"{type(failure).__name__}: {failure}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], bars.small_sizes()))
