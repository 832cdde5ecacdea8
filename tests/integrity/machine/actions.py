"""Every action of the loop: to what, by whom, through which door, when it must succeed, what else may change by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.integrity.machine.doors import Answer, Doors
from tests.integrity.machine.facts import Row, Rows
from tests.integrity.machine.model import BUSY, COMING, LIVE_OFFER, REFILLS, SEEKING
from tests.integrity.machine.town import People

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Change = tuple[str, str, str]
"""Table, status before, status after."""
KEYED = frozenset({"accept", "claim", "check in", "check out", "rate", "word"})


@dataclass
class Scene:
    """All an action may look at while it is chosen and judged. `dice` is hypothesis' choice."""

    rows: Rows
    people: People
    doors: Doors
    now: datetime
    dice: Random


@dataclass(frozen=True)
class Action:
    """`sure` says whether it must be done where the status allows it: True, False (it must be refused), None (either).
    `only` says which rows it is about at all, `again` whether a kind answer that changes nothing is for this person.

    `side` is what may change besides; `makes` the tables that may get new rows.
    """

    name: str
    table: str
    by: Callable[[Scene, Row], str]
    send: Callable[[Scene, str, Row, str | None], Answer]
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


# ---------- who ----------


def _desk(_scene: Scene, _row: Row) -> str:
    return "desk"


def _owner(scene: Scene, row: Row) -> str:
    """Whoever asked for the order; the desk, where nobody else can."""
    accounts = {account: name for name, account in scene.people.accounts.items()}
    found = accounts.get(row["requester_id"], "desk")
    return found if found in scene.people.residents else "desk"


def _volunteer(scene: Scene, row: Row) -> str:
    return scene.people.name_of(row["volunteer_id"])


def _by_resident(scene: Scene, row: Row) -> bool:
    return _owner(scene, row) != "desk"


def _anyone(scene: Scene, _row: Row) -> str:
    return scene.dice.choice(sorted(scene.people.volunteers))


def _eyes(scene: Scene, _row: Row) -> str:
    return scene.dice.choice(("desk", "second"))


# ---------- how ----------


def _post(path: str, body: Any = None) -> Callable[[Scene, str, Row, str | None], Answer]:
    """A POST to the row's own address; `body` may depend on the scene."""

    def send(scene: Scene, who: str, row: Row, key: str | None) -> Answer:
        given = body(scene, row) if callable(body) else body
        return scene.doors.api(who, "POST", path.format(id=row["id"]), given, key)

    return send


def _form(path: str, **fields: Any) -> Callable[[Scene, str, Row, str | None], Answer]:
    def send(scene: Scene, who: str, row: Row, _key: str | None) -> Answer:
        given = {name: value(scene, row) if callable(value) else value for name, value in fields.items()}
        return scene.doors.form(who, path.format(id=row["id"]), **given)

    return send


def _another(scene: Scene, row: Row) -> dict[str, str]:
    """Another order, of any status: it must be live."""
    others = [key for key in scene.rows.orders if key != row["id"]] or [row["id"]]
    return {"into": scene.dice.choice(others)}


def _elsewhere(scene: Scene, row: Row) -> dict[str, str]:
    offices = scene.people.offices
    other = offices["neighbour"] if row["office_id"] == offices["station"] else offices["station"]
    return {"office_id": other, "reason": "归他们管"}


def _by_hand(scene: Scene, _row: Row) -> dict[str, Any]:
    return {"volunteer_id": scene.dice.choice(sorted(scene.people.volunteers.values())), "despite": True}


def _arrival(scene: Scene, row: Row) -> dict[str, Any]:
    code = scene.rows.orders[row["order_id"]]["start_code"]
    ways = ({"code": code}, {"lat": 30.27, "lon": 120.15, "accuracy": 20.0}, {})
    return dict(scene.dice.choice(ways))


def _wrong_code(scene: Scene, row: Row) -> dict[str, Any]:
    code = scene.rows.orders[row["order_id"]]["start_code"]
    return {"code": f"{(int(code) + 1) % 10_000:04d}"}


def _minutes(scene: Scene, _row: Row) -> dict[str, Any]:
    return {"minutes": scene.dice.choice((0, 30, 60, 120)), "reason": "按居民说的"}


def _new_words(scene: Scene, _row: Row) -> str:
    return f"改成第 {scene.dice.randrange(10**6)} 种说法"


def _local(moment: datetime) -> datetime:
    return moment + 8 * HOUR


