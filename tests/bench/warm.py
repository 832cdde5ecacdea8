"""Compiled code is made or loaded before any clock runs; after an update of the engine this takes a while, once."""

import sys
import traceback

from dispatch import generate, solve


def warm() -> None:
    """Solve something small in every mode. A mode that fails is told of by its own bars."""
    print("-- loading compiled code (after a change it is compiled first, which takes a while)", file=sys.stderr)
    for problem, mode in ((generate.problem(40, 80, 0), "instant"), (generate.day(40, 20, 0, meetings=0.2), "day")):
        try:
            solve(problem, mode=mode)
        except Exception:
            traceback.print_exc()


if __name__ == "__main__":
    warm()
