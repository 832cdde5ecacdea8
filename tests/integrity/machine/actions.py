"""Every action of the loop: to what, by whom, through which door, when it must succeed, what else may change by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.integrity.machine import ways
from tests.integrity.machine.facts import Row
from tests.integrity.machine.model import COMING, LIVE_OFFER, REFILLS, SEEKING
from tests.integrity.machine.ways import Scene, Sender

Change = tuple[str, str, str]
"""Table, status before, status after."""
KEYED = frozenset({"accept", "claim", "check in", "check out", "rate", "word"})


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
    Action("approve", "orders", ways.desk, ways.post("orders/{id}/approval", {}), ways.has_time(15 * ways.MINUTE)),
    Action("send back", "orders", ways.desk, ways.post("orders/{id}/return", REASON)),
    Action("reject", "orders", ways.desk, ways.post("orders/{id}/rejection", REASON)),
    Action("merge", "orders", ways.desk, ways.post("orders/{id}/merge", ways.another), ways.maybe, WITHDRAWN | CANCELLED),
    Action("transfer", "orders", ways.desk, ways.post("orders/{id}/transfer", ways.elsewhere), side=WITHDRAWN | CANCELLED),
    Action("receive", "orders", ways.desk, ways.post("orders/{id}/reception", {})),
    Action(
        "classify", "orders", ways.desk,
        ways.post("orders/{id}/classification", lambda scene, _row: {"item": scene.dice.choice(("escort", "errand"))}),
    ),
    Action("note", "orders", ways.desk, ways.post("orders/{id}/notes", {"words": "打过电话"})),
    Action("resubmit", "orders", ways.owner, ways.form("/orders/{id}/amendment", words=ways.new_words), only=ways.by_resident),
    Action(
        "amend words by desk", "orders", ways.desk, ways.form("/orders/{id}/amendment", words=ways.new_words),
    ),
    Action(
        "amend time by desk", "orders", ways.desk,
        ways.form("/orders/{id}/amendment", words=ways.new_words, day="other", on=ways.other_day, part="morning"), ways.maybe,
        WITHDRAWN | SETTLED,
    ),
    Action(
        "extend", "orders", ways.desk, ways.form("/desk/orders/{id}/extension", minutes="30"), ways.maybe, WITHDRAWN | SETTLED,
    ),
    Action(
        "cancel", "orders", ways.owner, ways.post("orders/{id}/cancellation", {"reason": "不需要了"}),
        side=WITHDRAWN | CANCELLED,
    ),
    Action("ask after", "orders", ways.owner, ways.form("/orders/{id}/question"), ways.due),
    Action("redispatch", "orders", ways.desk, ways.post("orders/{id}/redispatch"), ways.has_time(timedelta())),
    Action("escalate", "orders", ways.desk, ways.post("orders/{id}/escalation"), ways.has_above),
    Action("offer by hand", "orders", ways.desk, ways.post("orders/{id}/offers", ways.by_hand), ways.maybe, makes=OFFERS),
    Action(
        "claim", "orders", ways.anyone, ways.post("orders/{id}/claim"), ways.maybe,
        TAKEN | _changes("offers", LIVE_OFFER, "accepted"), frozenset({"visits"}), again=ways.holds_place,
    ),
    Action("keep reserve", "orders", ways.anyone, ways.post("orders/{id}/reserve"), ways.maybe, again=ways.is_reserve),
    Action("rate", "orders", ways.owner, ways.post("orders/{id}/rating", _STARS), side=RATED),
    Action(
        "rate badly", "orders", ways.owner, ways.post("orders/{id}/rating", {**_STARS, "stars": 1}), side=CONFIRMED,
        makes=frozenset({"follow_ups"}),
    ),
    Action(
        "add words", "orders", ways.owner, ways.post("orders/{id}/rating/words", {"words": "很细心"}), ways.maybe,
        makes=frozenset({"follow_ups"}),
    ),
    Action(
        "reopen", "orders", ways.owner, ways.post("orders/{id}/reopening", REASON), side=CONFIRMED | _changes(
            "orders", ("reopened",), "open"), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "dispute", "orders", ways.owner, ways.post("orders/{id}/dispute", REASON), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "resolve", "orders", ways.desk, ways.post("orders/{id}/dispute/resolution", {"resolution": "谈过了"}), side=CONFIRMED,
    ),
    Action("see", "offers", ways.volunteer, ways.post("offers/{id}"), ways.in_time),
    Action("accept", "offers", ways.volunteer, ways.post("offers/{id}/acceptance"), ways.may_answer, TAKEN, frozenset({"visits"})),
    Action("decline", "offers", ways.volunteer, ways.post("offers/{id}/refusal", {}), ways.in_time, REFILLED, OFFERS),
    Action("withdraw", "offers", ways.desk, ways.post("offers/{id}/withdrawal"), side=SETTLED),
    Action("depart", "visits", ways.volunteer, ways.post("assignments/{id}/departure")),
    Action("check in", "visits", ways.volunteer, ways.post("assignments/{id}/check-in", ways.arrival), ways.arrives_in_time, STARTED),
    Action("check in with a wrong code", "visits", ways.volunteer, ways.post("assignments/{id}/check-in", ways.wrong_code)),
    Action(
        "check out", "visits", ways.volunteer, ways.post("assignments/{id}/check-out", {"note": ""}), side=FINISHED,
        makes=frozenset({"hours"}),
    ),
    Action("hand back", "visits", ways.volunteer, ways.post("assignments/{id}/handback", REASON), side=LEFT, makes=OFFERS),
    Action("vouch check-in", "visits", ways.desk, ways.post("assignments/{id}/vouched-check-in", {}), side=STARTED),
    Action(
        "vouch check-out", "visits", ways.desk, ways.post("assignments/{id}/vouched-check-out", {}), side=FINISHED,
        makes=frozenset({"hours"}),
    ),
    Action("take off", "visits", ways.desk, ways.post("assignments/{id}/cancellation", REASON), side=LEFT, makes=OFFERS),
    Action(
        "miss", "visits", ways.desk, ways.post("assignments/{id}/no-show"), ways.begun,
        LEFT | _changes("orders", ("staffed", "serving"), "no_show"), OFFERS,
    ),
    Action("word", "visits", ways.volunteer, ways.post("assignments/{id}/word", {"stars": 3}), ways.maybe),
    Action(
        "question", "visits", ways.volunteer, ways.post("assignments/{id}/question", REASON), makes=frozenset({"follow_ups"}),
    ),
    Action("enter hours", "visits", ways.eyes, ways.post("assignments/{id}/hours", ways.minutes), makes=frozenset({"hours"})),
    Action("approve hours", "hours", ways.eyes, ways.post("hours/{id}/approval"), ways.four_eyes),
    Action("refuse hours", "hours", ways.eyes, ways.post("hours/{id}/refusal", {}), ways.four_eyes),
    Action(
        "resolve follow-up", "follow_ups", ways.desk, ways.post("follow-ups/{id}/resolution", {"resolution": "已回访"}),
        side=RATED,
    ),
    Action(
        "publish", "runs", ways.desk, ways.post("day-plans/{id}/publication"), ways.maybe, BY_ITSELF,
        frozenset({"offers"}),
    ),
    Action("discard", "runs", ways.desk, ways.post("day-plans/{id}/discarding")),
    Action("undo", "runs", ways.desk, ways.post("day-plans/{id}/withdrawal"), ways.maybe, WITHDRAWN | SETTLED),
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
    "serving": _SERVED[:-2],
    "served": _SERVED,
    "rated": (*_SERVED, "rate badly"),
    "closed": (*_SERVED, "rate"),
    "disputed": (*_SERVED, "dispute"),
    "reopened": (*_SERVED, "@over", "reopen"),
    "no show": (*_FOUND, "@over", "miss"),
    "unfilled": ("approve", "@over"),
    "hours": (*_FOUND, "@start", "vouch check-in", "@end", "vouch check-out"),
}
"""Ways by which an order comes to a status that is rare; a step that is refused is left out."""
