"""Compiled code is made or loaded before any clock runs; after an update of the engine this takes a while, once."""

import sys
import traceback

from dispatch import generate, solve


def warm() -> None:
    """Solve something small in every way. One that fails is told of by its own bars."""
    print("-- loading compiled code (after a change it is compiled first, which takes a while)", file=sys.stderr)
    for name, load in WAYS.items():
        try:
            load()
        except Exception:
            print(f"-- {name} does not run", file=sys.stderr)
            traceback.print_exc()


def of_tables() -> None:
    from tests.bench.match import whole

    whole(generate.city(40, 400, 0))


def of_the_desk() -> None:
    from dispatch.desk import Desk

    problem = generate.problem(5, 200, 0, work=0.2, bans=0.5)
    Desk(problem).best(problem.orders[0])


WAYS = {
    "instant": lambda: solve(generate.problem(40, 80, 0)),
    "instant, tables": of_tables,
    "day": lambda: solve(generate.day(40, 20, 0), mode="day"),
    "day, meetings": lambda: solve(generate.day(40, 20, 0, meetings=0.3), mode="day"),
    "urgent": of_the_desk,
}


if __name__ == "__main__":
    warm()
