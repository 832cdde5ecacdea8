"""What may be done to what, written down a second time: by hand from the domain's words, not from models/states.py.

`ASKED[action]` maps each status in which a person may ask for that to the status which follows; any other status is a
refusal. `EDGES` are the moves of the journal. `SILENT` asks are answered kindly and change nothing.
"""

from __future__ import annotations

ORDERS = (
    "submitted", "returned", "rejected", "merged", "transferred", "open", "offering", "staffed", "serving", "served",
    "rated", "closed", "unfilled", "cancelled", "no_show", "reopened", "disputed",
)  # fmt: skip
OFFERS = ("sent", "seen", "accepted", "declined", "expired", "withdrawn")
VISITS = (
    "accepted", "on_the_way", "checked_in", "checked_out", "confirmed", "handed_back", "cancelled", "no_show",
)  # fmt: skip
HOURS = ("pending", "approved", "refused")
FOLLOW_UPS = ("open", "resolved")
PLANS = ("preview", "published", "discarded", "withdrawn")
STATUSES = {
    "orders": ORDERS, "offers": OFFERS, "visits": VISITS, "hours": HOURS, "follow_ups": FOLLOW_UPS, "runs": PLANS,
}  # fmt: skip

LIVE_OFFER = ("sent", "seen")
COMING = ("accepted", "on_the_way")
BUSY = (*COMING, "checked_in")
SEEKING = ("open", "offering")
REFILLS = (*SEEKING, "staffed", "unfilled")


def _all(statuses: tuple[str, ...], after: str | None = None) -> dict[str, str]:
    """Each of these leads to `after`, or stays as it is."""
    return {status: after or status for status in statuses}


ASKED: dict[str, dict[str, dict[str, str]]] = {
    "orders": {
        "approve": {"submitted": "open", "reopened": "open"},
        "send back": {"submitted": "returned"},
        "reject": {"submitted": "rejected", "returned": "rejected"},
        "merge": _all(("submitted", "returned", "open", "offering", "unfilled"), "merged"),
        "transfer": _all(("submitted", "open", "unfilled"), "transferred"),
        "receive": {"transferred": "submitted"},
        "classify": _all(("submitted", "returned", "reopened", "open", "unfilled")),
        "note": _all(ORDERS),
        "resubmit": {"returned": "submitted", "submitted": "submitted"},  # not sent back, it is an amendment
        "amend words by desk": _all(("submitted", "returned", "reopened", "unfilled", "open", "offering")),
        "amend time by desk": _all(("submitted", "returned", "reopened", "unfilled", "open", "offering")),
        "extend": _all(("submitted", "returned", "reopened", "unfilled", "open", "offering")),
        "cancel": _all(
            ("submitted", "returned", "open", "offering", "staffed", "unfilled", "reopened", "transferred"), "cancelled"
        ),
        "ask after": {"staffed": "staffed"},
        "redispatch": {"unfilled": "open", "open": "open", "offering": "offering"},
        "escalate": _all(("open", "offering", "unfilled", "submitted")),
        "offer by hand": _all(("open", "offering", "unfilled"), "offering"),
        "claim": _all(("open", "offering", "unfilled")),
        "keep reserve": _all(("open", "offering", "unfilled", "staffed")),
        "rate": {"served": "closed"},
        "rate badly": {"served": "rated"},
        "add words": _all(("rated", "closed", "disputed")),
        "reopen": _all(("served", "rated", "closed", "no_show", "disputed"), "reopened"),
        "dispute": _all(("served", "rated", "closed", "no_show"), "disputed"),
        "resolve": {"disputed": "closed"},
    },
    "offers": {
        "see": {"sent": "seen"},
        "accept": _all(LIVE_OFFER, "accepted"),
        "decline": _all(LIVE_OFFER, "declined"),
        "withdraw": _all(LIVE_OFFER, "withdrawn"),
    },
    "visits": {
        "depart": {"accepted": "on_the_way"},
        "check in": _all(COMING, "checked_in"),
        "check in with a wrong code": {},
        "check out": {"checked_in": "checked_out"},
        "hand back": _all(COMING, "handed_back"),
        "vouch check-in": _all(COMING, "checked_in"),
        "vouch check-out": {"checked_in": "checked_out"},
        "take off": _all(COMING, "cancelled"),
        "miss": _all(COMING, "no_show"),
        "word": _all(("checked_out", "confirmed")),
        "question": _all(VISITS),
        "enter hours": _all(("checked_out", "confirmed")),
    },
    "hours": {"approve hours": {"pending": "approved"}, "refuse hours": {"pending": "refused"}},
    "follow_ups": {"resolve follow-up": {"open": "resolved"}},
    "runs": {
        "publish": {"preview": "published"},
        "discard": {"preview": "discarded"},
        "undo": {"published": "withdrawn"},
    },
}
SILENT: dict[str, tuple[str, ...]] = {
    "see": ("seen", "accepted", "declined", "expired", "withdrawn"),
    "decline": ("accepted", "declined", "expired", "withdrawn"),
    "accept": ("accepted",),
    "depart": ("on_the_way", "checked_in"),
    "check in": ("checked_in",),
    "check in with a wrong code": ("checked_in",),
    "check out": ("checked_out", "confirmed"),
    "hand back": ("handed_back",),
    "claim": ("open", "offering", "unfilled", "staffed", "serving"),  # by who holds a place on it
    "keep reserve": ORDERS,  # by who is a reserve
}