def _other_day(scene: Scene, _row: Row) -> str:
    return f"{_local(scene.now) + timedelta(days=scene.dice.randint(1, 3)):%Y-%m-%d}"


# ---------- when it must ----------


def _maybe(_scene: Scene, _row: Row) -> None:
    return None


def _has_time(slack: timedelta) -> Callable[[Scene, Row], bool]:
    def sure(scene: Scene, row: Row) -> bool:
        return row["window_until"] - row["duration_minutes"] * MINUTE >= scene.now - slack

    return sure


def _in_time(scene: Scene, row: Row) -> bool:
    """An answer before the end; whether the volunteer still fits is the app's to say."""
    return scene.now < min(row["expires_at"], row["ends_at"])


def _may_answer(scene: Scene, row: Row) -> bool | None:
    return None if _in_time(scene, row) else False


def _arrives_in_time(scene: Scene, row: Row) -> bool:
    return row["starts_at"] - HOUR <= scene.now < row["ends_at"] + 24 * HOUR


def _begun(scene: Scene, row: Row) -> bool:
    return bool(scene.now >= row["starts_at"])


def _four_eyes(scene: Scene, row: Row) -> None:
    return None


def _has_above(scene: Scene, row: Row) -> bool:
    return row["escalated_to_id"] != scene.people.offices["city"]


def _due(scene: Scene, row: Row) -> bool:
    return bool(scene.now >= row["window_from"])


def _holds_place(scene: Scene, row: Row, who: str) -> bool:
    mine = scene.people.volunteers[who]
    visits = [one for one in scene.rows.visits.values() if (one["order_id"], one["volunteer_id"]) == (row["id"], mine)]
    return any(one["status"] in BUSY for one in visits)


def _is_reserve(scene: Scene, row: Row, who: str) -> bool:
    mine = scene.people.volunteers[who]
    kept = [one for one in scene.rows.reserves.values() if (one["order_id"], one["volunteer_id"]) == (row["id"], mine)]
    return any(one["left_at"] is None for one in kept)


