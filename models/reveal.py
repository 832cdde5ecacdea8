"""Looks at somebody's details: who asked, why, and when they were shown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import LookReason, LookWay, Role
from models.office import Office
from models.order import Order

LOOKING = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
"""Roles in which somebody at an office may look."""


class Reveal(Identified, Base):
    """One look at one person's details. `shown_at` is empty while a second person's yes is waited for (minors).

    Exactly one of `resident_id` and `volunteer_id` says whom it is about. `fields` are names of fields, never values;
    `stage` is the order's status at that moment and `role` the asker's, whatever they may be later; `words` are the
    asker's own and are read by whom it is about. `checked_at`: a second person has looked at a look drawn by lot.
    """

    __tablename__ = "reveal"
    __table_args__ = (
        one_of("way", LookWay),
        one_of("reason", LookReason),
        one_of("role", LOOKING),
        CheckConstraint("(resident_id IS NULL) <> (volunteer_id IS NULL)", name="about_one"),
        CheckConstraint("checked_by_id <> actor_id", name="checked_by_another"),
        Index("ix_reveal_actor_shown", "actor_id", "shown_at"),
        Index("ix_reveal_office_shown", "office_id", "shown_at"),
    )

    actor_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(20), default=Role.COORDINATOR)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    order_id: Mapped[str | None] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    resident_id: Mapped[str | None] = mapped_column(Id, ForeignKey("resident.id"), index=True)
    volunteer_id: Mapped[str | None] = mapped_column(Id, ForeignKey("volunteer.id"), index=True)
    way: Mapped[str] = mapped_column(String(10), default=LookWay.ONE)
    fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(200), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    actor: Mapped[Account] = relationship(foreign_keys=[actor_id])
    office: Mapped[Office] = relationship()
    order: Mapped[Order | None] = relationship()
