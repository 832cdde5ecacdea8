"""One step of a history: something is asked for, the answer is judged by the model, and everything is looked over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from flask import Flask

from app.dispatching import service as dispatching
from app.dispatching import timers
from app.kernel import clock
from tests.integrity.machine import actions, facts, model
from tests.integrity.machine.actions import BY_ITSELF, KEYED, Action, Change, Scene
from tests.integrity.machine.doors import Answer, Doors
from tests.integrity.machine.facts import Journal, Row, Rows, Writes
from tests.integrity.machine.town import Copy, People

BESIDES = frozenset({"auth_session", "request_log"})
"""Tables that even a refused request may write to."""
LATE_YES = frozenset({"reserve", "event", "orders", "audit_link", "audit_head"})
REMEMBERS = {"accept": LATE_YES, "claim": LATE_YES, "check in with a wrong code": LATE_YES}
KEYS_LIVE = timedelta(days=6)
STRANGERS = 0.12
"""How often somebody tries who has no business with it."""
STORY = {"item": "escort"}


@dataclass
class Tally:
    """What was tried in this process, over all histories."""

    steps: int = 0
    histories: int = 0
    answers: Counter[int] = None  # type: ignore[assignment]  # made below
    pairs: Counter[tuple[str, str, str, str]] = None  # type: ignore[assignment]
    edges: set[tuple[str, str, str]] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.answers, self.pairs, self.edges = Counter(), Counter(), set()


class Wrong(AssertionError):
    """The app did what the model says it must not."""


class History:
    """A town from its beginning, and all that is done in it. One at a time in a process."""

    def __init__(self, app: Flask, people: People, copy: Copy, writes: Writes, tally: Tally) -> None:
        self.app, self.people, self.copy, self.writes, self.tally = app, people, copy, writes, tally
        copy.put_back()
        self.doors = Doors(app, people)
        self.journal, self.rows, self.told = Journal(), Rows.read(), list[str]()
        self.keyed: list[tuple[Any, ...]] = []
        self.last_key = 0
        tally.histories += 1

    # ---------- what is asked ----------

    def act(self, name: str, draw: int) -> None:
        """One action on a row, chosen by its status first so that rare ones have their turn; or a stranger tries it."""
        action, dice = actions.ACTIONS[name], self._dice(draw)
        table = getattr(self.rows, action.table)
        scene = Scene(self.rows, self.people, self.doors, clock.now(), dice)
        rows = [row for row in table.values() if action.only(scene, row)]
        if not rows:
            return self.place(draw)
        status = dice.choice(sorted({row["status"] for row in rows}))
        row = dice.choice([row for row in rows if row["status"] == status])
        strangers = actions.wrong_ones(scene, action, row)
        if strangers and dice.random() < STRANGERS:
            return self._intrude(action, scene, row, dice.choice(strangers))
        return self._ask(action, scene, row)

    def story(self, draw: int) -> None:
        """An order taken a good part of its way at once, so that rare statuses are there to be tried."""
        dice, known = self._dice(draw), set(self.rows.orders)
        self.place(dice.randrange(2**20), STORY)
        [order_id] = set(self.rows.orders) - known
        for name in dice.choice(sorted(actions.STORIES.values())):
            if name.startswith("@"):
                self._wind_on(order_id, name)
                continue
            action = actions.ACTIONS[name]
            rows = [
                one for one in getattr(self.rows, action.table).values() if order_id in (one["id"], one.get("order_id"))
            ]
            if rows:
                scene = Scene(self.rows, self.people, self.doors, clock.now(), dice)
                self._ask(action, scene, rows[-1])

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

    def _ask(self, action: Action, scene: Scene, row: Row) -> None:
        who, before, key = action.by(scene, row), row["status"], self._new_key(action.name)
        allowed = before in model.ASKED[action.table][action.name]
        silent = before in model.SILENT.get(action.name, ()) and action.again(scene, row, who)
        must = action.sure(scene, row) if allowed else None if silent else False
        answer = action.send(scene, who, row, key)
        self._tell(f"{who}: {action.name} {action.table} {row['id']} ({before}) → {answer}")
        kind = "allowed" if allowed else "silent" if silent else "forbidden"
        self.tally.pairs[
            action.table, before, action.name, kind if not (allowed and not answer.is_yes) else "refused"
        ] += 1
        if must is True and not answer.is_yes:
            raise Wrong(f"{action.name} from {before} was refused: {answer} {answer.body}")
        if must is False and answer.is_yes:
            raise Wrong(f"{action.name} from {before} was allowed: {answer}")
        if not allowed or not answer.is_yes:
            self._nothing_changed(answer, REMEMBERS.get(action.name, frozenset()), silent)
        else:
            self._changed(action, row, before)
            if key is not None:
                self.keyed.append((clock.now(), action, who, row["id"], key, answer))
        self._look_over(answer)

    def _intrude(self, action: Action, scene: Scene, row: Row, who: str) -> None:
        answer = action.send(scene, who, row, None)
        self._tell(f"{who}, a stranger: {action.name} {action.table} {row['id']} ({row['status']}) → {answer}")
        self.tally.pairs[action.table, row["status"], action.name, "stranger"] += 1
        if answer.is_yes:
            raise Wrong(f"{who} may {action.name} on {action.table} {row['status']}")
        self._nothing_changed(answer, frozenset())
        self._look_over(answer)

    def _dice(self, draw: int) -> Random:
        """Chance by the draw and by how far the history has come: the same draw twice is not the same step."""
        return Random(draw * 1_000_003 + len(self.told))

    def _new_key(self, name: str) -> str | None:
        if name not in KEYED:
            return None
        self.last_key += 1
        return f"key-{self.last_key}"

    def place(self, draw: int, wished: dict[str, Any] | None = None) -> None:
        """A new order by a resident."""
        dice = self._dice(draw)
        who = dice.choice(("owner", "owner", "neighbour"))
        wish = self._wish(dice) | (wished or {})
        key = self._new_key("accept")
        answer = self.doors.api(who, "POST", "orders", wish, key)
        self._tell(f"{who}: place {wish['item']} → {answer}")
        if not answer.is_yes:
            raise Wrong(f"an order was refused: {answer} {answer.body}")
        fresh = Rows.read()
        made = set(fresh.orders) - set(self.rows.orders)
        if made != {answer.body["id"]}:
            raise Wrong(f"one order was placed, {len(made)} were made")
        self._along(fresh, frozenset(), frozenset({"orders"}), None)
        expected = "open" if wish["item"] == "errand" else "submitted"
        if fresh.orders[answer.body["id"]]["status"] != expected:
            raise Wrong(f"{wish['item']} begins as {fresh.orders[answer.body['id']]['status']}")
        self.keyed.append((clock.now(), None, who, wish, key, answer))
        self.rows = fresh
        self._look_over(answer)

    def _wish(self, dice: Random) -> dict[str, Any]:
        starts = clock.now() + timedelta(minutes=dice.choice((10, 90, 240, 1440, 2880)))
        return {
            "item": dice.choice(("escort", "escort", "errand", "bathing")),
            "office_id": self.people.offices[dice.choice(("station", "neighbour"))], "address": "青年路 8 号",
            "window_from": starts.isoformat(),
            "window_until": (starts + timedelta(hours=dice.choice((3, 5, 8)))).isoformat(),
        }  # fmt: skip

    def intake(self, draw: int) -> None:
        """A need told by telephone and written down at the desk, which approves it in the same breath."""
        dice = self._dice(draw)
        answer = self.doors.form(
            "desk", "/desk/intake", phone=f"138000000{dice.randrange(3):02d}", name="钱大妈", item="escort",
            place="new", community="青年社区", house="8 号", day="tomorrow",
            part=dice.choice(("morning", "afternoon")), despite="on",
        )  # fmt: skip
        self._tell(f"desk: intake → {answer}")
        fresh = Rows.read()
        self._along(fresh, frozenset(), frozenset({"orders"}), None)
        if answer.status != 303 or [
            row["status"] for key, row in fresh.orders.items() if key not in self.rows.orders
        ] != ["open"]:
            raise Wrong(f"an order by telephone gave {answer}")
        self.rows = fresh
        self._look_over(answer)

    def repeat(self, draw: int) -> None:
        """The same key again: the same answer, and nothing happens; with other content it is refused."""
        dice = self._dice(draw)
        living = [one for one in self.keyed if one[0] > clock.now() - KEYS_LIVE]
        if not living:
            return self.place(draw)
        _at, action, who, what, key, first = dice.choice(living)
        if action is None:
            other = dice.random() < 0.3
            again = self.doors.api(who, "POST", "orders", {**what, "words": "另一件事"} if other else what, key)
        else:
            other = False
            row = getattr(self.rows, action.table)[what]
            if action.name == "check in":
                return None if row["status"] not in ("checked_in", "checked_out") else self.place(draw)
            again = action.send(Scene(self.rows, self.people, self.doors, clock.now(), dice), who, row, key)
        self._tell(f"{who}: again {action.name if action else 'place'} {key} → {again}")
        if other and again.is_yes:
            raise Wrong("a key was taken for other content")
        if not other and (again.status != first.status or again.body["id"] != first.body["id"]):
            raise Wrong(f"the same key gave {first} {first.body['id']}, then {again} {again.body}")
        self._nothing_changed(again, frozenset(), silent=not other)
        return self._look_over(again)

    # ---------- what happens by itself ----------

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

    def _moment(self, span: str, dice: Random) -> Any:
        now, edges = clock.now(), list[Any]()
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

    def _wind_to(self, moment: Any) -> None:
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
        """A day plan, asked for at the desk."""
        day = clock.today() + timedelta(days=self._dice(draw).randint(0, 2))
        wish = {"office_id": self.people.offices["street"], "day": day.isoformat()}
        answer = self.doors.api("desk", "POST", "day-plans", wish)
        self._by_itself(f"desk: a plan for {day} → {answer}", answer)

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

    # ---------- what came of it ----------

    def _nothing_changed(self, answer: Answer, besides: frozenset[str], silent: bool = False) -> None:
        written = self.writes.since() - BESIDES - besides
        if written and not silent:
            raise Wrong(f"{answer} wrote to {sorted(written)}")
        fresh = Rows.read()
        if not besides and fresh != self.rows:
            raise Wrong(f"{answer} changed rows")
        if besides and fresh.statuses(*model.STATUSES) != self.rows.statuses(*model.STATUSES):
            raise Wrong(f"{answer} changed a status")
        self.rows = fresh

    def _changed(self, action: Action, row: Row, before: str) -> None:
        """The row went where the model says, and nothing else changed that must not."""
        self.writes.since()
        fresh = Rows.read()
        asked = model.ASKED[action.table][action.name][before]
        held = getattr(fresh, action.table)[row["id"]]["status"]
        ways = {asked} | {after for table, start, after in action.side if (table, start) == (action.table, asked)}
        ways |= {after for table, start, after in action.side if (table, start) == (action.table, before)}
        if held not in ways:
            raise Wrong(f"{action.name} led from {before} to {held}, not to {asked}")
        self._along(fresh, action.side, action.makes, row["id"])
        self.rows = fresh

    def _along(self, fresh: Rows, side: frozenset[Change], makes: frozenset[str], subject: str | None) -> None:
        """Every status that changed did so in a way that was to be expected, and no rows came from nowhere."""
        for name in model.STATUSES:
            was, now = getattr(self.rows, name), getattr(fresh, name)
            if missing := set(was) - set(now):
                raise Wrong(f"rows of {name} are gone: {missing}")
            if set(now) - set(was) and name not in makes:
                raise Wrong(f"rows of {name} were made: {sorted(set(now) - set(was))}")
            for key in was:
                step = name, was[key]["status"], now[key]["status"]
                if step[1] != step[2] and key != subject and step not in side and name != "runs":
                    raise Wrong(f"{key} of {name} went from {step[1]} to {step[2]}")

    def _look_over(self, answer: Answer | None) -> None:
        """After each step: no answer of 500, the journal gives the rows, every invariant holds."""
        self.tally.steps += 1
        if answer is not None:
            self.tally.answers[answer.status] += 1
            if answer.status >= 500:
                raise Wrong(f"an answer of {answer.status}")
        if found := facts.faults(self.rows, self.journal):
            raise Wrong("; ".join(found))
        self.tally.edges |= self.journal.edges
        self.writes.since()

    def _tell(self, words: str) -> None:
        self.told.append(words)
