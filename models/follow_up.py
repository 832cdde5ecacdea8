"""What a coordinator must look into after a bad mark or a complaint."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime
from models.order import Order


class FollowUp(Identified, Base):
    """Open until somebody writes what was done about it."""

    __tablename__ = "follow_up"

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    cause: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    resolution: Mapped[str] = mapped_column(String(500), default="")

    order: Mapped[Order] = relationship()
