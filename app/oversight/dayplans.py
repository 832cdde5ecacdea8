"""A day plan as the desk reads it: who goes where and when, what stays open and why, and how good it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.dispatching import queries as dispatching
from app.kernel.access import may
from app.kernel.clock import now, today
from app.kernel.errors import NotFound
from app.oversight.lanes import Lane, Scale, Stop, bars
from app.oversight.runs import concerns, language, moment, own_orders
from app.oversight.scope import Scope
from app.privacy.masks import name as masked
from models import DispatchRun, Offer, Office, Volunteer, db
from models.kinds import PlanStage, RunMode, RunStatus


@dataclass(frozen=True)
class PlanView:
    """A day plan, of which the reader sees their own orders."""

    run: DispatchRun
    office: Office
    scope: Scope

    # ---------- how it stands ----------

    @property
    def steers(self) -> bool:
        """The reader may publish it, put it away, take it back."""
        return may(self.scope.actor, "dispatch.steer", self.office)

    @property
    def is_running(self) -> bool:
        return self.run.status == RunStatus.RUNNING and self.run.lease_until > now()

    @property
    def is_stuck(self) -> bool:
        """Its process died: a plan being worked out is lost, one being published can be gone on with."""
        unfinished = self.run.status == RunStatus.RUNNING or self.run.stage == PlanStage.PUBLISHING
        return unfinished and not self.is_running

    @property
    def may_publish(self) -> bool:
        ready = self.run.stage == PlanStage.PREVIEW or (self.is_stuck and self.run.stage == PlanStage.PUBLISHING)
        return self.steers and ready and not self.is_over and not self.is_old

    @property
    def is_over(self) -> bool:
        return self.run.day is None or self.run.day < today()

    @property
    def is_old(self) -> bool:
        return dispatching.is_old(self.run)

    @cached_property
    def still_open(self) -> int:
        """Offers of this plan that nobody has answered yet."""
        return len(dispatching.open_offers(self.run.id))

    @property
    def answers(self) -> dict[str, int]:
        """How many of its offers stand how."""
        found = select(Offer.status, func.count().label("number")).where(Offer.run_id == self.run.id)
        return {row.status: row.number for row in db.session.execute(found.group_by(Offer.status))}

    @property
    def stale_words(self) -> list[str]:
        return dispatching.stale_words(self.run.counts.get("overtaken", []), language())

    # ---------- what it says ----------

    @cached_property
    def plan(self) -> dict[str, Any]:
        return self.run.plan or {}

    @property
    def proof(self) -> list[str]:
        return dispatching.proof_words(self.plan)

    @cached_property
    def _orders(self) -> dict[str, Any]:
        named = [*self.plan.get("proposals", ()), *self.plan.get("unplaced", ())]
        return own_orders(self.scope, {str(one["order"]) for one in named})

    @cached_property
    def proposals(self) -> list[dict[str, Any]]:
        """Everybody's way who serves at least one of the reader's orders."""
        rows = self.plan.get("proposals", [])
        mine = {one["volunteer"] for one in rows if one["order"] in self._orders}
        return [one for one in rows if one["volunteer"] in mine]

    @property
    def elsewhere(self) -> int:
        """Services of other offices in the same plan, which are not shown."""
        rows = [*self.plan.get("proposals", ()), *self.plan.get("unplaced", ())]
        return sum(1 for one in rows if one["order"] not in self._orders)

    @property
    def travel_minutes(self) -> int:
        return sum(lane.travel_minutes for lane in self.lanes)

    @cached_property
    def unplaced(self) -> list[tuple[Any, int, list[str]]]:
        """(order, open places, why in words), those with more open first."""
        rows = [one for one in self.plan.get("unplaced", ()) if one["order"] in self._orders]
        found = [
            (
                self._orders[one["order"]],
                one["open_positions"],
                dispatching.unplaced_words(one, language(), mode=RunMode.DAY),
            )
            for one in rows
        ]
        return sorted(found, key=lambda row: (-row[1], row[0].number))

    # ---------- what it changes ----------

    @cached_property
    def changes(self) -> dispatching.Difference:
        return dispatching.changes(self.run)

    @cached_property
    def since(self) -> Any:
        """(the plan before, what is different from it), None for the first of the day."""
        return dispatching.changes_since(self.run)

    def titles(self, order_ids: Iterable[str]) -> list[Any]:
        """The reader's own among these orders."""
        found = own_orders(self.scope, set(order_ids))
        return sorted(found.values(), key=lambda row: row.number)

    # ---------- whose way ----------

    @cached_property
    def scale(self) -> Scale:
        """From the full hour before the first leaves to the full hour after the last is back."""
        begins = [one["start"] for one in self.proposals] + [one["leave"] for one in self._routes]
        ends = [one["end"] for one in self.proposals] + [one["back"] for one in self._routes]
        return Scale.around(moment(min(begins)), moment(max(ends)))

    @cached_property
    def _routes(self) -> list[dict[str, Any]]:
        mine = {one["volunteer"] for one in self.proposals}
        return [one for one in self.plan.get("routes", ()) if one["volunteer"] in mine]

    @cached_property
    def lanes(self) -> list[Lane]:
        """One a volunteer, the earliest first."""
        by_person: dict[str, list[dict[str, Any]]] = {}
        for one in sorted(self.proposals, key=lambda one: (one["start"], one["order"])):
            by_person.setdefault(one["volunteer"], []).append(one)
        names, answers = self._names(list(by_person)), self._answers()
        return [self._lane(key, rows, names, answers) for key, rows in by_person.items()]

    def _lane(self, key: str, rows: list[dict[str, Any]], names: dict[str, Any], answers: dict[Any, str]) -> Lane:
        routes = [one for one in self._routes if one["volunteer"] == key]
        stops = [self._stop(one, answers) for one in rows]
        travel = sum(one["travel_s"] for one in routes) or sum(one["travel_s"] for one in rows)
        named = names.get(key)
        return Lane(
            key,
            self._said(named),
            named is not None and may(self.scope.actor, "volunteer.see", named),
            stops,
            moment(min(one["leave"] for one in routes)) if routes else None,
            moment(max(one["back"] for one in routes)) if routes else None,
            -(-travel // 60),
            bars(self.scale, stops, [(moment(one["leave"]), moment(one["back"])) for one in routes]),
        )

    def _said(self, volunteer: Volunteer | None) -> str:
        """The name for whoever works there, initials for who watches, and no more for the rest."""
        if volunteer is None or not may(self.scope.actor, "volunteer.see", volunteer):
            return _("别的站点的志愿者")
        return volunteer.name if self.scope.exact(volunteer.office.path) else masked(volunteer.name)

    def _stop(self, one: dict[str, Any], answers: dict[Any, str]) -> Stop:
        pair = (one["order"], one["volunteer"])
        order = self._orders.get(one["order"])
        return Stop(
            order, moment(one["start"]), moment(one["end"]), -(-one["travel_s"] // 60), one["distance_m"],
            dispatching.offer_words(Offer(terms={"reasons": one["reasons"]}), "coordinator", language())
            if order is not None
            else [],
            self.changes.changes.get(pair, ""), answers.get(pair, ""),
        )  # fmt: skip

    def _names(self, ids: list[str]) -> dict[str, Volunteer]:
        return {row.id: row for row in db.session.scalars(select(Volunteer).where(Volunteer.id.in_(ids)))}

    def _answers(self) -> dict[Any, str]:
        found = select(Offer.order_id, Offer.volunteer_id, Offer.status).where(Offer.run_id == self.run.id)
        return {(row.order_id, row.volunteer_id): row.status for row in db.session.execute(found.order_by(Offer.id))}


def plan_view(run_id: str, scope: Scope) -> PlanView:
    """One day plan; NotFound where its office is neither above nor below the reader's."""
    found = (
        select(DispatchRun, Office)
        .join(Office, DispatchRun.office_id == Office.id)
        .where(DispatchRun.id == run_id, DispatchRun.mode == RunMode.DAY, concerns(scope))
        .options(defer(DispatchRun.problem))
    )
    row = db.session.execute(found).first()
    if row is None:
        raise NotFound()
    return PlanView(row[0], row[1], scope)
