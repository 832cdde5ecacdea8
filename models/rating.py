"""Ratings (评单): one word of each side about a visit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.assignment import Assignment
from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import Outcome, Side


class Rating(Identified, Base):
    """`stars` 1 (bad), 2 (middling), 3 (good). `visible_at` is when the other side may read it."""

    __tablename__ = "rating"
    __table_args__ = (
        one_of("side", Side),
        one_of("outcome", Outcome),
        CheckConstraint("stars BETWEEN 1 AND 3", name="stars_sane"),
        UniqueConstraint("assignment_id", "side"),
    )

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    assignment_id: Mapped[str] = mapped_column(Id, ForeignKey("assignment.id"))
    side: Mapped[str] = mapped_column(String(10))
    stars: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20), default=Outcome.DONE)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[str] = mapped_column(String(500), default="")
    author_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    visible_at: Mapped[datetime] = mapped_column(UTCDateTime)

    assignment: Mapped[Assignment] = relationship()
