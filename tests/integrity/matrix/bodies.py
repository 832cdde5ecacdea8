"""What is sent to each door: enough for the door to look at who asks, where it would else refuse the form first."""

from __future__ import annotations

from typing import Any

from tests.integrity.matrix.expected import Door

REASON = {"reason": "要核实一下"}
BODIES: dict[str, dict[str, Any]] = {
    "guardian": {"name": "李父", "relation": "父亲"},
    "return": REASON, "rejection": REASON, "cancellation": REASON, "reopening": REASON, "dispute": REASON,
    "handback": REASON, "question": REASON, "merge": {"into": "0" * 20},
    "transfer": {"office_id": "0" * 20, **REASON}, "classification": {"item": "errand"}, "extension": {"minutes": "30"},
    "note": {"words": "记一笔"}, "notes": {"words": "记一笔"}, "resolution": {"resolution": "打过电话了"},
    "portrait/removal": {"reason": "unclear"},
    "rating": {"stars": 3}, "rating/words": {"words": "很好"}, "word": {"stars": 3}, "hours": {"minutes": 30, **REASON},
    "automatic": {"on": "1"}, "split": {"by": "people", "number": 1},
    "correction": {"minutes": 30, **REASON}, "reveal": {"reason": "call"}, "offers": {"volunteer_id": "0" * 20},
}  # fmt: skip
"""By the end of the path, or by the word of a step."""
OWN: dict[str, dict[str, Any]] = {
    "/api/v1/orders/<order_id>/reveal": {"reason": "call", "fields": ["contact_phone"]},
}


def body(door: Door, words: tuple[tuple[str, str], ...], ids: dict[str, str]) -> dict[str, Any]:
    if door.method == "GET":
        return {}
    if door.path in OWN:
        return OWN[door.path]
    parts = door.path.split("/")
    for end in ("/".join(parts[-2:]), words[0][1] if words else parts[-1]):
        if end in BODIES:
            return {
                name: ids.get(name, value) if name == "volunteer_id" else value for name, value in BODIES[end].items()
            }
    return {}
