"""What the board puts on one screen: the list by risk, one of three views over the same selection, the picked order.

Each pane is drawn on the whole page and alone, as the fragment a live page asks for; what two panes need is read once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select

from app.oversight.asking import asking_lines
from app.oversight.board import alerts, lately, queries, stages
from app.oversight.board.queries import Waiting, WaitingPage, Wanted
from app.oversight.board.timeline import Timeline, timeline
from app.oversight.scope import Scope
from models import Office, Order, db

VIEWS = ("map", "timeline", "kanban")


@dataclass(frozen=True)
class Looked:
    """Where the coordinator's eyes are: the view in the middle, the picked order, the first hour of the timeline."""

    view: str = VIEWS[0]
    order: str = ""
    at: datetime | None = None

    def parts(self) -> dict[str, str]:
        """As the query string's names and values, without what is not set."""
        return {
            **({"view": self.view} if self.view != VIEWS[0] else {}),
            **({"order": self.order} if self.order else {}),
            **({"at": f"{self.at:%Y-%m-%dT%H}"} if self.at else {}),
        }


class Board:
    """One look at the board; every part is read when it is first asked for, and once."""

    def __init__(self, scope: Scope, wanted: Wanted, looked: Looked) -> None:
        self.scope, self.wanted, self.looked = scope, wanted, looked

    @cached_property
    def everything(self) -> list[Waiting]:
        """All that waits in the scope, the most endangered first."""
        return queries.waiting(self.scope)

    @cached_property
    def found(self) -> list[Waiting]:
        """What of it fits the search and the filters."""
        wanted = self.wanted
        if wanted.alert:
            rows = queries.waiting(self.scope, wanted) if wanted.q or wanted.urgency else self.everything
            return alerts.of_orders(self.scope, rows)[wanted.alert]
        return queries.waiting(self.scope, wanted) if wanted.parts() else self.everything

    @cached_property
    def groups(self) -> dict[str, int]:
        """How many there are behind each tab of the list, as searched; `all` is their sum."""
        wanted = replace(self.wanted, status="", alert="")
        rows = queries.waiting(self.scope, wanted) if wanted.parts() else self.everything
        by_status = Counter(one.row.status for one in rows)
        counts = {name: sum(by_status[status] for status in group) for name, group in queries.GROUPS.items()}
        return {"all": sum(counts.values()), **counts}

    @cached_property
    def page(self) -> WaitingPage:
        return queries.page_of(self.found, self.wanted.page)

    @cached_property
    def timeline(self) -> Timeline:
        return timeline(self.scope, self.looked.at, self.picked_window)

    @cached_property
    def stages(self) -> list[stages.Stage]:
        return stages.stages(self.scope, self.wanted, self.found)

    @cached_property
    def picked_window(self) -> tuple[datetime, datetime] | None:
        """When the picked order may be served, where it is one of ours."""
        found = select(Order.window_from, Order.window_until).join(Office, Order.office_id == Office.id)
        row = db.session.execute(found.where(Order.id == self.looked.order, self.scope.holds())).first()
        return (row.window_from, row.window_until) if row else None

    @cached_property
    def changed(self) -> dict[str, lately.Change]:
        """Rows of this page that a colleague has just changed."""
        return lately.changes([one.row.id for one in self.page.rows], self.scope.actor)

    @cached_property
    def asking(self) -> dict[str, str]:
        """How the orders of this page find their people just now, in a few words each."""
        return asking_lines([one.row.id for one in self.page.rows])

    # ---------- the panes ----------

    def pane(self, name: str) -> dict[str, Any]:
        """What one pane needs to be drawn."""
        needed: dict[str, Any] = getattr(self, f"_{name}")()
        return needed

    def _bar(self) -> dict[str, Any]:
        return {"counts": queries.counts(self.scope), "alerts": alerts.alerts(self.scope, self.everything)}

    def _waiting(self) -> dict[str, Any]:
        return {"list": self.page, "groups": self.groups, "changed": self.changed, "asking": self.asking}

    def _offers(self) -> dict[str, Any]:
        return {"offers": queries.offers_out(self.scope)}

    def _visits(self) -> dict[str, Any]:
        return {"visits": queries.visits(self.scope), "late": alerts.late_visits(self.scope)}

    def _duty(self) -> dict[str, Any]:
        return {"duty": queries.on_duty(self.scope)}

    def _map(self) -> dict[str, Any]:
        return {}

    def _timeline(self) -> dict[str, Any]:
        return {"times": self.timeline, "earlier": self.timeline.first - STEP, "later": self.timeline.first + STEP}

    def _kanban(self) -> dict[str, Any]:
        return {"stages": self.stages}

    def _centre(self) -> dict[str, Any]:
        return self.pane(self.looked.view)


STEP = timedelta(hours=4)
"""How far the timeline's arrows go."""
