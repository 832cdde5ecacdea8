"""Problems and plans as they are kept with a run: whole, but folded small (a city's snapshot is a megabyte of JSON)."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

_FOLDED = "zlib"


def fold(data: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return {_FOLDED: base64.b85encode(zlib.compress(text.encode(), 6)).decode("ascii")}


def unfold(kept: dict[str, Any]) -> dict[str, Any]:
    """The inverse of fold(); what was never folded is given back as it is."""
    if _FOLDED not in kept:
        return kept
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b85decode(kept[_FOLDED])))
    return found
