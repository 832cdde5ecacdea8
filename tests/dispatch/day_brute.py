"""The best day plan by trying everything: plain Python over the same arrays, for tiny days only."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from dispatch.day.routes import schedule
from dispatch.day.shifts import Shifts

Served = tuple[tuple[int, int], ...]  # (task, people) so far
State = tuple[Served, tuple[int, ...]]


def feasible_routes(day: Shifts, shift: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """(pairs within the shift, worth) of every route that is possible, the empty one aside."""
    first, size = int(day.ptr[shift]), int(day.ptr[shift + 1] - day.ptr[shift])
    starts = np.zeros(size + 1, dtype=np.int64)
    for stops in range(1, int(day.most[shift]) + 1):
        for route in permutations(range(size), stops):
            tasks = day.pair_task[[first + k for k in route]]
            if len(set(day.task_order[tasks].tolist())) < stops:
                continue
            possible, _, _, _, points = schedule(day, shift, np.array(route, dtype=np.int64), starts)
            if possible:
                yield route, int(day.task_value[tasks].sum() - points)


def best_sets(day: Shifts, shift: int) -> dict[tuple[int, ...], int]:
    """The best worth of every set of tasks that the shift can do, doing nothing included."""
    best: dict[tuple[int, ...], int] = {(): 0}
    for route, worth in feasible_routes(day, shift):
        tasks = tuple(sorted(int(day.pair_task[day.ptr[shift] + k]) for k in route))
        best[tasks] = max(best.get(tasks, worth), worth)
    return best


def best_worth(day: Shifts) -> int:
    """What the best plan is worth: shift after shift, every way to go on from every state reached."""
    states: dict[State, int] = {((), (0,) * len(day.limit_volunteer)): 0}
    for shift in range(len(day.begin)):
        after: dict[State, int] = {}
        for tasks, worth in best_sets(day, shift).items():
            for (served, used), total in states.items():
                state = extended(day, shift, tasks, dict(served), list(used))
                if state is not None:
                    after[state] = max(after.get(state, total + worth), total + worth)
        states = after
    return max(total for (served, _), total in states.items() if complete(day, served))


def extended(day: Shifts, shift: int, tasks: tuple[int, ...], served: dict[int, int], used: list[int]) -> State | None:
    for task in tasks:
        order = day.task_order[task]
        if any(day.task_order[other] == order and other != task for other in served):
            return None
        served[task] = served.get(task, 0) + 1
        if served[task] > day.order_people[order]:
            return None
        if day.day_limit[shift] >= 0:
            used[day.day_limit[shift]] += 1
        if day.week_limit[shift] >= 0:
            used[day.week_limit[shift]] += int(day.task_seconds[task])
    left = np.maximum(day.limit_orders, day.limit_seconds)
    if any(much > left[row] for row, much in enumerate(used)):
        return None
    return tuple(sorted(served.items())), tuple(used)


def complete(day: Shifts, served: Served) -> bool:
    return all(people == day.order_people[day.task_order[task]] for task, people in served)
