"""Orders (点单): one need, one place, one window, n positions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, Id, Identified, UTCDateTime, one_of, sql_list
from models.kinds import Channel, Urgency
from models.menu import ServiceItem, Skill
from models.office import Office
from models.resident import Resident
from models.sealed import Sealed, SealedText, own_id
from models.states import ORDER_MAY_SLEEP, OrderStatus


class Order(Identified, Base):
    """One need. `version` counts its journal rows; `next_action_at` is its timer and must be set while anything is due.

    The service lasts `duration_minutes` and lies within [window_from, window_until). The exact address is for the
    accepted volunteer only; everybody else gets the office's name as the coarse place.
    """

    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", OrderStatus),
        one_of("channel", Channel),
        one_of("urgency", Urgency),
        CheckConstraint("positions_wanted BETWEEN 1 AND 50", name="positions_sane"),
        CheckConstraint("duration_minutes BETWEEN 5 AND 720", name="duration_sane"),
        CheckConstraint("window_from < window_until", name="window_sane"),
        CheckConstraint(f"next_action_at IS NOT NULL OR status IN ({sql_list(ORDER_MAY_SLEEP)})", name="timer_set"),
        Index("ix_orders_status_office", "status", "office_id"),
        Index("ix_orders_next_action_at", "next_action_at"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[str] = mapped_column(String(20), default=OrderStatus.SUBMITTED)
    version: Mapped[int] = mapped_column(default=0)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"))
    escalated_to_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"))
    item_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("service_item.id")
    )  # None: free-form, not yet classified
    resident_id: Mapped[str] = mapped_column(Id, ForeignKey("resident.id"), index=True)
    requester_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(60))
    words = Sealed()
    words_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    contact_name: Mapped[str] = mapped_column(String(40))
    contact_phone = Sealed()
    contact_phone_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    address = Sealed()
    address_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    access_notes = Sealed()
    access_notes_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    lat: Mapped[float]
    lon: Mapped[float]
    window_from: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    window_until: Mapped[datetime] = mapped_column(UTCDateTime)
    duration_minutes: Mapped[int]
    positions_wanted: Mapped[int] = mapped_column(default=1)
    urgency: Mapped[str] = mapped_column(String(10), default=Urgency.NORMAL)
    is_now: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int] = mapped_column(default=3)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    sex_wish: Mapped[str | None] = mapped_column(String(10))
    wants_same_volunteer: Mapped[bool] = mapped_column(default=False)
    needs_wheelchair: Mapped[bool] = mapped_column(default=False)
    credentials: Mapped[list[str]] = mapped_column(JSON, default=list)
    minimum_age: Mapped[int | None]
    start_code: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(400), default="")  # why returned, rejected, cancelled, unfilled
    unplaced: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # the last run's counted reasons
    asking: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # the last step of its offers (dispatching/cases.py)
    merged_into_id: Mapped[str | None] = mapped_column(Id, ForeignKey("orders.id"))
    next_action_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rating_asks: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    staffed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    served_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    office: Mapped[Office] = relationship(foreign_keys=[office_id])
    escalated_to: Mapped[Office | None] = relationship(foreign_keys=[escalated_to_id])
    item: Mapped[ServiceItem | None] = relationship()
    resident: Mapped[Resident] = relationship()
    requester: Mapped[Account | None] = relationship()
    skills: Mapped[list[OrderSkill]] = relationship(cascade="all, delete-orphan")
    positions: Mapped[list[Position]] = relationship(cascade="all, delete-orphan", order_by="Position.number")
    photos: Mapped[list[OrderPhoto]] = relationship(cascade="all, delete-orphan")

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    def data_subject(self) -> str:
        """What an order says is about the person served, whoever asked for it."""
        return self.resident_id or own_id(self.resident)


class OrderSkill(Identified, Base):
    """A skill that every volunteer on this order must have."""

    __tablename__ = "order_skill"
    __table_args__ = (UniqueConstraint("order_id", "skill_id"),)

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"))
    skill_id: Mapped[str] = mapped_column(Id, ForeignKey("skill.id"))

    skill: Mapped[Skill] = relationship(lazy="joined")


class Position(Identified, Base):
    """One place to fill. An assignment holds one, so the number of these rows is the order's capacity."""

    __tablename__ = "position"
    __table_args__ = (UniqueConstraint("order_id", "number"),)

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"))
    number: Mapped[int]


class OrderPhoto(Identified, Base):
    """A picture, re-encoded (no position data left in it) and kept outside the web root."""

    __tablename__ = "order_photo"

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    filename: Mapped[str] = mapped_column(String(60))
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class OrderSplit(Identified, Base):
    """Part of one order goes on as another: `order_id` was split off `from_id`, once."""

    __tablename__ = "order_split"

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), unique=True)
    from_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
