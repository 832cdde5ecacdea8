"""solve_day(): a first plan at once, column generation for the proof, dives for a better plan, then the answer.

Every stage has its own limit in rounds, so the same problem gives the same plan on any machine. Seconds are only for
emergencies; where they ended the search, stats["stopped_by"] says "time".
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from dispatch.candidates import ranks
from dispatch.costs import Weights
from dispatch.crowd import Crowd
from dispatch.day import held as hold
from dispatch.day import pool as pools
from dispatch.day import start
from dispatch.day.columns import Columns, generate
from dispatch.day.dive import Dive
from dispatch.day.exact import close
from dispatch.day.held import Held
from dispatch.day.improve import improve
from dispatch.day.meetings import coverable
from dispatch.day.result import Result
from dispatch.day.shifts import Shifts
from dispatch.day.split import solve_city, too_large
from dispatch.plan import Plan
from dispatch.problem import Problem

DIVES, MEETING_DIVES = 2, 6
ROUNDS = 40
CLOSE = 2e-4  # a gap not worth another dive
FIRST_ROUNDS, LAST_ROUNDS, MEETING_ROUNDS = 1, 1, 8  # of local improvement
FOR_PRICES, FOR_DIVES = 0.6, 0.9  # shares of the seconds after which the next stage has its turn


class Search:
    """One problem being solved: the best plan so far, and the proven bound on what any plan is worth."""

    def __init__(self, crowd: Crowd, weights: Weights, seed: int, time_limit: float) -> None:
        self.began, self.limit, self.seed = perf_counter(), time_limit, seed
        self.crowd, self.weights = crowd, weights
        self.day = day = Shifts.of(crowd.problem, weights, crowd)
        self.order_rank = ranks((order.id for order in crowd.problem.orders), seed)
        by_person = ranks((person.id for person in crowd.people), seed)
        self.shift_rank = by_person[day.volunteer] * max(len(day.begin), 1) + range(len(day.begin))
        self.most = coverable(day)
        self.best = hold.nothing(day)
        self.trace: list[list[float]] = []
        self.stopped = False

    def over(self, share: float = 1.0) -> bool:
        """Whether that share of the seconds is used up; from then on nothing new is begun."""
        late = perf_counter() - self.began >= share * self.limit
        self.stopped = self.stopped or late
        return late

    def found(self, held: Held) -> None:
        """Keep a plan if it is the best so far."""
        if not self.trace or held.worth.sum() > self.best.worth.sum():
            self.best = held
            self.trace.append([round(perf_counter() - self.began, 4), int(held.worth.sum())])

    def gap(self) -> float:
        """The share of the value that may be missing."""
        return (self.most - int(self.best.worth.sum())) / max(self.most, 1)

    def begin(self, rounds: int) -> None:
        self.found(start.first_plan(self.day, self.order_rank, self.shift_rank))
        self.polish(self.best, rounds)

    def polish(self, held: Held, rounds: int, turn: int = 0) -> None:
        """Local improvement of a copy; another turn tries other changes."""
        better = hold.copy(held)
        start.fill(self.day, better, start.hardest_first(self.day, better, self.order_rank), self.shift_rank)
        improve(self.day, better, self.shift_rank, self.seed + turn, rounds)
        self.found(better)

    def prove(self) -> None:
        """Column generation and dives until the gap is small; what is too large for that is improved and bounded."""
        if too_large(self.day):
            held, _ = solve_city(self.day, self.best, self.shift_rank, self.seed, self.over)
            self.found(held)
            return
        columns = Columns.of(self.day, pools.of_plan(self.day, self.best))
        generate(columns, ROUNDS, lambda: self.over(FOR_PRICES))
        self.most = min(self.most, columns.most)
        meetings = bool((self.day.order_people > 1).any())
        dives, rounds = (MEETING_DIVES, MEETING_ROUNDS) if meetings else (DIVES, LAST_ROUNDS)
        for dive in range(dives):
            if self.gap() <= CLOSE or self.over():
                break
            held = Dive(columns, self.shift_rank, lambda: self.over(FOR_DIVES)).run()
            self.found(held)
            if self.gap() > CLOSE and not self.over():
                self.polish(held, rounds, dive)
                self.polish(self.best, rounds, dive)
        if self.gap() > 0 and not self.over():
            held, self.most = close(columns, self.best, max(self.limit - (perf_counter() - self.began), 0.01))
            self.found(held)
            self.over()


def solve_day(
    problem: Problem,
    weights: Weights | None = None,
    *,
    seed: int = 0,
    time_limit: float = 5.0,
    method: str = "exact",
    versions: Callable[[], dict[str, str]] = dict,
) -> Plan:
    """Routes for a day. "greedy" stops at the first plan and proves nothing; "exact" goes on, with a proven bound.

    Raises ProblemError where two rests of a volunteer fall into one stretch of free hours.
    """
    weights = weights or Weights()
    search = Search(Crowd(problem), weights, seed, time_limit)
    search.begin(FIRST_ROUNDS)
    if method == "exact" and not search.over() and len(search.day.pair_task):
        search.prove()
    return conclude(search, versions(), method == "exact")


def conclude(search: Search, versions: dict[str, str], proven: bool) -> Plan:
    """The best plan of a search in words and counts."""
    everything = sum(
        order.priority * order.positions * search.weights.unfilled for order in search.crowd.problem.orders
    )
    stats: dict[str, Any] = {
        "trace": search.trace,
        "stopped_by": "time" if search.stopped else "limits",
        "seconds": {"solve": round(perf_counter() - search.began, 6)},
    }
    result = Result(search.crowd, search.day, search.weights, hold.tasks_of(search.day, search.best))
    return result.plan(
        bound=everything - search.most if proven else None,
        solver="columns" if proven else "greedy",
        seed=search.seed,
        stats=stats,
        versions=versions,
    )
