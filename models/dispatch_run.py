"""One run of the engine: its frozen question, its answer, and all that is needed to ask it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import RunStatus

_RUNNING = text("status = 'running'")


class DispatchRun(Identified, Base):
    """At most one run of a city is under way; `fence` makes a late double of it harmless."""

    __tablename__ = "dispatch_run"
    __table_args__ = (
        one_of("status", RunStatus),
        Index(
            "uq_dispatch_run_running", "office_id",
            unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING,
        ),
        Index("ix_dispatch_run_started_at", "started_at"),
    )  # fmt: skip

    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    status: Mapped[str] = mapped_column(String(10), default=RunStatus.RUNNING)
    cause: Mapped[str] = mapped_column(String(20))
    fence: Mapped[int] = mapped_column(default=1)
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    weights: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(default=0)
    versions: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    solver: Mapped[str] = mapped_column(String(40), default="")
    degraded: Mapped[str] = mapped_column(String(200), default="")
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    plan_digest: Mapped[str] = mapped_column(String(64), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(400), default="")
