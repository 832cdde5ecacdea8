"""The data key of each person, wrapped; who may not be erased for now; who asked to be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime


class SubjectKey(Base):
    """Opens what is sealed for one account or resident. `wrapped` is gone once the person has been erased."""

    __tablename__ = "subject_key"

    subject_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[str] = mapped_column(String(10), index=True)  # of the master key that wraps it
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Erasure(Identified, Base):
    """Somebody asked that a person be forgotten. It is done from `due_at` on, unless taken back before."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index(
            "uq_erasure_open_subject", "subject_id", unique=True,
            sqlite_where=text("done_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )  # fmt: skip

    subject_id: Mapped[str] = mapped_column(Id)  # an account, or a resident without one
    office_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"), index=True)
    asked_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LegalHold(Identified, Base):
    """A reason in law to keep a person's data for now; while it stands nothing of theirs is erased."""

    __tablename__ = "legal_hold"

    subject_id: Mapped[str] = mapped_column(Id, index=True)
    office_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    set_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
