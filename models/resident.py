"""Residents and their saved addresses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, Id, Identified, UTCDateTime
from models.office import Office
from models.sealed import Sealed, SealedText, own_id


class Resident(Identified, Base):
    """Somebody who may be served. One without an account was entered by an office or by family."""

    __tablename__ = "resident"

    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"), unique=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    phone = Sealed(indexed=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    birth_year: Mapped[int | None]
    priority_group: Mapped[str] = mapped_column(String(20), default="")
    access_notes = Sealed()
    access_notes_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    account: Mapped[Account | None] = relationship()
    office: Mapped[Office] = relationship()
    addresses: Mapped[list[SavedAddress]] = relationship(back_populates="resident", order_by="SavedAddress.created_at")

    @property
    def is_erased(self) -> bool:
        """Whoever is served has a number, until they are forgotten."""
        return self.phone_index is None

    def data_subject(self) -> str:
        return own_id(self)


class SavedAddress(Identified, Base):
    """A place a resident uses again. The text is exact; the coarse place is the community's name."""

    __tablename__ = "saved_address"

    resident_id: Mapped[str] = mapped_column(Id, ForeignKey("resident.id"), index=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    label: Mapped[str] = mapped_column(String(30), default="")
    address = Sealed()
    address_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    lat: Mapped[float]
    lon: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    resident: Mapped[Resident] = relationship(back_populates="addresses")
    office: Mapped[Office] = relationship()

    def data_subject(self) -> str:
        return self.resident_id or own_id(self.resident)
