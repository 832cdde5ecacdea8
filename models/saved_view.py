"""What a coordinator narrowed the board to and wants to find again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime


class SavedView(Identified, Base):
    """Filters of the board under a name of one's own; `wanted` is the query string's names and values."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
