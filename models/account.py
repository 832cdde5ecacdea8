"""Who signs in: accounts, what each may do where, server-side sessions, consents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import Role
from models.office import Office


class Account(Identified, Base):
    """A person who can sign in with a phone number (E.164) and a password (Argon2id hash)."""

    __tablename__ = "account"

    phone: Mapped[str] = mapped_column(String(20), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    text_size: Mapped[str] = mapped_column(String(10), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="account")


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
    """A server-side session: the cookie or bearer token is stored only as its SHA-256."""

    __tablename__ = "auth_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Consent(Identified, Base):
    """What a person agreed to, in which wording, and when they took it back."""

    __tablename__ = "consent"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    wording_version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
