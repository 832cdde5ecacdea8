"""The engine at the command line: solve, check, explain, generate, schema, warm. JSON in, JSON out, words on stderr.

Exit codes: 0 done (check: the plan is sound), 1 the plan breaks a rule, 2 the input or the command is wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from dispatch import document, generate, telling
from dispatch.check import violations
from dispatch.document import Document, Limits
from dispatch.engine import METHODS, MODES, solve
from dispatch.plan import Plan
from dispatch.validation import ProblemError

Commands = Any  # argparse has no public name for what add_subparsers() answers

DONE, UNSOUND, WRONG = 0, 1, 2
EXAMPLES = """examples:
  python -m dispatch generate --orders 200 --volunteers 800 --seed 1 > problem.json
  python -m dispatch solve problem.json --out plan.json
  python -m dispatch check problem.json plan.json
  python -m dispatch explain problem.json plan.json --lang en
  python -m dispatch generate --orders 100 --volunteers 50 --seed 1 --day | python -m dispatch solve - --seconds 10

A file name of - means standard input. Exit codes: 0 done, 1 check found something wrong, 2 wrong input or command."""


class Refused(Exception):
    """The command cannot be done with this input; the message says why, in one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers the exit code (argparse itself leaves with 0 after --help and 2 on a wrong option)."""
    asked = parser().parse_args(arguments)
    try:
        code: int = asked.run(asked)
        sys.stdout.flush()
        return code
    except ProblemError as wrong:
        where = f"{asked.reading}: " if getattr(asked, "reading", None) else ""
        return _refuse(f"{where}{wrong}")
    except Refused as wrong:
        return _refuse(str(wrong))
    except BrokenPipeError:  # the reader (head, say) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return _refuse("stopped")


def _refuse(why: str) -> int:
    print(f"dispatch: {why}", file=sys.stderr)
    return WRONG


def _between(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], Any]:
    """For argparse: a number of that kind within the limits, or a sentence about it."""

    def number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
        return value

    return number


COUNT = _between(int, 0, document.LARGEST_SEED)
SHARE = _between(float, 0, 1)


def parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        "python -m dispatch", description="Who should be asked for what.", epilog=EXAMPLES, formatter_class=raw
    )
    commands = top.add_subparsers(required=True, metavar="command")
    for add in (_solve_options, _check_options, _explain_options, _generate_options, _schema_options):
        add(commands)
    return top


def _solve_options(commands: Commands) -> None:
    one = commands.add_parser("solve", help="make a plan", description="Plan as JSON on stdout, a summary on stderr.")
    one.set_defaults(run=_solve)
    one.add_argument("problem", help="problem file, or -")
    one.add_argument("--mode", choices=MODES, help="as the problem says, else instant")
    one.add_argument("--method", choices=METHODS, default="exact", help="default: exact")
    one.add_argument(
        "--seconds", type=_between(float, 0, 86400), default=10.0, metavar="S", help="time limit, default 10"
    )
    one.add_argument("--seed", type=COUNT, metavar="N", help="decides between equals; as the problem says, else 0")
    one.add_argument("--out", metavar="FILE", help="write the plan here instead of stdout")


def _check_options(commands: Commands) -> None:
    one = commands.add_parser("check", help="look a plan through", description="One line for everything wrong in it.")
    one.set_defaults(run=_check)
    one.add_argument("problem", help="problem file, or -")
    one.add_argument("plan", help="plan file, or -")


def _explain_options(commands: Commands) -> None:
    one = commands.add_parser("explain", help="say a plan in words", description="Why these, and why not others.")
    one.set_defaults(run=_explain)
    one.add_argument("problem", help="problem file, or -")
    one.add_argument("plan", help="plan file, or -")
    one.add_argument("--order", metavar="ID", help="only this order")
    one.add_argument("--volunteer", metavar="ID", help="only this volunteer")
    one.add_argument("--lang", choices=("zh", "en"), default="zh", help="default: zh")
    one.add_argument("--reader", choices=telling.READERS, default="coordinator", help="default: coordinator")


def _generate_options(commands: Commands) -> None:
    one = commands.add_parser("generate", help="make up a city", description="The same seed gives the same city.")
    one.set_defaults(run=_generate)
    one.add_argument("--orders", type=COUNT, required=True, metavar="N")
    one.add_argument("--volunteers", type=COUNT, required=True, metavar="M")
    one.add_argument("--seed", type=COUNT, default=0, metavar="S", help="default: 0")
    one.add_argument(
        "--days", type=_between(int, 1, 31), default=7, metavar="D", help="days with orders and free hours, default 7"
    )
    one.add_argument("--work", type=SHARE, default=0.0, metavar="X", help="share of free stretches with accepted work")
    one.add_argument(
        "--bans", type=_between(float, 0, 100), default=0.0, metavar="X", help="refusals an order, in the mean"
    )
    one.add_argument("--day", action="store_true", help="one day for a day plan, everybody free for one stretch")
    one.add_argument("--meetings", type=SHARE, default=0.0, metavar="X", help="share of orders of a --day for 2 to 4")
    one.add_argument("--out", metavar="FILE", help="write the problem here instead of stdout")


def _schema_options(commands: Commands) -> None:
    one = commands.add_parser("schema", help="print the JSON Schema of a problem")
    one.set_defaults(run=_schema)
    one = commands.add_parser("warm", help="compile ahead of time what later runs need; about a minute, once")
    one.set_defaults(run=_warm)


def _solve(asked: argparse.Namespace) -> int:
    given = _document(asked)
    mode = asked.mode or given.mode
    seed = given.seed if asked.seed is None else asked.seed
    plan = solve(given.problem, given.weights, seed=seed, time_limit=asked.seconds, method=asked.method, mode=mode)
    _write(document.dump(plan.to_dict()), asked.out)
    print("\n".join(telling.summary(given.problem, plan)), file=sys.stderr)
    return DONE


def _check(asked: argparse.Namespace) -> int:
    problem, plan = _both(asked)
    found = violations(problem.problem, plan)
    for line in found:
        print(line)
    print(f"{len(found)} violations" if found else "sound", file=sys.stderr)
    return UNSOUND if found else DONE


def _explain(asked: argparse.Namespace) -> int:
    given, plan = _both(asked)
    for kind, wanted, specs in (
        ("order", asked.order, given.problem.orders),
        ("volunteer", asked.volunteer, given.problem.volunteers),
    ):
        if wanted is not None and all(spec.id != wanted for spec in specs):
            raise Refused(f"no {kind} {wanted!r} in {asked.problem}")
    told = telling.Explanation(given.problem, plan, asked.lang, asked.reader)
    try:
        lines = list(told.lines(asked.order, asked.volunteer))
    except (KeyError, ValueError):
        raise Refused(f"{asked.plan} is no sound plan for {asked.problem}: see check") from None
    print("\n".join(lines))
    return DONE


def _generate(asked: argparse.Namespace) -> int:
    if asked.meetings and not asked.day:
        raise Refused("--meetings goes with --day")
    if asked.day:
        made = Document(generate.day(asked.orders, asked.volunteers, asked.seed, asked.meetings), "day")
    else:
        extras = {"work": asked.work, "bans": asked.bans}
        made = Document(generate.problem(asked.orders, asked.volunteers, asked.seed, asked.days, **extras))
    _write(document.dump(replace(made, seed=asked.seed).to_dict()), asked.out)
    return DONE


def _schema(asked: argparse.Namespace) -> int:
    sys.stdout.write(schema_text())
    return DONE


def _warm(asked: argparse.Namespace) -> int:
    from dispatch.warm import warm

    if hasattr(os, "nice"):
        os.nice(5)  # whoever is served meanwhile goes first
    warm()
    return DONE


def schema_text() -> str:
    """The JSON Schema of a problem document, as shipped."""
    return files("dispatch").joinpath("problem.schema.json").read_text(encoding="utf-8")


def _both(asked: argparse.Namespace) -> tuple[Document, Plan]:
    if asked.problem == asked.plan == "-":
        raise Refused("only one of problem and plan can come from standard input")
    given = _document(asked)
    asked.reading = asked.plan
    return given, document.read_plan(_text(asked.plan))


def _document(asked: argparse.Namespace) -> Document:
    asked.reading = asked.problem
    return document.read(_text(asked.problem))


def _text(name: str) -> bytes:
    """What is in a file, but never more than a byte above the limit, which is enough to refuse it."""
    most = Limits().bytes + 1
    try:
        if name == "-":
            return sys.stdin.buffer.read(most)
        with Path(name).open("rb") as file:
            return file.read(most)
    except OSError as failure:
        raise Refused(f"{name}: {failure.strerror}") from None


def _write(text: str, name: str | None) -> None:
    try:
        if name is None:
            sys.stdout.write(text)
        else:
            Path(name).write_text(text, encoding="utf-8")
    except BrokenPipeError:
        raise
    except OSError as failure:
        raise Refused(f"{name}: {failure.strerror}") from None
