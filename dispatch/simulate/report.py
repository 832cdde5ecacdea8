"""The table of policies: as Markdown for people, as CSV for programs."""

import csv
import io
from collections.abc import Iterable, Sequence

from dispatch.simulate.compare import Result
from dispatch.simulate.measures import MEASURES, Estimate

HEADINGS = {
    "fill": "filled %", "accept_p50": "yes after min, p50", "accept_p90": "p90", "promised": "yes within 1 h %",
    "alerts": "messages / filled", "refusals": "refusals / filled", "gini_offers": "Gini of offers",
    "gini_work": "Gini of work", "gap": "worst street, points behind", "km": "km / filled",
    "lost": "lost of 100", "idle": "never asked %",
}  # fmt: skip
PERCENT = {"fill", "promised", "gap", "idle"}


def table(results: Sequence[Result]) -> str:
    """One row a policy: mean ± half the width of the 95 % interval."""
    head = ["policy", "setting", *HEADINGS.values()]
    rows = [[one.name, one.setting, *(_cell(one.figures[name], name) for name in HEADINGS)] for one in results]
    lines = ["| " + " | ".join(row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def _cell(value: Estimate, name: str) -> str:
    scale = 100 if name in PERCENT else 1
    mean, half = value.mean * scale, value.half * scale
    digits = 0 if abs(mean) >= 100 else 2 if name.startswith("gini") else 1
    return f"{mean:.{digits}f} ± {half:.{digits}f}"


def as_csv(scenarios: Iterable[tuple[str, Sequence[Result]]]) -> str:
    """A row for each scenario, policy and figure: mean, half interval, seeds."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["scenario", "policy", "setting", "measure", "mean", "half_interval_95", "seeds", "meaning"])
    for scenario, results in scenarios:
        for one in results:
            for name, value in one.figures.items():
                figures = (f"{value.mean:.5g}", f"{value.half:.3g}", len(one.runs))
                rows.writerow([scenario, one.name, one.setting, name, *figures, MEASURES[name]])
    return text.getvalue()
