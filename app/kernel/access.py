"""Who may do what, to which subject: one table. Routes name the act, services ask again with the subject in hand.

Outside one's subtree things do not exist: `require` raises NotFound, not a refusal that would tell.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import select

from app.kernel.errors import NotAllowed, NotFound, NotSignedIn
from app.kernel.security_log import note
from models import Assignment, Offer, Office, Order, Volunteer, db
from models.kinds import BY_OFFICE, Role


@dataclass(frozen=True)
class Grant:
    role: Role
    office_id: str
    path: str


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a signed-in person with their roles, another system with a key, nobody, or the system itself."""

    account_id: str | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    resident_id: str | None = None
    volunteer_id: str | None = None
    is_system: bool = False
    language: str = "zh"
    text_size: str = ""
    key_id: str | None = None
    """Another system with an API key. It holds no account and may do only `acts`, whatever its grants say."""
    acts: frozenset[str] = frozenset()
    by_link: bool = False
    """A person who came with the link of a notice and has not signed in: they may do only `acts`, too."""

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None or self.key_id is not None

    def has(self, *roles: str) -> bool:
        return any(grant.role in roles for grant in self.grants)

    def paths(self, *roles: str) -> tuple[str, ...]:
        """The subtrees in which one of these roles is held."""
        return tuple(sorted({grant.path for grant in self.grants if grant.role in roles}))

    def covers(self, path: str, *roles: str) -> bool:
        return any(path.startswith(held) for held in self.paths(*roles))


NOBODY = Actor()
SYSTEM = Actor(name="系统", is_system=True)

Rule = Callable[[Actor, Any], bool]
DESK = (Role.COORDINATOR,)
WATCH = (Role.COORDINATOR, Role.SUPERVISOR)


def office_path(subject: Any) -> str:
    """The path of the office that a subject belongs to."""
    if isinstance(subject, Office):
        return subject.path
    if getattr(subject, "office", None) is not None:
        return str(subject.office.path)
    if getattr(subject, "order", None) is not None:
        return office_path(subject.order)
    if getattr(subject, "volunteer", None) is not None:
        return office_path(subject.volunteer)
    if getattr(subject, "office_id", None):
        office = db.session.get(Office, subject.office_id)
        return office.path if office else "?"
    return "?"


def _within(*roles: str) -> Rule:
    return lambda actor, subject: actor.covers(office_path(subject), *roles)


def _own_order(actor: Actor, order: Order) -> bool:
    """It is for them, or they asked for it in person: writing it down at the desk makes it nobody's own."""
    asked = actor.account_id is not None and order.requester_id == actor.account_id
    mine = asked and order.channel not in BY_OFFICE
    return mine or (actor.resident_id is not None and order.resident_id == actor.resident_id)


def _involved(actor: Actor, order: Order) -> bool:
    """The volunteer was offered this order or took it."""
    if actor.volunteer_id is None:
        return False
    for table in (Offer, Assignment):
        found = select(table.id).filter_by(order_id=order.id, volunteer_id=actor.volunteer_id).limit(1)
        if db.session.scalar(found):
            return True
    return False


def _own_volunteer(actor: Actor, subject: Any) -> bool:
    held = subject.id if isinstance(subject, Volunteer) else subject.volunteer_id
    return actor.volunteer_id is not None and held == actor.volunteer_id


