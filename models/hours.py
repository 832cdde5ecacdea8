"""The hours ledger: append only. A mistake is mended by a correction entered by somebody else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.assignment import Assignment
from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import HoursKind, HoursStatus
from models.volunteer import Volunteer

_CREDIT = text("kind = 'credit'")


class HoursEntry(Identified, Base):
    """Minutes served. `entered_by_id` None means the system, from the visit's own evidence."""

    __tablename__ = "hours_entry"
    __table_args__ = (
        one_of("kind", HoursKind),
        one_of("status", HoursStatus),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> entered_by_id", name="four_eyes"),
        CheckConstraint("minutes BETWEEN -1440 AND 1440", name="minutes_sane"),
        Index(
            "uq_hours_entry_credit", "assignment_id",
            unique=True, sqlite_where=_CREDIT, postgresql_where=_CREDIT,
        ),
    )  # fmt: skip

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"), index=True)
    assignment_id: Mapped[str] = mapped_column(Id, ForeignKey("assignment.id"))
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200), default="")
    entered_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    approved_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    volunteer: Mapped[Volunteer] = relationship()
    assignment: Mapped[Assignment] = relationship()
