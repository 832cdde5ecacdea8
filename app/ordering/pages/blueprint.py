"""The blueprint all pages of this slice hang on, and the words templates need to speak of an order."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, session

from app.ordering import choices, progress, queries
from app.people.phones import national
from models import ServiceCategory

pages = Blueprint("ordering", __name__)

pages.add_app_template_global(queries.title_of)
pages.add_app_template_global(progress.called, "called")
pages.add_app_template_global(progress.headline, "order_headline")
pages.add_app_template_filter(national, "national")


@pages.app_template_global()
def category_icon(category: ServiceCategory) -> str:
    """The picture beside a category; offices may add categories of their own, which get the common one."""
    return choices.CATEGORY_ICONS.get(category.code, "heart")


def draft_here() -> dict[str, Any]:
    """The order half filled in, as this browser's session keeps it."""
    return dict(session.get("draft") or {})
