"""The blueprint all pages of this slice hang on."""

from __future__ import annotations

from flask import Blueprint

from app.offices.queries import named
from app.serving import queries
from models import Volunteer

pages = Blueprint("serving", __name__)

pages.add_app_template_global(queries.why, "why_you")
pages.add_app_template_global(queries.why_offered)
pages.add_app_template_global(queries.seconds_left, "seconds_left")


@pages.app_template_global()
def skill_options(volunteer: Volunteer) -> list[tuple[str, str]]:
    """The volunteer's own skills, for a filter."""
    return [(row.skill.code, named(row.skill)) for row in volunteer.skills]
