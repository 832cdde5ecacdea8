"""Who signs in: accounts, what each may do where, server-side sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import Role, SessionKind
from models.office import Office
from models.sealed import Sealed, SealedText, own_id


class Account(Identified, Base):
    """A person who can sign in with a phone number (E.164) and a password (Argon2id hash)."""

    __tablename__ = "account"

    phone = Sealed(indexed=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    text_size: Mapped[str] = mapped_column(String(10), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a session was last begun; empty: never yet."""

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="account")

    def data_subject(self) -> str:
        return own_id(self)


class RoleGrant(Identified, Base):
    """A role held in an office: it reaches that office and everything below it."""

    __tablename__ = "role_grant"
    __table_args__ = (one_of("role", Role), UniqueConstraint("account_id", "role", "office_id"))

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(20))
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    account: Mapped[Account] = relationship(back_populates="grants")
    office: Mapped[Office] = relationship(lazy="joined")


class AuthSession(Identified, Base):
    """A server-side session: the cookie or bearer token is stored only as its SHA-256.

    What it holds (an order half written, with an address in it) is sealed with a key that only the token gives.
    """

    __tablename__ = "auth_session"
    __table_args__ = (one_of("kind", SessionKind),)

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    device: Mapped[str] = mapped_column(String(60), default="")
    """What it runs on, in a few words, for the list of one's own sessions."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    idle_seconds: Mapped[int]
    """It ends this long after the last visit, and at `expires_at` in any case."""
    proved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the password was last asked for and given."""
    second_factor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
