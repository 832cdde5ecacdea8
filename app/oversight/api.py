"""The board for programs: counts and waiting orders, alerts, volunteers, figures; of the caller's own subtree only."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint

from app.kernel.access import needs
from app.offices.queries import named
from app.oversight import schemas
from app.oversight import volunteers as people
from app.oversight.board import alerts as alarms
from app.oversight.board import queries
from app.oversight.figures import summary as numbers
from app.oversight.figures.period import last_days
from app.oversight.scope import scope_of
from app.privacy.masks import name as masked
from models import Office

api = Blueprint("oversight_api", __name__, url_prefix="/api/v1", description="Board, alerts, volunteers, figures")


@api.route("/board")
@needs("board.see")
@api.arguments(schemas.BoardQuery, location="query")
@api.response(200, schemas.BoardOut)
def board(query: dict[str, Any]) -> dict[str, Any]:
    """Counts, and the orders that wait, sorted by risk of lateness."""
    scope = scope_of(g.actor, query["office"])
    wanted = queries.Wanted(query["q"], query["status"], query["urgency"], page=query["page"])
    found = queries.page_of(queries.waiting(scope, wanted), wanted.page)
    return {
        "counts": queries.counts(scope), "waiting": found.rows, "total": found.total, "page": found.page,
        "pages": found.pages,
    }  # fmt: skip


@api.route("/alerts")
@needs("board.see")
@api.arguments(schemas.ScopeQuery, location="query")
@api.response(200, schemas.AlertOut(many=True))
def alerts(query: dict[str, Any]) -> list[alarms.Alert]:
    """Every alert with how many things it is about; zero where all is well."""
    scope = scope_of(g.actor, query["office"])
    return alarms.alerts(scope, queries.waiting(scope))


@api.route("/volunteers")
@needs("volunteer.see")
@api.arguments(schemas.VolunteersQuery, location="query")
@api.response(200, schemas.VolunteersOut)
def volunteers(query: dict[str, Any]) -> dict[str, Any]:
    """Volunteers of the subtree with this month's work. Names are masked, phones left out."""
    scope = scope_of(g.actor, query.pop("office"))
    rows, page, pages = people.volunteers(scope, people.Sought(**query))
    months = people.months([row.id for row in rows])
    return {"volunteers": [_volunteer(row, months[row.id]) for row in rows], "page": page, "pages": pages}


def _volunteer(row: Any, month: people.Month) -> dict[str, Any]:
    return {
        "id": row.id, "name": masked(row.name), "office": named(row.office),
        "skills": [held.skill.code for held in row.skills], "is_verified": row.is_verified,
        "is_paused": row.is_paused, "on_duty_until": row.on_duty_until, "month_minutes": month.minutes,
        "month_asked": month.asked, "month_accepted": month.accepted,
    }  # fmt: skip


@api.route("/figures")
@needs("board.see")
@api.arguments(schemas.FiguresQuery, location="query")
@api.response(200, schemas.OfficeFiguresOut)
def figures(query: dict[str, Any]) -> dict[str, Any]:
    """Met need, time to accept, refusals, ratings: of the whole and of each office right below it."""
    scope = scope_of(g.actor, query["office"])
    whole, parts = numbers.figures(scope, last_days(query["days"]))
    return {
        "days": query["days"],
        "whole": _figures(scope.office, whole),
        "offices": [_figures(office, part) for office, part in parts],
    }


def _figures(office: Office | None, of: numbers.Figures) -> dict[str, Any]:
    satisfied = of.satisfied
    return {
        "office_id": office.id if office else None,
        "office": named(office) if office else None,
        "orders": of.orders,
        "met": of.met.part, "unmet": of.met.whole - of.met.part, "met_share": of.met.value,
        "accept_median": of.accept_median, "accept_p90": of.accept_p90,
        "on_time_share": of.on_time.value,
        "yes": of.refused.whole - of.refused.part, "no": of.refused.part, "lapsed": of.lapsed.part,
        "refusal_share": of.refused.value,
        "unfilled": of.unfilled.part, "unfilled_share": of.unfilled.value,
        "served": of.rated.whole, "rated": of.rated.part, "rated_share": of.rated.value,
        "raters": of.raters, "satisfied_share": satisfied.value if satisfied else None,
        "filled_share": of.filled.value, "active_volunteers": of.active.part,
        "offers_each": of.offers_each, "gini_of_offers": of.gini_of_offers,
        "accepts_each": of.accepts_each, "gini_of_accepts": of.gini_of_accepts,
        "unfilled_reasons": [
            {"code": code, "words": str(numbers.RULES.get(code, code)), "orders": count} for code, count in of.reasons
        ],
    }  # fmt: skip