def _edges(*rows: tuple[str, str, str]) -> dict[tuple[str, str], str]:
    return {(before, move): after for befores, move, after in rows for before in befores.split()}


EDGES: dict[str, dict[tuple[str, str], str]] = {
    "orders": _edges(
        ("submitted", "return", "returned"),
        ("returned", "resubmit", "submitted"),
        ("submitted returned", "reject", "rejected"),
        ("submitted returned open offering unfilled", "merge", "merged"),
        ("submitted open unfilled", "transfer", "transferred"),
        ("transferred", "receive", "submitted"),
        ("submitted reopened", "approve", "open"),
        ("open", "offer", "offering"),
        ("offering", "wait", "open"),
        ("open offering unfilled", "staff", "staffed"),
        ("staffed", "unstaff", "open"),
        ("open offering", "give_up", "unfilled"),
        ("unfilled", "retry", "open"),
        ("open offering staffed unfilled", "start", "serving"),
        ("serving", "finish", "served"),
        ("served", "rate", "rated"),
        ("served rated no_show unfilled", "close", "closed"),
        ("submitted returned open offering staffed unfilled reopened transferred", "cancel", "cancelled"),
        ("staffed serving", "miss", "no_show"),
        ("served rated closed no_show disputed", "reopen", "reopened"),
        ("served rated closed no_show", "dispute", "disputed"),
        ("disputed", "resolve", "closed"),
    ),
    "offer": _edges(
        ("sent", "see", "seen"),
        ("sent seen", "accept", "accepted"),
        ("sent seen", "decline", "declined"),
        ("sent seen", "expire", "expired"),
        ("sent seen", "withdraw", "withdrawn"),
    ),
    "assignment": _edges(
        ("accepted", "depart", "on_the_way"),
        ("accepted on_the_way", "check_in", "checked_in"),
        ("checked_in", "check_out", "checked_out"),
        ("checked_out", "confirm", "confirmed"),
        ("accepted on_the_way", "hand_back", "handed_back"),
        ("accepted on_the_way", "cancel", "cancelled"),
        ("accepted on_the_way", "miss", "no_show"),
    ),
}
UNREACHABLE: dict[tuple[str, str, str], str] = {
    ("orders", "no_show", "close"): "no verb asks for it: a missed order waits to be reopened or disputed",
    ("orders", "offering", "give_up"): "offers run out before it is too late to begin, and the tick ends them first",
    ("orders", "unfilled", "start"): "an order is not given up while somebody is to come",
    ("orders", "serving", "miss"): "somebody has arrived, and whoever has arrived ends as having been there",
    (
        "orders",
        "unfilled",
        "close",
    ): "no verb asks for it: an unfilled order is retried, merged, handed on or cancelled",
}
"""Moves the tables allow and no door leads to, each with the reason."""
