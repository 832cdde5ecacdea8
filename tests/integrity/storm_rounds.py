"""The town that is stormed: its people, and what they all do at once in one round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.transaction import command
from app.people import sessions
from models import Order, db
from tests.factories import World
from tests.integrity.callers import Answer
from tests.integrity.crowd import Call, call
from tests.serving.steps import offered

HOURS = 2
CAPACITY = 3
CALLED_OFF, RUN_OUT, SAME_KEY, TIMES = 6, 4, 3, 5
OFFER_SECONDS = 1.0


@dataclass(frozen=True)
class Asked:
    """One call and what it is about; `what`: hot, overlap, yes (against a cancellation or the end), cancel, same key,
    same order."""

    what: str
    order_id: str
    volunteer_id: str
    call: Call


@dataclass(frozen=True)
class Told:
    asked: Asked
    answer: Answer


class Town:
    """Volunteers who are always free, a resident who owns all orders, and hours nobody has used yet."""

    def __init__(self, dice: Random, people: int, shared: int) -> None:
        self.dice, self.world = dice, World().build()
        self._hour = 0
        self._serial = 0
        self.tokens: dict[str, str] = {}
        self.resident = self._resident()
        self.people = [self._person(f"志愿者{number}") for number in range(people)]
        self.shared = self.people[:shared]

    def _resident(self) -> Actor:
        who = self.world.resident("王奶奶")
        self.tokens[str(who.resident_id)] = sessions.issue(str(who.account_id))
        return who

    def _person(self, name: str) -> Actor:
        who = self.world.volunteer(name, north_km=self.dice.uniform(-1, 1), on_duty=False)
        self.tokens[str(who.volunteer_id)] = sessions.issue(str(who.account_id))
        return who

    def round(self) -> list[Asked]:
        """Everything that is asked at once this time. Each part has an hour to itself, so that people are free."""
        parts = (self._hot, self._overlapping, self._called_off, self._running_out, self._same_key, self._same_order)
        return [one for part in parts for one in part()]

    # ---------- parts ----------

    def _hot(self) -> list[Asked]:
        """More people than places, by far: every volunteer there is wants one of three."""
        order_id, _ = self._order(self._next_hour(), CAPACITY, [])
        return [self._claim("hot", order_id, who) for who in self.people]

    def _overlapping(self) -> list[Asked]:
        """Orders at the same hour which the same people all want; some of them were offered it."""
        starts, asked = self._next_hour(), []
        for number in range(len(self.shared) // 3):
            wanted = self.dice.sample(self.shared, 2)
            order_id, offers = self._order(starts + timedelta(minutes=20 * (number % 3)), number % 3 + 1, wanted)
            asked += [self._accept("overlap", order_id, who, offer) for who, offer in zip(wanted, offers, strict=True)]
            asked += [self._claim("overlap", order_id, who) for who in self.shared]
        return asked

    def _called_off(self) -> list[Asked]:
        """A yes and a cancellation at the same moment."""
        starts, asked = self._next_hour(), []
        for who in self.dice.sample(self.people, CALLED_OFF):
            order_id, [offer] = self._order(starts, 1, [who])
            token = self.tokens[str(self.resident.resident_id)]
            cancel = call("POST", f"orders/{order_id}/cancellation", token, body={"reason": "不用了"})
            asked += [self._accept("yes", order_id, who, offer), Asked("cancel", order_id, "", cancel)]
        return asked

    def _running_out(self) -> list[Asked]:
        """A yes in the moment in which the offer runs out."""
        starts, asked = self._next_hour(), []
        for who in self.dice.sample(self.people, RUN_OUT):
            order_id, [offer] = self._order(starts, 1, [who], expires_at=now() + timedelta(seconds=OFFER_SECONDS))
            asked.append(self._accept("yes", order_id, who, offer, delay=self.dice.uniform(0, OFFER_SECONDS)))
        return asked

    def _same_key(self) -> list[Asked]:
        """One yes, sent five times at once with the same key."""
        starts, asked = self._next_hour(), []
        for who in self.dice.sample(self.people, SAME_KEY):
            order_id, _ = self._order(starts, 1, [])
            asked += [self._claim("same key", order_id, who, self._key())] * TIMES
        return asked

    def _same_order(self) -> list[Asked]:
        """One order, sent five times at once with the same key."""
        starts = self._next_hour()
        token = self.tokens[str(self.resident.resident_id)]
        body = {
            "item": "errand", "office_id": self.world.ids["station"], "address": "3 幢 201",
            "window_from": starts.isoformat(), "window_until": (starts + timedelta(hours=HOURS)).isoformat(),
        }  # fmt: skip
        return [Asked("same order", "", "", call("POST", "orders", token, body=body, key=self._key()))] * TIMES

    # ---------- what they are made of ----------

    @command
    def _order(self, starts: datetime, places: int, wanted: list[Actor], **terms: Any) -> tuple[str, list[str]]:
        """An open order, put to these people in the same moment; its id and those of the offers."""
        order: Order = self.world.open_order(self.resident, starts=starts, hours=HOURS, positions=places)
        offers = [offered(order, who, **terms).id for who in wanted]
        db.session.flush()
        return order.id, offers

    def _claim(self, what: str, order_id: str, who: Actor, key: str = "") -> Asked:
        name = str(who.volunteer_id)
        return Asked(what, order_id, name, call("POST", f"orders/{order_id}/claim", self.tokens[name], key=key))

    def _accept(self, what: str, order_id: str, who: Actor, offer_id: str, delay: float = 0.0) -> Asked:
        name = str(who.volunteer_id)
        path = f"offers/{offer_id}/acceptance"
        return Asked(what, order_id, name, call("POST", path, self.tokens[name], delay=delay))

    def _key(self) -> str:
        self._serial += 1
        return f"key-{self._serial}"

    def _next_hour(self) -> datetime:
        """The start of four hours in which nobody has anything to do yet, from tomorrow on."""
        self._hour += 4
        return now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1, hours=self._hour)
