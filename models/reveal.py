"""Looks at somebody's details: who asked, why, and when they were shown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import LookReason, LookWay
from models.office import Office
from models.order import Order


class Reveal(Identified, Base):
    """One look at one person's details. `shown_at` is empty while a second person's yes is waited for (minors).

    Exactly one of `resident_id` and `volunteer_id` says whom it is about. `fields` are names of fields, never values;
    `stage` is the order's status at that moment; `words` are the asker's own and are read by whom it is about.
    """

    __tablename__ = "reveal"
    __table_args__ = (
        one_of("way", LookWay),
        one_of("reason", LookReason),
        CheckConstraint("(resident_id IS NULL) <> (volunteer_id IS NULL)", name="about_one"),
        Index("ix_reveal_actor_shown", "actor_id", "shown_at"),
        Index("ix_reveal_office_shown", "office_id", "shown_at"),
    )

    actor_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
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

    actor: Mapped[Account] = relationship(foreign_keys=[actor_id])
    office: Mapped[Office] = relationship()
    order: Mapped[Order | None] = relationship()
