"""The solver's process: takes questions on its input, gives answers on its output, and ends when its parent does.

Run by path, with the project's folder as argument: it imports the engine and nothing else of ours. A question is a
parcel of the solver's dials and a parcel of the problem; an answer is a parcel of the plan, or of the words that say
why there is none. A parcel is pieces, each behind its length, and a length of nothing.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

NICE = 5
"""Pages and sockets come first where processors are few."""
LENGTH = struct.Struct("<I")


def send(pipe: Any, pieces: Iterable[bytes], pause: float = 0.0) -> None:
    """A parcel. After each piece other threads may run for as long as `pause` (seconds)."""
    for piece in pieces:
        pipe.write(LENGTH.pack(len(piece)) + piece)
        pipe.flush()
        if pause:
            time.sleep(pause)
    pipe.write(LENGTH.pack(0))
    pipe.flush()


def receive(pipe: Any, pause: float = 0.0) -> Iterator[bytes]:
    """The pieces of a parcel as they come; raises EOFError when it breaks off."""
    while size := LENGTH.unpack(_exactly(pipe, LENGTH.size))[0]:
        yield _exactly(pipe, size)
        if pause:
            time.sleep(pause)


def _exactly(pipe: Any, size: int) -> bytes:
    found: bytes = pipe.read(size)
    if len(found) < size:
        raise EOFError
    return found


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    import dispatch
    from dispatch import pieces

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    if hasattr(os, "nice"):
        os.nice(NICE)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    while True:
        try:
            dials = pickle.loads(b"".join(receive(sys.stdin.buffer)))  # noqa: S301 - from our own parent's pipe
            problem = pieces.join(receive(sys.stdin.buffer))
        except EOFError:
            return
        try:
            answer = pieces.cut(dispatch.solve(problem, **dials))
        except Exception as failure:
            answer = iter([pickle.dumps(f"{type(failure).__name__}: {failure}")])
        send(answers, answer)


if __name__ == "__main__":
    main(sys.argv[1])
