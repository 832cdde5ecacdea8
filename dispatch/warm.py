"""Compiled code made ahead of time: whoever asks first after an update need not wait for the compiler."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

ENGINE = Path(__file__).parent
IMPORT = re.compile(r"^ *from (dispatch[\w.]*) import (\w+)", re.MULTILINE)


def edition() -> str:
    """A name for the code that is compiled as it stands: all modules with compiled loops and all that these import.
    numba looks only at the file of a function when it asks whether what it kept is still good, not at the functions
    and numbers in there that come from other files."""
    texts = {path: path.read_text(encoding="utf-8") for path in ENGINE.rglob("*.py")}
    loops = {path for path, text in texts.items() if "from dispatch.compiled import" in text}
    used = {path for one in loops for module, name in IMPORT.findall(texts[one]) for path in _places(module, name)}
    code = hashlib.blake2b(digest_size=8)
    for path in sorted(loops | (used & texts.keys())):
        code.update(texts[path].encode())
    return code.hexdigest()


def _places(module: str, name: str) -> list[Path]:
    """Where `from module import name` may find it: the module, or a module of that name in the package."""
    at = ENGINE.parent.joinpath(*module.split("."))
    return [at.with_suffix(".py"), at / f"{name}.py"]


def kept_in() -> Path:
    """Where this edition's compiled code is kept on disk."""
    return ENGINE / "__pycache__" / f"compiled-{edition()}"


def is_warm() -> bool:
    """Whether warm() has been here before; does not load the compiler."""
    return _mark().exists()


def warm() -> None:
    """Solve something small in every way; about a minute when all is to be compiled, seconds when it is on disk.
    Does nothing without numba."""
    from dispatch.compiled import COMPILED

    if COMPILED:
        for way in WAYS:
            way()
        if kept_in().is_dir():
            _mark().touch()


def _mark() -> Path:
    return kept_in() / "complete"


def _instant() -> None:
    from dispatch import Weights, generate
    from dispatch.fast.problems import match_problem
    from dispatch.instant.matching import Stages

    for orders, volunteers in ((40, 400), (200, 100)):  # people in plenty, and scarce
        match_problem(generate.problem(orders, volunteers, 0, work=0.2, bans=0.5), Weights(), 0, Stages(60.0))


def _day() -> None:
    from dispatch import generate, solve

    for meetings in (0.0, 0.3):
        solve(generate.day(40, 20, 0, meetings), mode="day")


def _urgent() -> None:
    from dispatch import Desk, generate

    problem = generate.problem(5, 200, 0, work=0.2, bans=0.5)
    Desk(problem).best(problem.orders[0])


WAYS: tuple[Callable[[], None], ...] = (_instant, _day, _urgent)
