"""A process full of callers: `python -m tests.integrity.crowd ADDRESS… < rounds > answers`, a JSON line each.

A round is {"calls": [{method, path, token, body, key, delay}, …], "threads": n}: all threads begin together, each call
is made `delay` seconds after the start at the earliest, and the answer line lists [status, code, id, seconds] in the
same order. It imports nothing of the app: a crowd must be cheap.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integrity.callers import Answer, Caller

ROOT = Path(__file__).resolve().parents[2]
Call = dict[str, Any]


def call(method: str, path: str, token: str, *, body: Any = None, key: str = "", delay: float = 0.0) -> Call:
    return {"method": method, "path": path, "token": token, "body": body, "key": key, "delay": delay}


class Crowd:
    """Several such processes. `rush` spreads the calls over them and gives the answers back in the calls' order."""

    def __init__(self, processes: list[subprocess.Popen[str]], threads: int) -> None:
        self._processes, self._threads = processes, threads

    def rush(self, calls: Sequence[Call]) -> list[Answer]:
        count = len(self._processes)
        for number, process in enumerate(self._processes):
            assert process.stdin is not None
            process.stdin.write(json.dumps({"calls": calls[number::count], "threads": self._threads}) + "\n")
            process.stdin.flush()
        answers: list[Answer] = [Answer(0, None, 0.0)] * len(calls)
        for number, process in enumerate(self._processes):
            assert process.stdout is not None
            given = json.loads(process.stdout.readline())
            answers[number::count] = [Answer(status, name, seconds, code) for status, code, name, seconds in given]
        return answers


@contextmanager
def crowd(addresses: list[str], processes: int, threads: int) -> Iterator[Crowd]:
    words = [sys.executable, "-m", "tests.integrity.crowd", *addresses]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    started = [subprocess.Popen(words, **pipes) for _ in range(processes)]
    try:
        yield Crowd(started, threads)
    finally:
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


class _Threads:
    """The callers of one process, each with a connection of its own to one of the addresses."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses
        self._callers: list[Caller] = []

    def run(self, calls: list[Call], count: int) -> list[list[Any]]:
        while len(self._callers) < count:
            self._callers.append(Caller(self._addresses[len(self._callers) % len(self._addresses)]))
        answers: list[list[Any]] = [[] for _ in calls]
        start = threading.Barrier(count)

        def work(number: int) -> None:
            start.wait(30)
            begun = time.monotonic()
            for place in range(number, len(calls), count):
                time.sleep(max(0.0, begun + calls[place]["delay"] - time.monotonic()))
                answers[place] = _answer(self._callers[number], calls[place])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


def _answer(caller: Caller, one: Call) -> list[Any]:
    answer = caller.call(one["method"], one["path"], one["token"], one["body"], one["key"])
    name = answer.body.get("id", "") if isinstance(answer.body, dict) and answer.is_ok else ""
    return [answer.status, answer.code, name, round(answer.seconds, 4)]


def main(addresses: list[str]) -> None:
    threads = _Threads(addresses)
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps(threads.run(told["calls"], told["threads"])), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
