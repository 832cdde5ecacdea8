"""The numbers of a made-up city, read from a TOML file that says which are published and which are assumed."""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("city.toml")


class FiguresError(ValueError):
    """A figure that the file does not know or that cannot be; the message names it."""


@dataclass(frozen=True)
class Figures:
    """The sections of the file as plain values (units: see city.toml)."""

    town: Mapping[str, Any]
    arrivals: Mapping[str, Any]
    kinds: tuple[Mapping[str, Any], ...]
    people: Mapping[str, Any]

    def but(self, **changes: Any) -> "Figures":
        """The same city with some figures changed, named section_figure: but(town_volunteers=200)."""
        parts = {name: dict(getattr(self, name)) for name in ("town", "arrivals", "people")}
        for name, value in changes.items():
            section, _, figure = name.partition("_")
            if section not in parts or figure not in parts[section]:
                raise FiguresError(f"there is no figure {name}")
            parts[section][figure] = value
        return Figures(parts["town"], parts["arrivals"], self.kinds, parts["people"])


def figures(path: Path = FILE) -> Figures:
    """The figures of a file; FiguresError where a section is missing."""
    data = deepcopy(_read(path))
    try:
        return Figures(data["town"], data["arrivals"], tuple(data["kinds"]), data["people"])
    except KeyError as missing:
        raise FiguresError(f"{path.name} has no section {missing}") from None


@cache
def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
