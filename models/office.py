"""The office tree: city > district > street > community, and each office's own settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, one_of
from models.kinds import OfficeLevel


class Office(Identified, Base):
    """An office. `path` is `/city/district/…/own id/`, so one prefix selects a whole subtree."""

    __tablename__ = "office"
    __table_args__ = (one_of("level", OfficeLevel), Index("ix_office_path", "path", unique=True))

    parent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"), index=True)
    level: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    path: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(30), default="")
    lat: Mapped[float]
    lon: Mapped[float]

    parent: Mapped[Office | None] = relationship(remote_side="Office.id")

    @property
    def lineage(self) -> list[str]:
        """Ids from the city down to this office."""
        return self.path.strip("/").split("/")


class OfficeSetting(Identified, Base):
    """One setting of one office; the nearest ancestor's row wins over the built-in default."""

    __tablename__ = "office_setting"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(JSON)