REASON = {"reason": "不方便"}
_STARS = {"stars": 3, "outcome": "done", "tags": [], "words": ""}
_ACTIONS = (
    Action("approve", "orders", _desk, _post("orders/{id}/approval", {}), _has_time(15 * MINUTE)),
    Action("send back", "orders", _desk, _post("orders/{id}/return", REASON)),
    Action("reject", "orders", _desk, _post("orders/{id}/rejection", REASON)),
    Action("merge", "orders", _desk, _post("orders/{id}/merge", _another), _maybe, WITHDRAWN | CANCELLED),
    Action("transfer", "orders", _desk, _post("orders/{id}/transfer", _elsewhere), side=WITHDRAWN | CANCELLED),
    Action("receive", "orders", _desk, _post("orders/{id}/reception", {})),
    Action(
        "classify", "orders", _desk,
        _post("orders/{id}/classification", lambda scene, _row: {"item": scene.dice.choice(("escort", "errand"))}),
    ),
    Action("note", "orders", _desk, _post("orders/{id}/notes", {"words": "打过电话"})),
    Action("resubmit", "orders", _owner, _form("/orders/{id}/amendment", words=_new_words), only=_by_resident),
    Action(
        "amend words by desk", "orders", _desk, _form("/orders/{id}/amendment", words=_new_words),
    ),
    Action(
        "amend time by desk", "orders", _desk,
        _form("/orders/{id}/amendment", words=_new_words, day="other", on=_other_day, part="morning"), _maybe,
        WITHDRAWN | SETTLED,
    ),
    Action(
        "extend", "orders", _desk, _form("/desk/orders/{id}/extension", minutes="30"), _maybe, WITHDRAWN | SETTLED,
    ),
    Action(
        "cancel", "orders", _owner, _post("orders/{id}/cancellation", {"reason": "不需要了"}),
        side=WITHDRAWN | CANCELLED,
    ),
    Action("ask after", "orders", _owner, _form("/orders/{id}/question"), _due),
    Action("redispatch", "orders", _desk, _post("orders/{id}/redispatch"), _has_time(timedelta())),
    Action("escalate", "orders", _desk, _post("orders/{id}/escalation"), _has_above),
    Action("offer by hand", "orders", _desk, _post("orders/{id}/offers", _by_hand), _maybe, makes=OFFERS),
    Action(
        "claim", "orders", _anyone, _post("orders/{id}/claim"), _maybe,
        TAKEN | _changes("offers", LIVE_OFFER, "accepted"), frozenset({"visits"}), again=_holds_place,
    ),
    Action("keep reserve", "orders", _anyone, _post("orders/{id}/reserve"), _maybe, again=_is_reserve),
    Action("rate", "orders", _owner, _post("orders/{id}/rating", _STARS), side=RATED),
    Action(
        "rate badly", "orders", _owner, _post("orders/{id}/rating", {**_STARS, "stars": 1}), side=CONFIRMED,
        makes=frozenset({"follow_ups"}),
    ),
    Action(
        "add words", "orders", _owner, _post("orders/{id}/rating/words", {"words": "很细心"}), _maybe,
        makes=frozenset({"follow_ups"}),
    ),
    Action(
        "reopen", "orders", _owner, _post("orders/{id}/reopening", REASON), side=CONFIRMED | _changes(
            "orders", ("reopened",), "open"), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "dispute", "orders", _owner, _post("orders/{id}/dispute", REASON), makes=frozenset({"follow_ups"}),
    ),
    Action(
        "resolve", "orders", _desk, _post("orders/{id}/dispute/resolution", {"resolution": "谈过了"}), side=CONFIRMED,
    ),
    Action("see", "offers", _volunteer, _post("offers/{id}"), _in_time),
    Action("accept", "offers", _volunteer, _post("offers/{id}/acceptance"), _may_answer, TAKEN, frozenset({"visits"})),
    Action("decline", "offers", _volunteer, _post("offers/{id}/refusal", {}), _in_time, REFILLED, OFFERS),
    Action("withdraw", "offers", _desk, _post("offers/{id}/withdrawal"), side=SETTLED),
    Action("depart", "visits", _volunteer, _post("assignments/{id}/departure")),
    Action("check in", "visits", _volunteer, _post("assignments/{id}/check-in", _arrival), _arrives_in_time, STARTED),
    Action("check in with a wrong code", "visits", _volunteer, _post("assignments/{id}/check-in", _wrong_code)),
    Action(
        "check out", "visits", _volunteer, _post("assignments/{id}/check-out", {"note": ""}), side=FINISHED,
        makes=frozenset({"hours"}),
    ),
    Action("hand back", "visits", _volunteer, _post("assignments/{id}/handback", REASON), side=LEFT, makes=OFFERS),
    Action("vouch check-in", "visits", _desk, _post("assignments/{id}/vouched-check-in", {}), side=STARTED),
    Action(
        "vouch check-out", "visits", _desk, _post("assignments/{id}/vouched-check-out", {}), side=FINISHED,
        makes=frozenset({"hours"}),
    ),
    Action("take off", "visits", _desk, _post("assignments/{id}/cancellation", REASON), side=LEFT, makes=OFFERS),
    Action(
        "miss", "visits", _desk, _post("assignments/{id}/no-show"), _begun,
        LEFT | _changes("orders", ("staffed", "serving"), "no_show"), OFFERS,
    ),
    Action("word", "visits", _volunteer, _post("assignments/{id}/word", {"stars": 3}), _maybe),
    Action(
        "question", "visits", _volunteer, _post("assignments/{id}/question", REASON), makes=frozenset({"follow_ups"}),
    ),
    Action("enter hours", "visits", _eyes, _post("assignments/{id}/hours", _minutes), makes=frozenset({"hours"})),
    Action("approve hours", "hours", _eyes, _post("hours/{id}/approval"), _four_eyes),
    Action("refuse hours", "hours", _eyes, _post("hours/{id}/refusal", {}), _four_eyes),
    Action(
        "resolve follow-up", "follow_ups", _desk, _post("follow-ups/{id}/resolution", {"resolution": "已回访"}),
        side=RATED,
    ),
    Action(
        "publish", "runs", _desk, _post("day-plans/{id}/publication"), _maybe, BY_ITSELF,
        frozenset({"offers"}),
    ),
    Action("discard", "runs", _desk, _post("day-plans/{id}/discarding")),
    Action("undo", "runs", _desk, _post("day-plans/{id}/withdrawal"), _maybe, WITHDRAWN | SETTLED),
)  # fmt: skip
ACTIONS: Mapping[str, Action] = {action.name: action for action in _ACTIONS}
WRONG: dict[str, tuple[str, ...]] = {
    "_desk": ("stranger", "watcher", "owner", "v0"),
    "_owner": ("stranger", "watcher", "neighbour", "owner", "v1"),
    "_volunteer": ("v0", "v1", "v2", "v3", "owner", "desk"),
    "_anyone": ("owner", "desk", "watcher"),
    "_eyes": ("stranger", "watcher", "owner", "v0"),
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
