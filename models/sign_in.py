"""What proves who somebody is, beside the password: second factors, recovery codes, known devices, codes from the desk.

Every secret is kept as a hash or sealed; a thief of this table cannot sign in with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Identified, UTCDateTime
from models.sealed import Sealed, SealedText


class SecondFactor(Base):
    """The time-based code of an authenticator app (RFC 6238), confirmed once by its owner."""

    __tablename__ = "second_factor"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), primary_key=True)
    secret = Sealed()
    secret_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    last_step: Mapped[int]
    """The half minute (since 1970) whose code was used last: no code works twice."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def data_subject(self) -> str:
        return self.account_id


class RecoveryCode(Identified, Base):
    """One of ten codes for the day the phone is lost; each works once."""

    __tablename__ = "recovery_code"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class KnownDevice(Identified, Base):
    """A browser in which this person has signed in: a soft lock on the account does not shut it out."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("account_id", "token_hash"),)

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class TryCount(Base):
    """How often something was tried at one key (a hash of a number, a place, a device) since `window_from`."""

    __tablename__ = "try_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=0)
    """Locks in a row: each lasts twice as long as the one before, up to a bound."""
    window_from: Mapped[datetime] = mapped_column(UTCDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class ResetCode(Identified, Base):
    """A code the desk gave somebody in person, with which they choose a new password."""

    __tablename__ = "reset_code"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    given_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FirstRunToken(Identified, Base):
    """The printed token with which the first administrator is made; there is no default account."""

    __tablename__ = "first_run_token"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
