"""Choosing a community without JavaScript: one level a page, or by a search."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request

from app.offices import queries as offices
from app.people import queries as people
from models import Office
from models.kinds import OfficeLevel


@dataclass(frozen=True)
class Chooser:
    """Where one is in the tree: the way down so far, what may be picked next, the community once it is picked."""

    url: str
    way: tuple[Office, ...]
    next: tuple[Office, ...]
    community: Office | None
    words: str = ""
    found: tuple[Office, ...] = ()

    @property
    def back(self) -> str:
        """Id of the office from which another way down may be taken."""
        return self.way[-2].id if len(self.way) > 1 else ""


def chooser(office_id: str | None, url: str) -> Chooser:
    """The chooser at an office; by default at one's own community, else at the top. A search leads away from both."""
    words = request.args.get("q", "").strip()[:40]
    words = words if words.isprintable() else ""
    if words:
        return Chooser(url, (), tuple(_top()), None, words, tuple(offices.search(words)))
    at = offices.office(office_id) or (people.home_office(g.actor) if "within" not in request.args else None)
    if at is None:
        return Chooser(url, (), tuple(_top()), None)
    way = tuple(offices.lineage(at))
    return Chooser(url, way, tuple(offices.children(at.id)), at if at.level == OfficeLevel.COMMUNITY else None)


def _top() -> list[Office]:
    """The first level with a choice: a lone city is passed over."""
    level = offices.children(None)
    return offices.children(level[0].id) if len(level) == 1 else level
