"""Every action of the loop: to what, by whom, through which door, when it must succeed, what else may change by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.integrity.machine.facts import Row
from tests.integrity.machine.model import COMING, LIVE_OFFER, REFILLS, SEEKING
from tests.integrity.machine.ways import (
    MINUTE,
    Scene,
    Sender,
    another,
    anyone,
    arrival,
    arrives_in_time,
    begun,
    by_hand,
    by_resident,
    desk,
    desk_amends,
    due,
    elsewhere,
    eyes,
    form,
    four_eyes,
    has_above,
    has_time,
    holds_place,
    in_time,
    is_reserve,
    may_answer,
    may_send_in,
    maybe,
    minutes,
    new_words,
    other_day,
    owner,
    post,
    volunteer,
    wrong_code,
)

Change = tuple[str, str, str]
"""Table, status before, status after."""
KEYED = frozenset({
    "accept", "claim", "check in", "check out", "rate", "word", "approve", "send back", "reject", "receive", "note",
    "cancel", "redispatch", "escalate", "reopen", "dispute", "resolve", "withdraw", "hand back", "vouch check-in",
    "vouch check-out", "take off", "miss", "question", "approve hours", "refuse hours", "resolve follow-up",
})  # fmt: skip
"""What is asked for with a key, and can be asked for again in the same words."""


@dataclass(frozen=True)
class Action:
    """`sure` says whether it must be done where the status allows it: True, False (it must be refused), None (either).
    `only` says which rows it is about at all, `again` whether a kind answer that changes nothing is for this person.

    `side` is what may change besides; `makes` the tables that may get new rows.
    """

    name: str
    table: str
    by: Callable[[Scene, Row], str]
    send: Sender
    sure: Callable[[Scene, Row], bool | None] = lambda _scene, _row: True
    side: frozenset[Change] = frozenset()
    makes: frozenset[str] = frozenset()
    only: Callable[[Scene, Row], bool] = lambda _scene, _row: True
    again: Callable[[Scene, Row, str], bool] = lambda _scene, _row, _who: True


def _changes(table: str, befores: tuple[str, ...], *afters: str) -> frozenset[Change]:
    return frozenset((table, before, after) for before in befores for after in afters)


WITHDRAWN = _changes("offers", LIVE_OFFER, "withdrawn")
CANCELLED = _changes("visits", COMING, "cancelled")
CONFIRMED = _changes("visits", ("checked_out",), "confirmed")
SETTLED = _changes("orders", ("offering",), "open")
FILLED = _changes("orders", (*SEEKING, "unfilled"), "staffed")
REFILLED = _changes("orders", REFILLS, "open", "offering")
FINISHED = _changes("orders", ("serving",), "served")
TAKEN = WITHDRAWN | SETTLED | FILLED
LEFT = REFILLED | FINISHED
STARTED = WITHDRAWN | _changes("orders", REFILLS, "serving")
RATED = CONFIRMED | _changes("orders", ("rated",), "closed")
BY_ITSELF = (
    WITHDRAWN | REFILLED | FILLED | CONFIRMED
    | _changes("offers", LIVE_OFFER, "expired")
    | _changes("orders", ("returned",), "cancelled")
    | _changes("orders", SEEKING, "unfilled", "staffed")
    | _changes("orders", ("served", "rated"), "closed")
)  # fmt: skip
"""What the clock and the dispatch do without being asked."""
OFFERS = frozenset({"offers"})


REASON = {"reason": "不方便"}
_STARS = {"stars": 3, "outcome": "done", "tags": [], "words": ""}
_ACTIONS = (
    Action("approve", "orders", desk, post("orders/{id}/approval", {}), has_time(15 * MINUTE)),
    Action("send back", "orders", desk, post("orders/{id}/return", REASON)),
    Action("reject", "orders", desk, post("orders/{id}/rejection", REASON)),
    Action("merge", "orders", desk, post("orders/{id}/merge", another), maybe, WITHDRAWN | CANCELLED),
    Action("transfer", "orders", desk, post("orders/{id}/transfer", elsewhere), side=WITHDRAWN | CANCELLED),
    Action("receive", "orders", desk, post("orders/{id}/reception", {})),
    Action(
        "classify", "orders", desk,
        post("orders/{id}/classification", lambda scene, _row: {"item": scene.dice.choice(("escort", "errand"))}),
    ),
    Action("note", "orders", desk, post("orders/{id}/notes", {"words": "打过电话"})),
    Action("resubmit", "orders", owner, form("/orders/{id}/amendment", words=new_words), only=may_send_in),
    Action(
        "amend words by desk", "orders", desk, form("/orders/{id}/amendment", words=new_words), only=desk_amends,
    ),
    Action(
        "amend time by desk", "orders", desk,
        form("/orders/{id}/amendment", words=new_words, day="other", on=other_day, part="morning"), maybe,
        WITHDRAWN | SETTLED, only=desk_amends,
    ),
    Action(
        "extend", "orders", desk, form("/desk/orders/{id}/extension", minutes="30"), maybe, WITHDRAWN | SETTLED,
    ),
    Action(
        "cancel", "orders", owner, post("orders/{id}/cancellation", {"reason": "不需要了"}),
        side=WITHDRAWN | CANCELLED,
    ),
    Action("ask after", "orders", owner, form("/orders/{id}/question"), due, only=by_resident),
    Action("redispatch", "orders", desk, post("orders/{id}/redispatch"), has_time(timedelta())),
    Action("escalate", "orders", desk, post("orders/{id}/escalation"), has_above),
    Action("offer by hand", "orders", desk, post("orders/{id}/offers", by_hand), maybe, makes=OFFERS),
    Action(
        "claim", "orders", anyone, post("orders/{id}/claim"), maybe,
        TAKEN | _changes("offers", LIVE_OFFER, "accepted") | _changes("orders", ("unfilled",), "open"),
        frozenset({"visits"}), again=holds_place,
    ),
    Action("keep reserve", "orders", anyone, post("orders/{id}/reserve"), maybe, again=is_reserve),
    Action(
        "rate", "orders", owner, post("orders/{id}/rating", _STARS),
        side=RATED | _changes("orders", ("served",), "rated"),  # it stays open while a record is questioned
    ),
    Action(
        "rate badly", "orders", owner, post("orders/{id}/rating", {**_STARS, "stars": 1}), side=CONFIRMED,
        makes=frozenset({"follow_ups"}),
    ),
    Action(
        "add words", "orders", owner, post("orders/{id}/rating/words", {"words": "很细心"}), maybe,
        makes=frozenset({"follow_ups"}),
    ),
    Action(
        "reopen", "orders", owner, post("orders/{id}/reopening", REASON), side=CONFIRMED | _changes(
            "orders", ("reopened",), "open"), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "dispute", "orders", owner, post("orders/{id}/dispute", REASON), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "resolve", "orders", desk, post("orders/{id}/dispute/resolution", {"resolution": "谈过了"}), side=CONFIRMED,
    ),
    Action("see", "offers", volunteer, post("offers/{id}"), in_time),
    Action("accept", "offers", volunteer, post("offers/{id}/acceptance"), may_answer, TAKEN, frozenset({"visits"})),
    Action("decline", "offers", volunteer, post("offers/{id}/refusal", {}), in_time, REFILLED, OFFERS),
    Action("withdraw", "offers", desk, post("offers/{id}/withdrawal"), side=SETTLED),
    Action("depart", "visits", volunteer, post("assignments/{id}/departure")),
    Action("check in", "visits", volunteer, post("assignments/{id}/check-in", arrival), arrives_in_time, STARTED),
    Action("check in with a wrong code", "visits", volunteer, post("assignments/{id}/check-in", wrong_code)),
    Action(
        "check out", "visits", volunteer, post("assignments/{id}/check-out", {"note": ""}), side=FINISHED,
        makes=frozenset({"hours"}),
    ),
    Action("hand back", "visits", volunteer, post("assignments/{id}/handback", REASON), side=LEFT, makes=OFFERS),
    Action("vouch check-in", "visits", desk, post("assignments/{id}/vouched-check-in", {}), side=STARTED),
    Action(
        "vouch check-out", "visits", desk, post("assignments/{id}/vouched-check-out", {}), side=FINISHED,
        makes=frozenset({"hours"}),
    ),
    Action("take off", "visits", desk, post("assignments/{id}/cancellation", REASON), side=LEFT, makes=OFFERS),
    Action(
        "miss", "visits", desk, post("assignments/{id}/no-show"), begun,
        LEFT | _changes("orders", ("staffed", "serving"), "no_show"), OFFERS,
    ),
    Action("word", "visits", volunteer, post("assignments/{id}/word", {"stars": 3}), maybe),
    Action(
        "question", "visits", volunteer, post("assignments/{id}/question", REASON), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "enter hours", "visits", eyes, post("assignments/{id}/hours", minutes),
        side=_changes("hours", ("pending",), "refused"), makes=frozenset({"hours"}),
    ),
    Action("approve hours", "hours", eyes, post("hours/{id}/approval"), four_eyes),
    Action("refuse hours", "hours", eyes, post("hours/{id}/refusal", {}), four_eyes),
    Action(
        "resolve follow-up", "follow_ups", desk, post("follow-ups/{id}/resolution", {"resolution": "已回访"}),
        side=RATED,
    ),
    Action(
        "publish", "runs", desk, post("day-plans/{id}/publication"), maybe, BY_ITSELF,
        frozenset({"offers"}),
    ),
    Action("discard", "runs", desk, post("day-plans/{id}/discarding")),
    Action("undo", "runs", desk, post("day-plans/{id}/withdrawal"), maybe, WITHDRAWN | SETTLED),
)  # fmt: skip
ACTIONS: Mapping[str, Action] = {action.name: action for action in _ACTIONS}
WRONG: dict[str, tuple[str, ...]] = {
    "desk": ("stranger", "watcher", "owner", "v0"),
    "owner": ("stranger", "watcher", "neighbour", "owner", "v1"),
    "volunteer": ("v0", "v1", "v2", "v3", "owner", "desk"),
    "anyone": ("owner", "desk", "watcher"),
    "eyes": ("stranger", "watcher", "owner", "v0"),
}
"""Who has no business with it, by whose business it is."""


def wrong_ones(scene: Scene, action: Action, row: Row) -> list[str]:
    """Everybody who must be refused whatever the status."""
    right = action.by(scene, row)
    out = [name for name in WRONG[action.by.__name__] if name != right]
    if action.name == "dispute":  # whoever served may object too
        served = {one["volunteer_id"] for one in scene.rows.visits.values() if one["order_id"] == row["id"]}
        out = [name for name in out if scene.people.volunteers.get(name) not in served]
    if action.name.startswith("amend"):  # one door for the desk and for whoever asked
        out = [name for name in out if name not in scene.people.residents]
    if action.name == "escalate":
        out = [name for name in out if name != "watcher"]
    if action.name == "question" or action.table == "runs":
        out = [name for name in out if name in ("stranger", "watcher", "owner")]
    return out


_FOUND = ("approve", "@dispatch", "offer by hand", "accept")
_SERVED = (*_FOUND, "@start", "check in", "@end", "check out")
STORIES: dict[str, tuple[str, ...]] = {
    "returned": ("send back",),
    "transferred": ("transfer",),
    "offering": _FOUND[:-1],
    "seen": (*_FOUND[:-1], "see"),
    "staffed": _FOUND,
    "on the way": (*_FOUND, "depart"),
    "late on the way": (*_FOUND, "depart", "@start"),
    "lost on the way": (*_FOUND, "depart", "@over"),
    "unfilled with time": ("approve", "@over", "amend time by desk"),
    "serving": _SERVED[:-2],
    "served": _SERVED,
    "rated": (*_SERVED, "rate badly"),
    "closed": (*_SERVED, "rate"),
    "disputed": (*_SERVED, "dispute"),
    "reopened": (*_SERVED, "@over", "reopen"),
    "no show": (*_FOUND, "@over", "miss"),
    "unfilled": ("approve", "@over"),
    "planned": ("approve", "@plan"),
    "wanted again": ("approve", "@over", "amend time by desk", "claim"),
    "hours": (*_FOUND, "@start", "vouch check-in", "@end", "vouch check-out"),
}
"""Ways by which an order comes to a status that is rare; a step that is refused is left out."""
