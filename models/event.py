"""The journal: one row for every step anybody took, written in the same transaction as the step."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, UTCDateTime


def new_salt() -> str:
    """What keeps a digest of few possible words from being guessed, for as long as the words are there."""
    return secrets.token_hex(16)


class Event(Base):
    """What happened. Rows that concern an order carry its `order_id` and `version`: gapless 1..order.version.

    `number` only names the row; it is no cursor (PostgreSQL may commit a lower number later). Rows are never changed,
    but for the name and the particulars, which a redaction may blank together with their salts (app/kernel/chain.py).
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("order_id", "version"),
        Index("ix_event_subject", "subject_type", "subject_id"),
        Index("ix_event_office_at", "office_id", "at"),
    )

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(Id)
    order_id: Mapped[str | None] = mapped_column(Id, ForeignKey("orders.id"))
    version: Mapped[int | None]
    office_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"))
    actor_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))  # None: the system
    actor_name: Mapped[str] = mapped_column(String(40), default="")
    before: Mapped[str | None] = mapped_column(String(20))
    after: Mapped[str | None] = mapped_column(String(20))
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    name_salt: Mapped[str] = mapped_column(String(32), default=new_salt, server_default="")
    words_salt: Mapped[str] = mapped_column(String(32), default=new_salt, server_default="")


class IdempotencyKey(Base):
    """One effect per (actor, key): the row is written in the transaction of the effect it names."""

    __tablename__ = "idempotency_key"

    actor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    result_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
