"""A function in a fresh process: its memory is its own, and it can be stopped by the clock."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

from tests.bench.bars import small_sizes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a child answered; `failed` says why there is no answer."""

    answer: Any
    wall: float
    failed: str | None = None


def in_child(function: Callable[..., Any], *args: Any, cap: float = 600.0) -> Outcome:
    """Run a module-level function in a new Python; killed when it takes more than `cap` seconds.

    At QUICK's small sizes it runs right here: starting Python anew would take longer than what is measured.
    """
    if small_sizes():
        began = perf_counter()
        return Outcome(function(*args), perf_counter() - began)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, function, args), daemon=False)
    began = perf_counter()
    process.start()
    there.close()
    try:
        if not here.poll(cap):
            return Outcome(None, perf_counter() - began, f"nothing within {cap:g} s")
        answer, failed = here.recv()
        return Outcome(answer, perf_counter() - began, failed)
    except EOFError:
        process.join()
        return Outcome(None, perf_counter() - began, f"died with exit code {process.exitcode}")
    finally:
        if process.is_alive():
            process.join(1)
        if process.is_alive():
            process.kill()
        process.join()


def _answer(pipe: Connection, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        pipe.send((function(*args), None))
    except Exception as failure:  # told to the parent, who reports the bar as not run
        pipe.send((None, f"{type(failure).__name__}: {failure}"))
