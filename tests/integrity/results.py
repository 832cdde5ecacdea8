"""What a run of `make integrity` leaves behind: integrity.json and integrity.md beside the engine's figures."""

from __future__ import annotations

from tests.bench.book import Book
from tests.integrity.bars import FAMILIES, Bar, Part, Size

_book = Book("integrity", list(FAMILIES), "Integrity: what was tried and what came of it", "make integrity")


def report(family: str, bar: Bar, size: Size) -> None:
    """One line for one bar."""
    _book.report(family, bar, quick=size.quick, seed=size.seed)


def broken(title: str, why: str) -> Bar:
    """A family that came to no end: that is a bar missed, not one left out."""
    return Bar(title, [Part("broken off", 1, "==", 0)], why=why)


def exit_code(strict: bool) -> int:
    """1 when a bar was missed; `strict`: or could not be run."""
    return _book.exit_code(strict)


def write(families: list[str], quick: bool) -> None:
    """Put this run's lines in place of earlier ones of the same families; the others keep theirs."""
    _book.write(families, quick)
