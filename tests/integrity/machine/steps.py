"""What people ask for: one action on some row, a whole story, an order, the same once more. The model judges each."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.kernel import clock
from tests.integrity.machine import actions, model
from tests.integrity.machine.actions import KEYED, Action
from tests.integrity.machine.byitself import ByItself
from tests.integrity.machine.facts import Row, Rows
from tests.integrity.machine.looking import Tally, Wrong
from tests.integrity.machine.ways import Scene

__all__ = ["History", "Tally", "Wrong"]
LATE_YES = frozenset({"reserve", "event", "orders", "audit_link", "audit_head"})
REMEMBERS = {"accept": LATE_YES, "claim": LATE_YES, "check in with a wrong code": LATE_YES}
KIND_WHEN_LATE = frozenset({"see", "decline"})
"""Said of an offer whose time is up, they are answered kindly and change nothing."""
ACTIONS_BY_NAME = tuple(sorted(actions.ACTIONS))
STEPS_BETWEEN = ("story", "story", "wind", "wind_past", "dispatch", "repeat", "intake", "tick", "plan")
KEYS_LIVE = timedelta(days=6)
STRANGERS = 0.12
"""How often somebody tries who has no business with it."""
STORIES_OF = ("escort", "escort", "bathing")


class History(ByItself):
    """A town from its beginning, and all that is done in it. One at a time in a process."""

    def rows_for(self, name: str, dice: Random) -> list[Row]:
        """What this action could be tried on."""
        action, scene = actions.ACTIONS[name], self._scene(dice)
        return [row for row in getattr(self.rows, action.table).values() if action.only(scene, row)]

    def is_in_vain(self, name: str, row: Row, dice: Random) -> bool:
        """The model knows that it must be refused now, for its time."""
        return actions.ACTIONS[name].sure(self._scene(dice), row) is False

    def _scene(self, dice: Random) -> Scene:
        return Scene(self.rows, self.people, self.doors, clock.now(), dice)

    def act(self, name: str, draw: int) -> None:
        """One action on a row, chosen by its status first so that rare ones have their turn; or a stranger tries it."""
        action, dice = actions.ACTIONS[name], self._dice(draw)
        rows = self.rows_for(name, dice)
        if not rows:
            return self.place(draw)
        status = dice.choice(sorted({row["status"] for row in rows}))
        row, scene = dice.choice([row for row in rows if row["status"] == status]), self._scene(dice)
        strangers = actions.wrong_ones(scene, action, row)
        if strangers and dice.random() < STRANGERS:
            return self._intrude(action, scene, row, dice.choice(strangers))
        return self._ask(action, scene, row)

    def walk(self, draw: int) -> None:
        """Any action, or a story, or time going by: what a history is made of, chosen by the dice alone."""
        dice = self._dice(draw)
        chosen = dice.choice((*ACTIONS_BY_NAME, *ACTIONS_BY_NAME, *STEPS_BETWEEN * 4))
        if chosen in actions.ACTIONS:
            self.act(chosen, dice.randrange(2**20))
        else:
            getattr(self, chosen)(dice.randrange(2**20))

    def story(self, draw: int) -> None:
        """An order taken a good part of its way at once, so that rare statuses are there to be tried."""
        dice, known = self._dice(draw), set(self.rows.orders)
        self.place(dice.randrange(2**20), {"item": dice.choice(STORIES_OF)})
        [order_id] = set(self.rows.orders) - known
        for name in dice.choice(sorted(actions.STORIES.values())):
            if self.is_over():
                return
            if name == "@plan":
                self._plan_and_take_back(self.rows.orders[order_id]["window_from"])
                continue
            if name.startswith("@"):
                self._wind_on(order_id, name)
                continue
            action = actions.ACTIONS[name]
            rows = [
                one for one in getattr(self.rows, action.table).values() if order_id in (one["id"], one.get("order_id"))
            ]
            if rows:
                self._ask(action, self._scene(dice), rows[-1])

    def _plan_and_take_back(self, moment: datetime) -> None:
        """A day plan that has this order in it, published and undone."""
        day = clock.local(moment).date()
        known = set(self.rows.runs)
        wish = {"office_id": self.people.offices["street"], "day": day.isoformat()}
        answer = self.doors.api("desk", "POST", "day-plans", wish)
        self._by_itself(f"desk: a plan for {day} → {answer}", answer)
        for name in ("publish", "undo"):
            for run_id in set(self.rows.runs) - known:
                self.ask(name, self.rows.runs[run_id], self._dice(0))

    def ask(self, name: str, row: Row, dice: Random) -> None:
        """This action on this row, by whoever it is for."""
        self._ask(actions.ACTIONS[name], self._scene(dice), row)

    def _ask(self, action: Action, scene: Scene, row: Row) -> None:
        who, before, key = action.by(scene, row), row["status"], self._new_key(action.name)
        allowed = before in model.ASKED[action.table][action.name]
        silent = before in model.SILENT.get(action.name, ()) and action.again(scene, row, who)
        must = action.sure(scene, row) if allowed else None if silent else False
        if allowed and must is False and action.name in KIND_WHEN_LATE:
            allowed, silent, must = False, True, None
        answer = action.send(scene, who, row, key)
        self._tell(f"{who}: {action.name} {action.table} {row['id']} ({before}) → {answer}")
        done = "allowed" if answer.is_yes else "refused"
        kind = done if allowed else "silent" if silent else "forbidden"
        self.tally.pairs[action.table, before, action.name, kind] += 1
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
            part=dice.choice(("morning", "afternoon")), despite="on", consent="on",
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
            again = action.send(self._scene(dice), who, row, key)
        self._tell(f"{who}: again {action.name if action else 'place'} {key} → {again}")
        if other and again.is_yes:
            raise Wrong("a key was taken for other content")
        if not other and (again.status != first.status or again.body["id"] != first.body["id"]):
            raise Wrong(f"the same key gave {first} {first.body['id']}, then {again} {again.body}")
        self._nothing_changed(again, frozenset(), silent=not other)
        return self._look_over(again)
