"""The part of the office tree somebody looks at: where they may watch, narrowed to one office of their choice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import select

from app.kernel.access import WATCH, Actor, require, within
from app.kernel.errors import NotFound
from models import Office, db
from models.kinds import Role


@dataclass(frozen=True)
class Scope:
    """`paths` are the subtrees looked at; `office` is the one at their top, None while there are several."""

    actor: Actor
    paths: tuple[str, ...]
    roots: tuple[Office, ...]
    office: Office | None

    @property
    def topics(self) -> str:
        """What a page must watch to stay true, as the attribute data-live wants it."""
        return " ".join(f"office:{path.strip('/').split('/')[-1]}" for path in self.paths)

    @property
    def office_id(self) -> str | None:
        """The chosen office where it is narrower than all the actor watches."""
        own = {root.id for root in self.roots}
        return self.office.id if self.office and (len(own) > 1 or self.office.id not in own) else None

    @cached_property
    def crumbs(self) -> list[Office]:
        """The offices from the actor's own down to the one looked at."""
        if self.office is None:
            return []
        held = [root for root in self.roots if self.office.path.startswith(root.path)]
        below = self.office.path.removeprefix(held[0].path).strip("/").split("/") if held else []
        steps = {step.id: step for step in db.session.scalars(select(Office).where(Office.id.in_(below)))}
        return [*held, *(steps[key] for key in below if key in steps)]

    @cached_property
    def children(self) -> list[Office]:
        """The offices one may narrow the view to from here."""
        if self.office is None:
            return list(self.roots)
        found = select(Office).where(Office.parent_id == self.office.id).order_by(Office.name)
        return list(db.session.scalars(found))

    def holds(self, column: Any = Office.path) -> Any:
        """SQL: the path lies in what is looked at."""
        return within(column, self.paths)

    def exact(self, path: str) -> bool:
        """Whether the actor works there and so may see who and where; a supervisor only watches."""
        return self.actor.covers(path, Role.COORDINATOR)


def scope_of(actor: Actor, office_id: str | None = None) -> Scope:
    """All that the actor watches, or one office and what is below it; NotFound where that is not theirs."""
    own = _topmost(actor.paths(*WATCH))
    roots = tuple(db.session.scalars(select(Office).where(Office.path.in_(own)).order_by(Office.path)))
    whole = Scope(actor, own, roots, roots[0] if len(roots) == 1 else None)
    if not office_id:
        return whole
    office = db.session.get(Office, office_id)
    if office is None:
        raise NotFound()
    require(actor, "board.see", office)
    return replace(whole, paths=(office.path,), office=office)


def _topmost(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths that lie in none of the others."""
    return tuple(path for path in paths if not any(path != other and path.startswith(other) for other in paths))
