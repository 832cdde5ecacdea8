"""Ways of offering side by side (`make bench-offers`, QUICK=1: a look in a minute): table, bars, frontier, sensitivity.

Settings are chosen on cities of their own (compare.TUNING) and measured on others. Every policy meets the same luck.
"""

import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from dispatch.offering.calibration import calibration
from dispatch.offering.settings import PACES, Offering
from dispatch.simulate import report
from dispatch.simulate.compare import Result, lineup, over_seeds, tuned
from dispatch.simulate.figures import Figures, figures
from dispatch.simulate.measures import Estimate, differences
from dispatch.simulate.ours import Ours
from dispatch.simulate.play import Policy
from tests.bench import offers_results as left
from tests.bench.bars import Part, shown, small_sizes

SEEDS, SENSITIVITY_SEEDS = range(1, 21), range(1, 7)
CORES = 2
SCENARIOS: dict[str, dict[str, Any]] = {
    "acceptance 5 %": {"town_acceptance": 0.05},
    "acceptance 45 %": {"town_acceptance": 0.45},
    "scarce: half the volunteers": {"town_volunteers": 150},
    "plentiful: twice the volunteers": {"town_volunteers": 600},
    "nobody tires": {"people_fatigue": 0.0, "people_leave_by_message": 0.0},
}
TARGETS = (0.5, 0.9, 0.98)  # of ours, for the frontier
LEAST_OFFERS = 200  # a bin of the reliability table counts from here on


def main(quick: bool) -> int:
    """Measure, print one JSON line a bar, write results; 1 when a bar was missed."""
    began = time.perf_counter()
    city, others = figures(), dict[str, list[Result]]()
    processes = min(CORES, os.cpu_count() or 1)
    if quick:
        chosen, tried = [settings[len(settings) // 2] for settings in lineup().values()], list[Result]()
        results = over_seeds(city, chosen, SEEDS[:3], processes, told)
    else:
        chosen, tried = tuned(city, lineup(), processes=processes, told=told)
        results = over_seeds(city, chosen, SEEDS, processes, told)
    print(report.table(results), flush=True)
    held = [left.report(*bar, quick=quick, seeds=len(results[0].runs)) for bar in bars(results)]
    if not quick:
        tried += frontier(city, processes)
        others = {
            name: over_seeds(city.but(**changes), chosen, SENSITIVITY_SEEDS, processes, told)
            for name, changes in SCENARIOS.items()
        }
    for name, measured in others.items():
        print(f"\n{name}\n\n{report.table(measured)}", flush=True)
    seconds = time.perf_counter() - began
    left.write({"base": results, **others}, [*tried, *results], quick, seconds)
    print(f"-- offers: {seconds:.0f} s", file=sys.stderr)
    return 0 if all(held) else 1


def told(what: str) -> None:
    print(f"   {what}", file=sys.stderr, flush=True)


def frontier(city: Figures, processes: int) -> list[Result]:
    """Ours at other targets, on the tuning cities: what more or fewer messages buy."""
    from dataclasses import replace

    from dispatch.simulate.compare import TUNING

    policies: list[Policy] = [
        Ours(
            Offering({name: replace(pace, target=target) for name, pace in PACES.items()}), setting=f"target {target:g}"
        )
        for target in TARGETS
    ]
    return over_seeds(city, policies, TUNING, processes, told)


def bars(results: Sequence[Result]) -> list[tuple[str, list[Part], dict[str, Any]]]:
    """The promises of issue 6, each with the interval of its figures over the seeds."""
    by = {one.name: one for one in results}
    ours, broadcast, nearest = by["ours"], by["broadcast"], by["nearest one by one"]
    fill = differences(broadcast.runs, ours.runs)["fill"]
    return [
        ("fill rate against broadcast's", [Part("points more", 100 * fill.mean, ">=", 0.0)],
         {"ours": says(ours, "fill"), "broadcast": says(broadcast, "fill"), "difference": str(fill),
          "no policy can exceed": says(ours, "ceiling")}),
        ratio("messages for each filled position against broadcast's", "alerts", ours, broadcast, 1 / 3),
        ratio("time to accept p90 against one by one's", "accept_p90", ours, nearest, 0.5),
        ratio("Gini of offered work against nearest-first's", "gini_offers", ours, nearest, 0.7),
        gap(ours, nearest),
        calibrated(ours),
    ]  # fmt: skip


def ratio(title: str, name: str, ours: Result, other: Result, most: float) -> tuple[str, list[Part], dict[str, Any]]:
    mine, theirs = ours.figures[name], other.figures[name]
    part = Part("ratio of the means", mine.mean / theirs.mean if theirs.mean else None, "<=", most)
    return title, [part], {"ours": str(mine), other.name: str(theirs), "at": f"its best setting, {other.setting}"}


def gap(ours: Result, nearest: Result) -> tuple[str, list[Part], dict[str, Any]]:
    """With what nobody could have mended: no policy gets below it by filling more."""
    title, parts, more = ratio("worst street's gap against nearest-first's", "gap", ours, nearest, 0.5)
    left = {"gap left were everybody asked and rested": says(ours, "ceiling_gap")}
    return title, parts, {**more, **left}


def says(result: Result, name: str) -> str:
    found: Estimate = result.figures[name]
    return str(found)


def calibrated(ours: Result) -> tuple[str, list[Part], dict[str, Any]]:
    """Every chance was said before its answer, by a model that knew only what had come before."""
    said, yes = (np.array([row[k] for row in ours.foreseen]) for k in (0, 1))
    found = calibration(said.astype(np.float64), yes.astype(np.bool_), float(yes.mean()) if len(yes) else 0.0)
    table = [
        f"{row.low:g}-{row.high:g}: {row.offers} offers, said {row.said:.3f}, came {row.happened:.3f}"
        for row in found.table
    ]
    parts = [
        Part("Brier score less the constant's (knowing the true mean)", found.brier - found.constant, "<=", 0.0),
        Part("most points apart in a bin of 200 offers", 100 * found.worst(LEAST_OFFERS), "<=", 5.0),
    ]
    more = {"brier": shown(found.brier), "constant": shown(found.constant), "offers": found.offers, "table": table}
    return "answer model on weeks it has not seen", parts, more


if __name__ == "__main__":
    sys.exit(main(small_sizes()))
