"""What a city has learnt about answers to offers: one row each night, of which at most one is in use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime

_IN_USE = text("in_use")


class AnswerModel(Identified, Base):
    """`document` is dispatch.offering.Fitted as JSON, its calibration within; `brier` and `constant` (the same score
    for one chance for everybody) are None where too little was held out to judge. It knows offers, no people."""

    __tablename__ = "answer_model"
    __table_args__ = (
        UniqueConstraint("office_id", "version"),
        Index(
            "uq_answer_model_in_use", "office_id",
            unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE,
        ),
    )  # fmt: skip

    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    version: Mapped[int]
    window_from: Mapped[datetime] = mapped_column(UTCDateTime)
    window_until: Mapped[datetime] = mapped_column(UTCDateTime)
    rows: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    brier: Mapped[float | None]
    constant: Mapped[float | None]
    fitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    in_use: Mapped[bool] = mapped_column(default=False)
