"""One urgent order against a city in memory: the best ten with reasons and the count lost at each rule.

Measured against the bare distance pass over all volunteers (numpy, in place, no square root) that ends with who lives
near enough, turn and turn about in one process. The city has 50,000 volunteers and about 10,000 commitments. The same
against the distances alone, with nothing compared, stands beside it.
"""

from collections.abc import Callable
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import numpy as np

from dispatch import Problem, candidates_for, generate
from dispatch.desk.desk import Desk
from tests.bench.reporter import report

SEEDS = (1, 2, 3, 4, 5)
TARGET = 2.0  # times the bare pass
SAMPLE = 5  # orders a seed whose answers are compared with the board's


class BarePass:
    """The squares of all distances to one point, as numpy does them in place."""

    def __init__(self, problem: Problem, kind: Any) -> None:
        self.kind = kind
        metres = np.array([(one.lon * 96_000.0, one.lat * 111_195.0) for one in problem.volunteers])
        self.x, self.y = np.ascontiguousarray((metres - metres.mean(axis=0)).T.astype(kind))
        self.radii = np.array([one.radius_m for one in problem.volunteers], dtype=kind) ** 2
        self.a, self.b = np.empty_like(self.x), np.empty_like(self.x)

    def distances(self) -> None:
        x, y = self.kind(310), self.kind(-570)
        np.subtract(self.x, x, out=self.a)
        np.subtract(self.y, y, out=self.b)
        np.multiply(self.a, self.a, out=self.a)
        np.multiply(self.b, self.b, out=self.b)
        np.add(self.a, self.b, out=self.a)

    def within_radius(self) -> None:
        """The same, and who lives near enough."""
        self.distances()
        np.flatnonzero(self.a <= self.radii)


def timed(call: Callable[[], Any]) -> float:
    """Microseconds."""
    begin = perf_counter()
    call()
    return (perf_counter() - begin) * 1e6


def measure(seed: int, orders: int, volunteers: int) -> dict[str, list[float]]:
    """Microseconds of each: the query, the bare pass in both precisions, and with the comparison."""
    problem = generate.problem(orders, volunteers, seed, work=0.05, bans=1.0)
    desk = Desk(problem)
    single, double = BarePass(problem, np.float32), BarePass(problem, np.float64)
    desk.best(problem.orders[0])
    took: dict[str, list[float]] = {"query": [], "float32": [], "float64": [], "with radius": []}
    for order in problem.orders:
        took["query"].append(timed(lambda order=order: desk.best(order)))
        took["with radius"].append(timed(single.within_radius))
    for _ in problem.orders:
        took["float32"].append(timed(single.distances))
        took["float64"].append(timed(double.distances))
    same(problem, desk)
    return took


def same(problem: Problem, desk: Desk) -> None:
    """Nothing is gained by a wrong answer."""
    for order in problem.orders[:SAMPLE]:
        found, wanted = desk.best(order), candidates_for(problem, order.id)
        if (found.candidates, found.lost, found.bans) != (wanted.candidates, wanted.lost, wanted.bans):
            raise AssertionError(f"{order.id}: the desk and the board differ")


def main(quick: bool = False) -> None:
    seeds, orders, volunteers = (SEEDS[:1], 200, 50_000) if quick else (SEEDS, 1000, 50_000)
    runs = [measure(seed, orders, volunteers) for seed in seeds]
    took = {name: [one for run in runs for one in run[name]] for name in runs[0]}
    middle = {name: round(median(times), 1) for name, times in took.items()}
    late = {name: round(quantiles(times, n=20)[-1], 1) for name, times in took.items()}
    ratio = round(middle["query"] / middle["with radius"], 2)
    report("3.8 urgent order, query / bare distance pass, medians", ratio, TARGET, ratio <= TARGET, seeds=seeds,
           volunteers=volunteers, orders=orders, microseconds=middle, p95=late,
           by_seed=[round(median(run["query"]) / median(run["with radius"]), 2) for run in runs],
           against_distances_alone=round(middle["query"] / middle["float32"], 2),
           against_distances_alone_in_float64=round(middle["query"] / middle["float64"], 2))  # fmt: skip


if __name__ == "__main__":
    main()
