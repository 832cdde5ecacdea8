"""Keys by which other systems use the API: for one office's subtree, for some scopes, for a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime
from models.office import Office

PUBLIC_LENGTH = 8


class ApiKey(Identified, Base):
    """What is known of a key once it has been shown: its public part, and the SHA-256 of the whole."""

    __tablename__ = "api_key"

    public_id: Mapped[str] = mapped_column(String(PUBLIC_LENGTH), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(40))
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Where it may be used from, as networks (`192.0.2.0/24`); none means from anywhere."""
    created_by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """To ten minutes."""
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    office: Mapped[Office] = relationship(lazy="joined")
