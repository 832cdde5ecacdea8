"""The blueprint all pages of this slice hang on."""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from app.offices.queries import named
from app.serving import calendar, queries
from models import Volunteer

pages = Blueprint("serving", __name__)
MOST_SECONDS = 24 * 3600
"""So long the phone may show a page without a network."""

pages.add_app_template_global(calendar.token_of, "calendar_token")
pages.add_app_template_global(queries.why, "why_you")
pages.add_app_template_global(queries.why_offered)
pages.add_app_template_global(queries.is_shared)
pages.add_app_template_global(queries.seconds_left, "seconds_left")


@pages.app_template_global()
def skill_options(volunteer: Volunteer) -> list[tuple[str, str]]:
    """The volunteer's own skills, for a filter."""
    return [(row.skill.code, named(row.skill)) for row in volunteer.skills]


def may_be_kept(page: str, volunteer_id: str, seconds: int) -> Response:
    """The page, with leave for this phone's service worker to show it again without a network, for so many seconds."""
    response = make_response(page)
    response.headers["Linli-Keep"] = f"{volunteer_id} {max(0, min(seconds, MOST_SECONDS))}"
    return response
