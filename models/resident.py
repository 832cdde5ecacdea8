"""Residents and their saved addresses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, Id, Identified, UTCDateTime
from models.office import Office


class Resident(Identified, Base):
    """Somebody who may be served. One without an account was entered by an office or by family."""

    __tablename__ = "resident"

    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"), unique=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20), index=True)
    birth_year: Mapped[int | None]
    priority_group: Mapped[str] = mapped_column(String(20), default="")
    access_notes: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    account: Mapped[Account | None] = relationship()
    office: Mapped[Office] = relationship()
    addresses: Mapped[list[SavedAddress]] = relationship(back_populates="resident", order_by="SavedAddress.created_at")


class SavedAddress(Identified, Base):
    """A place a resident uses again. The text is exact; the coarse place is the community's name."""

    __tablename__ = "saved_address"

    resident_id: Mapped[str] = mapped_column(Id, ForeignKey("resident.id"), index=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    label: Mapped[str] = mapped_column(String(30), default="")
    address: Mapped[str] = mapped_column(String(200))
    lat: Mapped[float]
    lon: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    resident: Mapped[Resident] = relationship(back_populates="addresses")
    office: Mapped[Office] = relationship()
