"""One run of the engine: its frozen question, its answer, and all that is needed to ask it again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import PlanStage, RunMode, RunStatus

_RUNNING = text("status = 'running'")


class DispatchRun(Identified, Base):
    """At most one run of a city and mode is under way; `fence` makes a late double of it harmless.

    A day plan (`mode`, for the local `day`) goes through its `stage` after it was worked out; instant runs have none.
    """

    __tablename__ = "dispatch_run"
    __table_args__ = (
        one_of("status", RunStatus),
        one_of("mode", RunMode),
        one_of("stage", PlanStage),
        Index(
            "uq_dispatch_run_running", "office_id", "mode",
            unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING,
        ),
        Index("ix_dispatch_run_office_id_day", "office_id", "day"),
        Index("ix_dispatch_run_started_at", "started_at"),
    )  # fmt: skip

    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    status: Mapped[str] = mapped_column(String(10), default=RunStatus.RUNNING)
    mode: Mapped[str] = mapped_column(String(10), default=RunMode.INSTANT, server_default=RunMode.INSTANT)
    day: Mapped[date | None] = mapped_column(Date)
    stage: Mapped[str | None] = mapped_column(String(10))
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
    waves: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # folded: who could be asked, and who was
    plan_digest: Mapped[str] = mapped_column(String(64), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(400), default="")
