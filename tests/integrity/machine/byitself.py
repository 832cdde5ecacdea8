"""What happens by itself: time goes by, the clockwork ticks, the dispatch runs, the process begins anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from app.dispatching import service as dispatching
from app.dispatching import timers
from app.kernel import clock
from tests.integrity.machine import model
from tests.integrity.machine.actions import BY_ITSELF
from tests.integrity.machine.doors import Answer
from tests.integrity.machine.facts import Rows
from tests.integrity.machine.looking import Looking

SELDOM = 0.7
"""So often a day plan that was drawn is let be."""


class ByItself(Looking):
    """The steps of the clock and of the machine."""

    def wind(self, draw: int) -> None:
        """Time goes by, and the clockwork does what is due."""
        dice = self._dice(draw)
        span = dice.choice(("minutes", "minutes", "hour", "offer", "visit", "visit", "window", "day", "week"))
        self._wind_to(self._moment(span, dice))
        timers.tick()
        self._by_itself(f"the clock is wound ({span}) to {clock.now():%m-%d %H:%M}")

    def wind_past(self, _draw: int) -> None:
        """An offer runs out and nobody has ticked yet: it must be over all the same."""
        living = [one["expires_at"] for one in self.rows.offers.values() if one["status"] in model.LIVE_OFFER]
        ahead = [moment for moment in living if moment > clock.now()]
        if ahead:
            self._wind_to(min(ahead) - timedelta(seconds=1))
            timers.tick()
            clock.advance(timedelta(seconds=2))
        self._by_itself("an offer has just run out")

    def _moment(self, span: str, dice: Random) -> datetime:
        now, edges = clock.now(), list[datetime]()
        if span == "offer":
            edges = [one["expires_at"] for one in self.rows.offers.values() if one["status"] in model.LIVE_OFFER]
        if span == "visit":
            visits = [one for one in self.rows.visits.values() if one["status"] in model.BUSY]
            edges = [edge for one in visits for edge in (one["starts_at"], one["ends_at"])]
        if span == "window":
            waiting = [one for one in self.rows.orders.values() if one["status"] in model.SEEKING]
            edges = [one["window_until"] for one in waiting]
        ahead = [edge for edge in edges if edge > now]
        plain = {"minutes": 7, "hour": 60, "day": 1440, "week": 11_000}.get(span, 20)
        return dice.choice(ahead) if ahead else now + timedelta(minutes=plain)

    def _wind_to(self, moment: datetime) -> None:
        clock.advance(max(moment - clock.now(), timedelta()))

    def tick(self, _draw: int) -> None:
        timers.tick()
        self._by_itself("a tick")

    def sweep(self, _draw: int) -> None:
        timers.sweep()
        self._by_itself("the hourly sweep")

    def dispatch(self, _draw: int) -> None:
        """The instant run over everything that waits."""
        dispatching.run_all("machine")
        self._by_itself("a dispatch")

    def plan(self, draw: int) -> None:
        """A day plan, asked for at the desk now and then: it is the slowest of all."""
        if self._dice(draw).random() < SELDOM:
            return self.tick(draw)
        day = clock.today() + timedelta(days=self._dice(draw).randint(0, 2))
        wish = {"office_id": self.people.offices["street"], "day": day.isoformat()}
        answer = self.doors.api("desk", "POST", "day-plans", wish)
        return self._by_itself(f"desk: a plan for {day} → {answer}", answer)

    def restart(self, draw: int) -> None:
        """The process dies and another takes over: whatever is not in the database is forgotten."""
        self.doors.forget()
        self.copy.forget_connections()
        self._by_itself("the app begins anew")

    def _by_itself(self, words: str, answer: Answer | None = None) -> None:
        self._tell(words)
        self.writes.since()
        fresh = Rows.read()
        self._along(fresh, BY_ITSELF, frozenset({"offers", "follow_ups", "runs"}), None)
        self.rows = fresh
        self._look_over(answer)

    def _wind_on(self, order_id: str, how: str) -> None:
        """To the visit's beginning or end, to the end of the window; or somebody is found by a dispatch."""
        if how == "@dispatch":
            return self.dispatch(0)
        row = self.rows.orders[order_id]
        visits = [one for one in self.rows.visits.values() if one["order_id"] == order_id]
        edge = "starts_at" if how == "@start" else "ends_at"
        self._wind_to(visits[-1][edge] if visits and how != "@over" else row["window_until"])
        timers.tick()
        return self._by_itself(f"the clock is wound to {clock.now():%m-%d %H:%M}")
