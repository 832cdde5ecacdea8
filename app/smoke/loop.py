"""One pass through the loop by three people, each at a program of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from app.smoke.failing import Failed
from app.smoke.people import Ear, Person

ITEMS = ("errands", "company", "phone-lesson", "haircut")
"""Low-risk items, approved at once by rule; one is tried after the other until our volunteer is asked."""
OFFER_SECONDS, CLOSE_SECONDS = 8.0, 10.0
MINUTES = 15
WAY = ("submitted", "open", "offering", "staffed", "serving", "served", "rated", "closed")
"""The statuses an order passes when all goes well."""


@dataclass(frozen=True)
class Login:
    phone: str
    password: str


class Loop:
    """`run` fills `found` step by step, so that a failure still shows how far it came."""

    def __init__(
        self, url: str, found: dict[str, object], resident: Login, volunteer: Login, coordinator: Login
    ) -> None:
        self._url, self.found = url, found
        self._resident = Person(url, "resident", resident.phone, resident.password)
        self._volunteer = Person(url, "volunteer", volunteer.phone, volunteer.password)
        self._desk = Person(url, "coordinator", coordinator.phone, coordinator.password)

    def run(self) -> None:
        """Raises Failed at the first thing that is not as it must be."""
        profile = self._volunteer.get("/me/volunteer")
        home = self._resident.me["grants"][0]["office_id"]
        ear = Ear(self._url, self._volunteer, f"volunteer:{profile['id']}")
        board = Ear(self._url, self._desk, f"office:{self._desk.me['grants'][0]['office_id']}")
        try:
            before = self._minutes()
            offer = self._ordered_and_offered(ear, home)
            if board.next(OFFER_SECONDS) is None:
                raise Failed("coordinator: socket", "the board heard nothing of the order")
            self._serve(offer)
            self._close(offer["order"]["id"], before)
        finally:
            ear.close()
            board.close()

    def _minutes(self) -> int:
        return int(self._volunteer.get("/me/record")["minutes"])

    # ---------- 点单, 派单 ----------

    def _ordered_and_offered(self, ear: Ear, home: str) -> dict[str, Any]:
        """The offer our volunteer got. The dispatch may rightly ask somebody else: then another order is tried."""
        for number, item in enumerate(ITEMS, 1):
            if number > 1:
                self._free_hands()
            begun = time.monotonic()
            order = self._place(item, home)
            offer = self._offer(ear, order["id"])
            if offer is not None:
                self.found |= {
                    "order": order["number"], "item": item, "tries": number,
                    "order_to_offer_seconds": round(time.monotonic() - begun, 3),
                }  # fmt: skip
                return offer
            self._resident.post(f"/orders/{order['id']}/cancellation", reason="不需要了")
        raise Failed("dispatch", f"{len(ITEMS)} orders, and none was offered to our volunteer")

    def _place(self, item: str, home: str) -> dict[str, Any]:
        order: dict[str, Any] = self._resident.post(
            "/orders", item=item, as_soon=True, duration_minutes=MINUTES, office_id=home,
            address="6幢2单元302室", words="flask smoke", wants_same_volunteer=True,
        )  # fmt: skip
        return order

    def _offer(self, ear: Ear, order_id: str) -> dict[str, Any] | None:
        """Listen, and look each time something is heard; nothing is polled."""
        deadline = time.monotonic() + OFFER_SECONDS
        while ear.next(deadline - time.monotonic()) is not None:
            for offer in self._volunteer.get("/offers"):
                if offer["order"]["id"] == order_id:
                    return dict(offer)
        return None

    def _free_hands(self) -> None:
        """What an earlier run or somebody else left with our volunteer keeps the dispatch away from them."""
        for offer in self._volunteer.get("/offers"):
            self._volunteer.post(f"/offers/{offer['id']}/refusal")
        for task in self._volunteer.get("/assignments"):
            if task["status"] == "checked_in":
                self._volunteer.post(f"/assignments/{task['id']}/check-out")
            else:
                self._volunteer.post(f"/assignments/{task['id']}/handback", reason="flask smoke")

    # ---------- 接单, 评单 ----------

    def _serve(self, offer: dict[str, Any]) -> None:
        order_id = offer["order"]["id"]
        if offer.get("contact") or offer["order"].get("address"):
            raise Failed("privacy", "the offer shows the address before the yes")
        task = self._volunteer.post(f"/offers/{offer['id']}/acceptance")
        if not (task["contact"] or {}).get("address"):
            raise Failed("accept", "the accepted volunteer is not told where")
        way = f"/assignments/{task['id']}"
        self._volunteer.post(f"{way}/departure")
        code = self._resident.get(f"/orders/{order_id}")["start_code"]
        self._volunteer.post(f"{way}/check-in", code=code)
        self._volunteer.post(f"{way}/check-out", note="flask smoke")

    def _close(self, order_id: str, before: int) -> None:
        self._resident.post(f"/orders/{order_id}/rating", stars=3, outcome="done", words="flask smoke")
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._resident.get(f"/orders/{order_id}")["status"] != "closed" and time.monotonic() < deadline:
            time.sleep(0.1)
        steps = self._desk.get(f"/orders/{order_id}/events")
        states = [step["after"] for step in steps if step["kind"].startswith("order.") and step["after"]]
        minutes = self._minutes() - before
        self.found |= {
            "states": states, "evidence": "resident_code", "minutes_credited": minutes,
            "hours_credited": round(minutes / 60, 3), "closed": states[-1:] == ["closed"],
        }  # fmt: skip
        if missing := [status for status in WAY if status not in states]:
            raise Failed("states", f"never was {', '.join(missing)}")
        if minutes <= 0:
            raise Failed("hours", "none were credited")
