"""`make integrity` runs every bar of bars/, `make integrity T="storm kills"` only these, `QUICK=1` small sizes.

Each family runs in a forked process of its own, two at a time in QUICK; each bar prints one JSON line. The exit code is
0 when no bar that was run was missed (and, in CI, none was left out for want of its module or a server).
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from tests.databases import IN_CI
from tests.integrity import places, results
from tests.integrity.bars import FAMILIES, Bar, Size

PATIENCE = 4
"""So many times its seconds a family may take: machines differ. Then it is stopped, and that is a failure."""
LEAST_PATIENCE = 60.0
SEED = 20261122
_forked = multiprocessing.get_context("fork")


def main(wanted: list[str], quick: bool, seed: int) -> int:
    """Run them and write the results down; the exit code says whether every bar held."""
    if unknown := set(wanted) - set(FAMILIES):
        print(f"no such bars: {', '.join(sorted(unknown))}; there are: {', '.join(FAMILIES)}", file=sys.stderr)
        return 2
    chosen = wanted or [name for name, family in FAMILIES.items() if not quick or family.quick is not None]
    logging.getLogger("linli").addHandler(logging.NullHandler())  # refusals by the thousand are the point here
    begun = time.monotonic()
    for name in places.available():
        places.template(name)
    importlib.import_module("app.dispatching.service")  # what all need is read once, before the forks
    _say(f"set up: {time.monotonic() - begun:.0f} s, {' and '.join(places.available())}, seed {seed}")
    begun = time.monotonic()
    _all(chosen, quick, seed)
    _say(f"all: {time.monotonic() - begun:.0f} s")
    results.write(chosen, quick)
    return results.exit_code(IN_CI)


def _all(chosen: list[str], quick: bool, seed: int) -> None:
    """One family after the other, or two at a time."""
    waiting, under_way = list(chosen), list[Running]()
    while waiting or under_way:  # one who is interrupted leaves orphans, which end by themselves
        while waiting and len(under_way) < (2 if quick else 1):
            if (begun := _begin(waiting.pop(0), quick, seed)) is not None:
                under_way.append(begun)
        wait([one.pipe for one in under_way], timeout=1)
        under_way = [one for one in under_way if not one.is_over()]


def _begin(name: str, quick: bool, seed: int) -> Running | None:
    family = FAMILIES[name]
    size = Size(quick, seed, (family.quick if quick else None) or family.long)
    if importlib.util.find_spec(f"tests.integrity.bars.{name}") is None:
        results.report(name, Bar(family.title, [], why="not there yet"), size)
        return None
    return Running(name, size)


class Running:
    """A family at work in a process of its own."""

    def __init__(self, name: str, size: Size) -> None:
        self.name, self.size, self.begun = name, size, time.monotonic()
        self.deadline = self.begun + max(LEAST_PATIENCE, size.seconds * PATIENCE)
        self.pipe, there = _forked.Pipe(duplex=False)
        self.process = _forked.Process(target=_run, args=(name, size, there), name=name)
        self.process.start()
        there.close()

    def is_over(self) -> bool:
        """Report what has come since; whether nothing more will."""
        while self.pipe.poll():
            try:
                results.report(self.name, self.pipe.recv(), self.size)
            except EOFError:
                return self._ended()
        return time.monotonic() > self.deadline and self._ended()

    def _ended(self) -> bool:
        self.process.join(5)
        if self.process.is_alive():
            self._stop_all()
            self._missed("took too long and was stopped")
        elif self.process.exitcode:
            self._missed(f"ended with {self.process.exitcode}")
        self.pipe.close()
        _say(f"{self.name}: {time.monotonic() - self.begun:.1f} s")
        return True

    def _stop_all(self) -> None:
        """The family's process and what it started, which is in its process group."""
        with suppress(ProcessLookupError):
            os.killpg(int(self.process.pid or 0), signal.SIGKILL)
        self.process.join()

    def _missed(self, why: str) -> None:
        results.report(self.name, results.broken(FAMILIES[self.name].title, why), self.size)


def _run(name: str, size: Size, pipe: Connection) -> None:
    """In the process of a family: send each bar as it is known; what breaks off is a bar that was missed."""
    os.setpgid(0, 0)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    try:
        for bar in importlib.import_module(f"tests.integrity.bars.{name}").run(size):
            pipe.send(bar)
    except Exception as failure:
        traceback.print_exc()
        why = f"{type(failure).__name__}: {failure}"
        pipe.send(results.broken(FAMILIES[name].title, why.partition("\n")[0][:300]))
    pipe.close()


def _end_with(parent: int) -> None:
    """Nobody reads what an orphan finds out: it ends, and what it started with it."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


def _say(words: str) -> None:
    print(f"-- {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    small = os.environ.get("QUICK", "") not in ("", "0")
    sys.exit(main(sys.argv[1:], small, int(os.environ.get("SEED") or SEED)))
