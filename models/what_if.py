"""What a coordinator asked the simulator about their office's own recent weeks, and its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime

_UNDER_WAY = text("ended_at IS NULL")


class WhatIf(Identified, Base):
    """At most one of an office is under way; past its lease nobody works on it any more. Only counts, no people.

    `played` of `seeds` tell how far it is; `error` is one of app.dispatching.supposing's codes, empty with an answer.
    """

    __tablename__ = "what_if"
    __table_args__ = (
        Index(
            "uq_what_if_under_way", "office_id",
            unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY,
        ),
        Index("ix_what_if_office_id_asked_at", "office_id", "asked_at"),
    )  # fmt: skip

    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime)
    seeds: Mapped[int]
    played: Mapped[int] = mapped_column(default=0)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[str] = mapped_column(String(20), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
