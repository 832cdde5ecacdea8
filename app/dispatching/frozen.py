"""A problem as it is kept with its run: whole, but folded small (a city's snapshot is a megabyte of JSON)."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from dispatch import Problem

_FOLDED = "zlib"
_LEVEL = 3


def fold(problem: Problem) -> dict[str, str]:
    """The text of `problem.to_dict()`, packed. Written out here, for a run should not wait half a second for it."""
    text = json.dumps(problem, default=_plain, separators=(",", ":"), ensure_ascii=False)
    return {_FOLDED: base64.b85encode(zlib.compress(text.encode(), _LEVEL)).decode("ascii")}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return {name: getattr(value, name) for name in value.__slots__}


def fold_plain(value: Any) -> dict[str, str]:
    """Any plain JSON, packed the same way."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return {_FOLDED: base64.b85encode(zlib.compress(text.encode(), _LEVEL)).decode("ascii")}


def unfold_plain(kept: dict[str, Any]) -> Any:
    """The inverse of fold_plain()."""
    return json.loads(text_of(kept))


def text_of(kept: dict[str, Any]) -> str:
    """The text that was packed; of a run kept before anything was packed, its own."""
    packed = kept.get(_FOLDED)
    return zlib.decompress(base64.b85decode(packed)).decode() if packed else json.dumps(kept, ensure_ascii=False)


def unfold(kept: dict[str, Any]) -> Problem:
    """The inverse of fold()."""
    return Problem.from_dict(unfold_plain(kept))
