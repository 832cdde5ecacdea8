"""Policies side by side: the same cities, the same luck, every other policy at its best setting."""

import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from dispatch.simulate.city import world
from dispatch.simulate.figures import Figures
from dispatch.simulate.measures import Estimate, estimates, measures
from dispatch.simulate.ours import Ours
from dispatch.simulate.play import Play, Policy
from dispatch.simulate.policies import Best, Broadcast, Exact, Nearest
from dispatch.simulate.truth import Truth

OWN_RADIUS = 99.0
TUNING = range(1001, 1005)  # seeds for choosing settings; results are measured on others
CLOSE = 0.005  # fill rates nearer than half a point are alike


def lineup() -> dict[str, list[Policy]]:
    """Each way of offering with the settings that are tried; ours has one, its defaults."""
    return {
        "nearest one by one": [Nearest(1, minutes) for minutes in (5, 15, 60)],
        "broadcast": [Broadcast(3.0), Broadcast(OWN_RADIUS), Broadcast(1.5)],
        "nearest k": [Nearest(3, 15, True), Nearest(7, 15, True), Nearest(7, 15)],
        "greedy best score": [Best(minutes) for minutes in (5, 15, 60)],
        "exact matching": [Exact(minutes) for minutes in (5, 15, 60)],
        "ours": [Ours()],
    }


# Among settings that fill alike, the one that makes our bar against that policy hardest to meet.
HARDEST: dict[str, str] = {
    "nearest one by one": "accept_p90", "broadcast": "alerts", "nearest k": "alerts", "greedy best score": "accept_p90",
    "exact matching": "accept_p90", "ours": "alerts",
}  # fmt: skip


@dataclass(slots=True)
class Result:
    """One policy at one setting over several seeds: a row of figures a seed, and what was foreseen and came."""

    name: str
    setting: str
    runs: list[dict[str, float]] = field(default_factory=list)
    foreseen: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, Estimate]:
        return estimates(self.runs)


Row = tuple[dict[str, float], list[tuple[float, bool]]]


def one_seed(figures: Figures, policies: Sequence[Policy], seed: int) -> list[Row]:
    """Every policy on the city of one seed, each begun fresh."""
    made = world(figures, seed)
    truth = Truth(made)
    rows = []
    for policy in policies:
        record = Play(made, truth, deepcopy(policy)).run()
        rows.append((measures(made, truth, record), record.foreseen))
    return rows


def over_seeds(
    figures: Figures,
    policies: Sequence[Policy],
    seeds: Iterable[int],
    processes: int = 1,
    told: Callable[[str], Any] | None = None,
) -> list[Result]:
    """Every policy over all seeds, in the order given. The same whatever the number of processes."""  # fmt: skip
    jobs = [(figures, policies, seed) for seed in seeds]
    results = [Result(policy.name, policy.setting) for policy in policies]
    for done, rows in enumerate(_played(jobs, processes), 1):
        for result, (run, foreseen) in zip(results, rows, strict=True):
            result.runs.append(run)
            result.foreseen.extend(foreseen)
        if told:
            told(f"{done} of {len(jobs)} cities")
    return results


def _played(jobs: list[tuple[Figures, Sequence[Policy], int]], processes: int) -> Iterable[list[Row]]:
    if processes <= 1:
        yield from (one_seed(*job) for job in jobs)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_one_job, jobs)


def _one_job(job: tuple[Figures, Sequence[Policy], int]) -> list[Row]:
    return one_seed(*job)


def tuned(
    figures: Figures,
    policies: Mapping[str, Sequence[Policy]],
    seeds: Iterable[int] = TUNING,
    processes: int = 1,
    told: Callable[[str], Any] | None = None,
) -> tuple[list[Policy], list[Result]]:
    """The best setting of each policy, and how all of them did on the tuning seeds.

    Best: the highest fill rate; among settings within half a point of it, the one that HARDEST names.
    """  # fmt: skip
    every = [policy for settings in policies.values() for policy in settings]
    results = over_seeds(figures, every, seeds, processes, told)
    chosen = []
    for name, settings in policies.items():
        mine = [(result.figures, policy) for result, policy in zip(results, every, strict=True) if policy in settings]
        fill = max(figure["fill"].mean for figure, _ in mine)
        alike = [pair for pair in mine if pair[0]["fill"].mean >= fill - CLOSE]
        chosen.append(min(alike, key=lambda pair: pair[0][HARDEST[name]].mean)[1])
    return chosen, results
