"""Notices to people: an inbox line, and the outbox of whatever channel carries it outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import NoticeKind


class Notification(Identified, Base):
    """A line in somebody's inbox. `particulars` hold ids and plain words only: never a name, phone or address."""

    __tablename__ = "notification"
    __table_args__ = (
        one_of("kind", NoticeKind),
        Index("ix_notification_account_created", "account_id", "created_at"),
    )

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(30))
    order_id: Mapped[str | None] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    offer_id: Mapped[str | None] = mapped_column(Id, ForeignKey("offer.id"))
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
