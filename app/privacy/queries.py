"""What somebody may see of an order or a person: `view_of(order, actor)` and small questions beside it. Reads only.

The table (table.py) decides; here values are taken, masked or left out accordingly. Everything is masked by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.kernel.access import Actor, may
from app.privacy import masks
from app.privacy.stages import assignment_column, columns_of, opens_at
from app.privacy.table import KEPT_AT_DESK, TABLE, Level, level
from app.rights.service import is_minor
from models import Assignment, Order, OrderPhoto, Portrait, Resident, SavedAddress, Volunteer
from models.kinds import BY_OFFICE, Role

__all__ = [
    "TABLE", "Level", "View", "assignment_column", "caller_name", "caller_place", "opens_at",
    "view_at_desk", "view_of", "view_of_task", "volunteer_called",
]  # fmt: skip


@dataclass(frozen=True)
class View:
    """An order as far as one reader may see it: each property is the value, its mask, or empty."""

    order: Order
    columns: tuple[str, ...]

    def level(self, field: str) -> Level:
        return level(field, self.columns)

    def plain(self, field: str) -> bool:
        return self.level(field) == Level.PLAIN

    @cached_property
    def hidden(self) -> list[str]:
        """Fields that are shown masked or coarse, so that nobody takes a mask for the value."""
        shown = ("contact_name", "contact_phone", "address", "place", "access_notes")
        return [field for field in shown if self.level(field) in (Level.MASKED, Level.REVEAL, Level.COARSE)]

    @property
    def may_reveal(self) -> bool:
        return any(self.level(field) == Level.REVEAL for field in KEPT_AT_DESK)

    @property
    def contact_name(self) -> str:
        return self._text("contact_name", self.order.contact_name, masks.name)

    @property
    def contact_phone(self) -> str:
        return self._text("contact_phone", self.order.contact_phone, masks.phone)

    @property
    def address(self) -> str:
        if self.level("address") == Level.COARSE:
            return self.order.office.name
        return self._text("address", self.order.address, lambda full: masks.address(full, self.order.office.name))

    @property
    def access_notes(self) -> str:
        return self._text("access_notes", self.order.access_notes, masks.note)

    @property
    def place(self) -> tuple[float, float] | None:
        """A point: the door, the middle of its cell, or nothing."""
        asked = self.level("place")
        if asked == Level.NONE:
            return None
        exact = (self.order.lat, self.order.lon)
        return exact if asked == Level.PLAIN else masks.cell(*exact)

    @property
    def words(self) -> str:
        return self.order.words if self.plain("words") else ""

    @property
    def photos(self) -> Sequence[OrderPhoto]:
        return self.order.photos if self.plain("photos") else ()

    @property
    def needs_wheelchair(self) -> bool:
        return self.plain("needs") and self.order.needs_wheelchair

    @property
    def reason(self) -> str:
        return self.order.reason if self.plain("reason") else ""

    @property
    def start_code(self) -> str:
        return self.order.start_code if self.plain("start_code") else ""

    def helper_name(self, volunteer: Volunteer) -> str:
        """A volunteer of this order, as the reader may know them."""
        return _called(self.level("volunteer_name"), volunteer.name)

    def helper_portrait(self, assignment: Assignment) -> Portrait | None:
        """Their picture, until a day after the visit; none that the station has not looked at, none of a minor."""
        volunteer = assignment.volunteer
        if not self.plain("volunteer_photo") or is_minor(volunteer) or assignment_column(assignment) == "later":
            return None
        row = volunteer.portrait
        return row if row is not None and row.seen_at is not None else None

    def helper_phone(self, volunteer: Volunteer) -> str:
        return self._text("volunteer_phone", volunteer.account.phone, masks.phone)

    def account_name(self, account_id: str | None, name: str) -> str:
        """Somebody with an account who did or was told something: colleagues and volunteers by the volunteers' row,
        whoever is served by the residents'."""
        order = self.order
        asker = order.requester_id if order.channel not in BY_OFFICE else None
        served = account_id is not None and account_id in (asker, order.resident.account_id)
        asked = self.level("contact_name" if served else "volunteer_name")
        return _called(asked, name)

    def _text(self, field: str, value: str, mask: Any) -> str:
        asked = self.level(field)
        if asked == Level.PLAIN or not value:
            return value
        return mask(value) if asked in (Level.MASKED, Level.REVEAL) else ""


def view_of(order: Order, actor: Actor) -> View:
    """The order as this actor may see it now."""
    return View(order, columns_of(order, actor))


def view_at_desk(order: Order, actor: Actor) -> View:
    """The order as the pages of the desk show it: there one is the desk, whatever else one is to the order."""
    return View(order, tuple(column for column in columns_of(order, actor) if column in ("desk", "watch", "admin")))


def view_of_task(assignment: Assignment) -> View:
    """The order as its volunteer may see it now, by this assignment alone."""
    return View(assignment.order, (assignment_column(assignment),))


def _called(asked: Level, name: str) -> str:
    shown = {Level.PLAIN: lambda full: full, Level.COARSE: masks.form_of_address, Level.NONE: lambda _full: ""}
    return str(shown.get(asked, masks.name)(name))


# ---------- people beside an order ----------


def volunteer_called(actor: Actor, volunteer: Volunteer) -> str:
    """A volunteer's name on lists of an office: in full for themselves and their desk, masked for whoever watches."""
    if actor.key_id is None and (
        actor.volunteer_id == volunteer.id or actor.covers(volunteer.office.path, Role.COORDINATOR)
    ):
        return volunteer.name
    return masks.name(volunteer.name) if may(actor, "volunteer.see", volunteer) else ""


def caller_name(resident: Resident) -> str:
    """Who calls, as the desk's intake shows them before they have said so."""
    return resident.name if TABLE["contact_name"]["desk"] == Level.PLAIN else masks.name(resident.name)


def caller_place(saved: SavedAddress) -> str:
    """A place of theirs, enough to ask "还是那里吗？"."""
    if TABLE["address"]["desk"] == Level.PLAIN:
        return saved.address
    return masks.address(saved.address, saved.office.name)
