"""The office tree and the menu for programs; both are public."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.kernel.access import public
from app.kernel.errors import NotFound
from app.offices import queries
from app.offices.schemas import MenuQuery, OfficeQuery, OfficeTree, ShelfOut
from models import Office

api = Blueprint("offices_api", __name__, url_prefix="/api/v1", description="Offices and the service menu")


def _office(office_id: str | None) -> Office | None:
    """The office asked for; NotFound for an id that names none."""
    found = queries.office(office_id)
    if office_id and found is None:
        raise NotFound()
    return found


@api.route("/offices")
@public
@api.arguments(OfficeQuery, location="query")
@api.response(200, OfficeTree(many=True))
def offices(query: dict[str, Any]) -> list[dict[str, Any]]:
    """The office tree: city, districts, streets, communities."""
    return queries.tree(_office(query.get("under")))


@api.route("/menu")
@public
@api.arguments(MenuQuery, location="query")
@api.response(200, ShelfOut(many=True))
def menu(query: dict[str, Any]) -> list[queries.Shelf]:
    """What can be ordered, by category; with `office`, what that office offers."""
    return queries.menu(_office(query.get("office")))