ANYONE = tuple(Role)
#: act → (roles that may open the door at all, who of them may do it to a given subject: any of these rules)
ACTS: dict[str, tuple[tuple[str, ...], tuple[Rule, ...]]] = {
    "account.self": (ANYONE, ()),
    "order.place": (ANYONE, ()),
    "order.intake": (DESK, (_within(*DESK),)),
    "order.see": (ANYONE, (_own_order, _involved, _within(*WATCH))),
    "order.see_own": (ANYONE, (_own_order,)),
    "order.amend": (ANYONE, (_own_order, _within(*DESK))),
    "order.cancel": (ANYONE, (_own_order, _within(*DESK))),
    "order.rate": (ANYONE, (_own_order, _within(*DESK))),
    "order.reopen": (ANYONE, (_own_order, _within(*DESK))),
    "order.review": (DESK, (_within(*DESK),)),
    "order.note": (DESK, (_within(*DESK),)),
    "order.escalate": (WATCH, (_within(*WATCH),)),
    "order.claim": ((Role.VOLUNTEER,), ()),
    "dispatch.steer": (DESK, (_within(*DESK),)),
    "dispatch.see": (WATCH, (_within(*WATCH),)),
    "offer.answer": ((Role.VOLUNTEER,), (_own_volunteer,)),
    "assignment.serve": ((Role.VOLUNTEER,), (_own_volunteer,)),
    "assignment.vouch": (DESK, (_within(*DESK),)),
    "volunteer.self": ((Role.VOLUNTEER,), (_own_volunteer,)),
    "volunteer.see": (WATCH, (_within(*WATCH),)),
    "volunteer.verify": (DESK, (_within(*DESK),)),
    "portrait.see": ((Role.VOLUNTEER, *DESK), (_own_volunteer, _within(*DESK))),
    "guardian.record": (DESK, (_within(*DESK),)),
    "reveal.make": (DESK, (_within(*DESK),)),
    "reveal.approve": (DESK, (_within(*DESK),)),
    "reveal.check": (
        (Role.SUPERVISOR, Role.ADMINISTRATOR),
        (_within(Role.SUPERVISOR, Role.ADMINISTRATOR),),
    ),
    "reveal.see": ((*WATCH, Role.ADMINISTRATOR), (_within(*WATCH, Role.ADMINISTRATOR),)),
    "block.make": (ANYONE, ()),
    "hours.see": (WATCH, (_within(*WATCH),)),
    "hours.enter": (DESK, (_within(*DESK),)),
    "hours.approve": (DESK, (_within(*DESK),)),
    "follow_up.see": (WATCH, (_within(*WATCH),)),
    "follow_up.resolve": (DESK, (_within(*DESK),)),
    "board.see": (WATCH, (_within(*WATCH),)),
    "webhook.manage": ((Role.ADMINISTRATOR,), (_within(Role.ADMINISTRATOR),)),
    "api_key.manage": ((Role.ADMINISTRATOR,), (_within(Role.ADMINISTRATOR),)),
    "system.see": ((Role.ADMINISTRATOR,), (_within(Role.ADMINISTRATOR),)),
    "erasure.ask": (DESK, (_within(*DESK),)),
    "erasure.hold": ((Role.ADMINISTRATOR,), (_within(Role.ADMINISTRATOR),)),
    "office.settings": ((Role.ADMINISTRATOR,), (_within(Role.ADMINISTRATOR),)),
    "account.recover": (
        (Role.COORDINATOR, Role.ADMINISTRATOR),
        (_within(Role.COORDINATOR, Role.ADMINISTRATOR),),
    ),
    "role.grant": ((Role.ADMINISTRATOR,), (_within(Role.ADMINISTRATOR),)),
}


def may(actor: Actor, what: str, subject: Any = None) -> bool:
    """Whether this actor may do this act, to this subject when one is given."""
    roles, rules = ACTS[what]
    if actor.is_system:
        return True
    if (actor.key_id is not None or actor.by_link) and what not in actor.acts:
        return False
    if not actor.is_signed_in or not (roles == ANYONE or actor.has(*roles)):
        return False
    return subject is None or not rules or any(rule(actor, subject) for rule in rules)


def require(actor: Actor, what: str, subject: Any = None) -> None:
    """Raise NotSignedIn, NotAllowed (the act is not for this role) or NotFound (not this subject)."""
    if may(actor, what, subject):
        return
    if not actor.is_signed_in:
        raise NotSignedIn()
    note("access.refused", act=what, subject=getattr(subject, "id", None))
    raise NotFound() if may(actor, what) else NotAllowed()


def needs(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a route with the act it performs, and close it to roles that never may."""
    if what not in ACTS:
        raise KeyError(what)

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            require(g.actor, what)
            return view(*args, **kwargs)

        guarded.access = what  # type: ignore[attr-defined]  # read by the test that walks all routes
        return guarded

    return mark


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a route that anybody may open, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]  # read by the test that walks all routes
    return view


def within(column: Any, paths: Iterable[str]) -> Any:
    """SQL: the path column lies in one of the subtrees; nothing at all for an empty list."""
    from sqlalchemy import false, or_

    conditions = [column.startswith(path, autoescape=True) for path in paths]
    return or_(*conditions) if conditions else false()
