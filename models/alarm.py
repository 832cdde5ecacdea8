"""What needs an administrator, and what the doctor last found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, UTCDateTime

_OPEN = text("settled_at IS NULL")


class Alarm(Identified, Base):
    """Something is wrong. At most one alarm of a code is open; `seen_at` is when it was last found to be so still.

    `particulars` hold ids, names of invariants and numbers: never a person's data.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        Index("uq_alarm_open", "code", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_alarm_raised_at", "raised_at"),
    )

    code: Mapped[str] = mapped_column(String(60))
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    times: Mapped[int] = mapped_column(default=1)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Checkup(Identified, Base):
    """One look of the doctor at everything: whether all was well, and each finding."""

    __tablename__ = "checkup"
    __table_args__ = (Index("ix_checkup_at", "at"),)

    at: Mapped[datetime] = mapped_column(UTCDateTime)
    ok: Mapped[bool]
    seconds: Mapped[float]
    findings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
