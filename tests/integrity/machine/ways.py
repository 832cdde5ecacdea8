"""Who does a thing, through which door it is asked for, and when it must be granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.integrity.machine.doors import Answer, Doors
from tests.integrity.machine.facts import Row, Rows
from tests.integrity.machine.model import BUSY
from tests.integrity.machine.town import People

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Sender = Callable[["Scene", str, Row, str | None], Answer]


@dataclass
class Scene:
    """All an action may look at while it is chosen and judged. `dice` is hypothesis' choice."""

    rows: Rows
    people: People
    doors: Doors
    now: datetime
    dice: Random


# ---------- who ----------


def desk(_scene: Scene, _row: Row) -> str:
    return "desk"


def owner(scene: Scene, row: Row) -> str:
    """Whoever asked for the order; the desk, where nobody else can."""
    accounts = {account: name for name, account in scene.people.accounts.items()}
    found = accounts.get(row["requester_id"], "desk")
    return found if found in scene.people.residents else "desk"


def volunteer(scene: Scene, row: Row) -> str:
    return scene.people.name_of(row["volunteer_id"])


def by_resident(scene: Scene, row: Row) -> bool:
    return owner(scene, row) != "desk"


def may_send_in(scene: Scene, row: Row) -> bool:
    """What the desk wrote down it sends in again, once it was sent back; in any other status it only amends."""
    return by_resident(scene, row) or row["status"] == "returned"


def desk_amends(scene: Scene, row: Row) -> bool:
    return by_resident(scene, row) or row["status"] != "returned"


def anyone(scene: Scene, _row: Row) -> str:
    return scene.dice.choice(sorted(scene.people.volunteers))


def eyes(scene: Scene, _row: Row) -> str:
    return scene.dice.choice(("desk", "second"))


# ---------- how ----------


def post(path: str, body: Any = None) -> Sender:
    """A POST to the row's own address; `body` may depend on the scene."""

    def send(scene: Scene, who: str, row: Row, key: str | None) -> Answer:
        given = body(scene, row) if callable(body) else body
        return scene.doors.api(who, "POST", path.format(id=row["id"]), given, key)

    return send


def form(path: str, **fields: Any) -> Sender:
    def send(scene: Scene, who: str, row: Row, _key: str | None) -> Answer:
        given = {name: value(scene, row) if callable(value) else value for name, value in fields.items()}
        return scene.doors.form(who, path.format(id=row["id"]), **given)

    return send


def another(scene: Scene, row: Row) -> dict[str, str]:
    """Another order, of any status: it must be live."""
    others = [key for key in scene.rows.orders if key != row["id"]] or [row["id"]]
    return {"into": scene.dice.choice(others)}


def elsewhere(scene: Scene, row: Row) -> dict[str, str]:
    offices = scene.people.offices
    other = offices["neighbour"] if row["office_id"] == offices["station"] else offices["station"]
    return {"office_id": other, "reason": "归他们管"}


def by_hand(scene: Scene, _row: Row) -> dict[str, Any]:
    return {"volunteer_id": scene.dice.choice(sorted(scene.people.volunteers.values())), "despite": True}


def arrival(scene: Scene, row: Row) -> dict[str, Any]:
    code = scene.rows.orders[row["order_id"]]["start_code"]
    ways = ({"code": code}, {"lat": 30.27, "lon": 120.15, "accuracy": 20.0}, {})
    return dict(scene.dice.choice(ways))


def wrong_code(scene: Scene, row: Row) -> dict[str, Any]:
    code = scene.rows.orders[row["order_id"]]["start_code"]
    return {"code": f"{(int(code) + 1) % 10_000:04d}"}


def minutes(scene: Scene, _row: Row) -> dict[str, Any]:
    return {"minutes": scene.dice.choice((0, 30, 60, 120)), "reason": "按居民说的"}


def new_words(scene: Scene, _row: Row) -> str:
    return f"改成第 {scene.dice.randrange(10**6)} 种说法"


def local(moment: datetime) -> datetime:
    return moment + 8 * HOUR


def other_day(scene: Scene, _row: Row) -> str:
    return f"{local(scene.now) + timedelta(days=scene.dice.randint(1, 3)):%Y-%m-%d}"


# ---------- when it must ----------


def maybe(_scene: Scene, _row: Row) -> None:
    return None


def has_time(slack: timedelta) -> Callable[[Scene, Row], bool]:
    def sure(scene: Scene, row: Row) -> bool:
        return row["window_until"] - row["duration_minutes"] * MINUTE >= scene.now - slack

    return sure


def in_time(scene: Scene, row: Row) -> bool:
    """An answer before the end; whether the volunteer still fits is the app's to say."""
    return scene.now < min(row["expires_at"], row["ends_at"])


def may_answer(scene: Scene, row: Row) -> bool | None:
    return None if in_time(scene, row) else False


def arrives_in_time(scene: Scene, row: Row) -> bool:
    return row["starts_at"] - HOUR <= scene.now < row["ends_at"] + 24 * HOUR


def begun(scene: Scene, row: Row) -> bool:
    return bool(scene.now >= row["starts_at"])


def four_eyes(scene: Scene, row: Row) -> None:
    return None


def has_above(scene: Scene, row: Row) -> bool:
    return row["escalated_to_id"] != scene.people.offices["city"]


def due(scene: Scene, row: Row) -> bool:
    return bool(scene.now >= row["window_from"])


def holds_place(scene: Scene, row: Row, who: str) -> bool:
    mine = scene.people.volunteers[who]
    visits = [one for one in scene.rows.visits.values() if (one["order_id"], one["volunteer_id"]) == (row["id"], mine)]
    return any(one["status"] in BUSY for one in visits)


def is_reserve(scene: Scene, row: Row, who: str) -> bool:
    mine = scene.people.volunteers[who]
    kept = [one for one in scene.rows.reserves.values() if (one["order_id"], one["volunteer_id"]) == (row["id"], mine)]
    return any(one["left_at"] is None for one in kept)
