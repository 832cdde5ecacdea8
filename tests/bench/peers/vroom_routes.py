"""VROOM (through pyvroom) on our day plans: priorities, windows, service times, rests, a limit of tasks a vehicle.

Its skills are sets, so that each order is a skill of its own, held by the vehicles that may serve it: a radius around a
home, a wish for a volunteer's sex or a ban cannot be said otherwise.
"""

from datetime import timedelta

import vroom

from tests.bench.clock import Spent, timed
from tests.bench.peers.vehicles import Fleet

HIGHEST_PRIORITY = 100
Routes = dict[int, list[int]]


def solve(fleet: Fleet, exploration: int, seconds: float | None = None) -> tuple[Routes, Spent]:
    """Jobs of each vehicle in order, and what solve() alone took; the input is built outside the clock."""
    given = _input(fleet)
    limit = None if seconds is None else timedelta(seconds=seconds)
    solution, spent = timed(given.solve, exploration_level=exploration, nb_threads=1, timeout=limit)
    steps = solution.routes
    steps = steps[steps["type"] == "job"]
    routes: Routes = {}
    for vehicle, job in zip(steps["vehicle_id"].tolist(), steps["id"].tolist(), strict=True):
        routes.setdefault(int(vehicle), []).append(int(job))
    return routes, spent


def _input(fleet: Fleet) -> vroom.Input:
    given = vroom.Input()
    for mode, seconds in enumerate(fleet.travel):
        given.set_durations_matrix(f"mode{mode}", seconds)
    for vehicle in range(fleet.vehicles):
        given.add_vehicle(_vehicle(fleet, vehicle))
    served = set(fleet.arrays.pair_task.tolist())
    for job in sorted(served):  # a job nobody may do has a skill that no vehicle has: left out
        given.add_job(_job(fleet, job))
    return given


def _vehicle(fleet: Fleet, vehicle: int) -> vroom.Vehicle:
    arrays, base = fleet.arrays, fleet.base
    rests = []
    if arrays.rest_seconds[vehicle]:
        first, last = int(arrays.rest_first[vehicle]) - base, int(arrays.rest_last[vehicle]) - base
        window = vroom.TimeWindow(max(first, 0), last)
        rests = [vroom.Break(vehicle, time_windows=[window], service=int(arrays.rest_seconds[vehicle]))]
    return vroom.Vehicle(
        vehicle,
        start=int(arrays.from_place[vehicle]),
        end=int(arrays.to_place[vehicle]),
        profile=f"mode{fleet.mode[vehicle]}",
        skills={job + 1 for job in fleet.may_do(vehicle)},
        time_window=vroom.TimeWindow(int(arrays.begin[vehicle]) - base, int(arrays.end[vehicle]) - base),
        breaks=rests,
        max_tasks=int(arrays.most[vehicle]),
    )


def _job(fleet: Fleet, job: int) -> vroom.Job:
    arrays, base = fleet.arrays, fleet.base
    window = vroom.TimeWindow(max(int(arrays.task_first[job]) - base, 0), int(arrays.task_last[job]) - base)
    return vroom.Job(
        job,
        location=int(arrays.task_order[job]),
        default_service=int(arrays.task_seconds[job]),
        skills={job + 1},
        priority=min(int(fleet.priority[job]), HIGHEST_PRIORITY),
        time_windows=[window],
    )
