"""The what-if's process: one question on its input, lines of JSON on its output, and it ends.

Run by path, with the project's folder as argument: it imports the simulator and nothing else of ours. The question is
pickled by our own parent; what is said is {"played": seeds}, then {"answer": …} or {"error": code, "words": …}.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any

NICE = 5
"""Pages, sockets and dispatching come first."""


def answer(parcel: bytes, told: Callable[[int], None]) -> dict[str, Any]:
    """Play the parcel's weeks, its question and its bounds; the figures as [mean, half width], None where unknown."""
    from dispatch.simulate import whatif

    weeks, question, seeds, seconds = pickle.loads(parcel)  # noqa: S301 - from our own parent's pipe
    found = whatif.what_if_within(weeks, question.change(), range(seeds), seconds, told)
    parts = {"before": found.before, "after": found.after, "difference": found.difference}
    return {**{name: _plain(part) for name, part in parts.items()}, "seeds": found.seeds}


def _plain(figures: Mapping[str, Any]) -> dict[str, list[float] | None]:
    """JSON knows no "not a number"."""
    return {
        name: None if math.isnan(one.mean) or math.isnan(one.half) else [one.mean, one.half]
        for name, one in figures.items()
    }


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    from dispatch.simulate.whatif import TooLong, WhatIfError

    if hasattr(os, "nice"):
        os.nice(NICE)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers

    def say(said: dict[str, Any]) -> None:
        print(json.dumps(said), file=answers, flush=True)

    try:
        say({"answer": answer(sys.stdin.buffer.read(), lambda played: say({"played": played}))})
    except TooLong as error:
        say({"error": "too_long", "words": str(error)})
    except WhatIfError as error:
        say({"error": "nobody", "words": str(error)})


if __name__ == "__main__":
    main(sys.argv[1])
