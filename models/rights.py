"""Consents and guardians: what a person agreed to, and who answers for somebody not yet of age."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import ConsentChannel, Purpose


class Consent(Identified, Base):
    """Somebody agreed to one purpose in one wording; `withdrawn_at` is when they took it back. Never changed else.

    Of an account, or of a resident without one; `given_by_id` is who wrote it down where they did not do so themselves.
    `wording_sha256` is of the very words that were shown, so that nobody can say later they were others.
    """

    __tablename__ = "consent"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("channel", ConsentChannel),
        CheckConstraint("(account_id IS NULL) <> (resident_id IS NULL)", name="of_one_person"),
        Index(
            "uq_consent_live_account", "account_id", "purpose",
            unique=True, sqlite_where=text("withdrawn_at IS NULL"), postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "uq_consent_live_resident", "resident_id", "purpose",
            unique=True, sqlite_where=text("withdrawn_at IS NULL"), postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )  # fmt: skip

    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"), index=True)
    resident_id: Mapped[str | None] = mapped_column(Id, ForeignKey("resident.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(10), default=ConsentChannel.WEB)
    wording_version: Mapped[str] = mapped_column(String(20))
    wording_sha256: Mapped[str] = mapped_column(String(64), default="")
    given_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Guardian(Identified, Base):
    """Who answers for a minor: met by the station, papers seen. `ended_at`: no longer."""

    __tablename__ = "guardian"
    __table_args__ = (
        Index(
            "uq_guardian_live_account", "account_id",
            unique=True, sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(40))
    relation: Mapped[str] = mapped_column(String(20))
    recorded_by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
