"""What a call cost: processor seconds of this process and all its children, wall seconds, peak memory; one core.

Processor seconds are what the bars compare: a busy machine does not count, and a helper process does.
"""

import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")
ALL_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one call: of the processor, and by the clock on the wall."""

    cpu: float
    wall: float


def timed(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Spent]:
    """The answer of a call and what it cost."""
    helpers, wall, cpu = _seconds_of_children(), perf_counter(), process_time()
    answer = call(*args, **kwargs)
    cpu, wall = process_time() - cpu, perf_counter() - wall
    return answer, Spent(cpu + _seconds_of_children() - helpers, wall)


def _seconds_of_children() -> float:
    """Processor seconds so far of this process's finished children and of those still running."""
    finished = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(_seconds_of(child) for child in _children(os.getpid()))
    return finished.ru_utime + finished.ru_stime + running


def _children(process: int) -> list[int]:
    """Children, their children and so on; empty where the system does not tell."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            direct = [int(one) for one in task.read_text().split()]
        except OSError:  # ended meanwhile
            continue
        found += direct
        for child in direct:
            found += _children(child)
    return found


def _seconds_of(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / TICK  # its own and its finished children's, user and system


def on_one_core() -> None:
    """Keep this process and all it starts on one core, where the system can."""
    if ALL_CORES:
        os.sched_setaffinity(0, {max(ALL_CORES)})


def on_all_cores() -> None:
    if ALL_CORES:
        os.sched_setaffinity(0, ALL_CORES)


def forget_peak() -> None:
    """Peak memory begins anew from what is in use now (Linux; elsewhere the peak stays that of the whole process)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_mb() -> float:
    """Most memory ever resident in this process, in MB of 10^6 bytes.

    Not ru_maxrss where it can be helped: that counts what the parent had when it started us.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
