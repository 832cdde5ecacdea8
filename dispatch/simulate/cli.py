"""The simulator as a command: play cities, print the table. `flask simulate` and others call run()."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dispatch.simulate import report
from dispatch.simulate.compare import Result, lineup, over_seeds, tuned
from dispatch.simulate.figures import FILE, figures
from dispatch.simulate.picture import frontier


def run(
    seeds: int = 20,
    *,
    acceptance: float | None = None,
    volunteers: int | None = None,
    orders: int | None = None,
    weeks: int | None = None,
    file: Path = FILE,
    policies: Sequence[str] = (),
    tune: bool = True,
    processes: int = 1,
    out: Path | None = None,
    told: Callable[[str], Any] | None = None,
) -> str:
    """Policies side by side on `seeds` cities: the table as Markdown.

    `acceptance`, `volunteers`, `orders` (a week) and `weeks` replace those of the file. `policies`: names of
    compare.lineup(), all when empty; ValueError for another. Without `tune` every policy runs at its first setting.
    With `out` (a folder) offers.md, offers.csv and offers.svg are written there.
    """
    changes = {"acceptance": acceptance, "volunteers": volunteers, "orders_per_week": orders, "weeks": weeks}
    city = figures(file).but(**{f"town_{name}": value for name, value in changes.items() if value is not None})
    known = lineup()
    if unknown := set(policies) - set(known):
        raise ValueError(f"no such policy: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    wanted = {name: settings for name, settings in known.items() if not policies or name in policies}
    chosen, tried = [settings[0] for settings in wanted.values()], list[Result]()
    if tune:
        chosen, tried = tuned(city, wanted, processes=processes, told=told)
    results = over_seeds(city, chosen, range(1, seeds + 1), processes, told)
    text = report.table(results)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "offers.md").write_text(text + "\n", encoding="utf-8")
        (out / "offers.csv").write_text(report.as_csv([("as asked", results)]), encoding="utf-8")
        (out / "offers.svg").write_text(plot([*tried, *results]), encoding="utf-8")
    return text


def plot(results: Sequence[Result]) -> str:
    """Fill rate against messages of all these results."""
    points: dict[str, list[tuple[float, float]]] = {}
    for one in results:
        found = one.figures
        points.setdefault(one.name, []).append((found["alerts"].mean, found["fill"].mean))
    return frontier(points, "Filled positions against messages", "messages for each filled position", "filled")
