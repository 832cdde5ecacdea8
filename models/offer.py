"""Offers (派单): an order put to one volunteer, who may say yes, say no, or say nothing until it expires."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime, one_of, sql_list
from models.kinds import OfferOrigin
from models.order import Order
from models.states import OFFER_LIVE, OfferStatus
from models.volunteer import Volunteer

_LIVE = text(f"status IN ({sql_list(OFFER_LIVE)})")


class Offer(Identified, Base):
    """`starts_at`/`ends_at` is the time proposed to this volunteer; `expires_at` is the offer's timer.

    `features`: what the answer model may look at, as it was when the offer was made (dispatch.offering.Offered);
    `wave`: in which wave of its order it went out; `message`: offers told in one line (a digest, a day plan) share it.
    `held_until`: nobody has told the volunteer yet, and until then the coordinator may undo it; None once it is sent.
    """

    __tablename__ = "offer"
    __table_args__ = (
        one_of("status", OfferStatus),
        one_of("origin", OfferOrigin),
        Index(
            "uq_offer_live_order_volunteer", "order_id", "volunteer_id",
            unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE,
        ),
        Index("ix_offer_volunteer_status", "volunteer_id", "status"),
        Index("ix_offer_status_expires", "status", "expires_at"),
    )  # fmt: skip

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"))
    run_id: Mapped[str | None] = mapped_column(Id, ForeignKey("dispatch_run.id"))
    status: Mapped[str] = mapped_column(String(20), default=OfferStatus.SENT)
    origin: Mapped[str] = mapped_column(String(10), default=OfferOrigin.DISPATCH)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    distance_m: Mapped[int]
    travel_minutes: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the engine's terms, for the words
    features: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    wave: Mapped[int] = mapped_column(default=0, server_default="0")
    message: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decline_reason: Mapped[str] = mapped_column(String(100), default="")
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)

    order: Mapped[Order] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class Reserve(Identified, Base):
    """A late yes: the place was gone, so this volunteer is asked first if it frees up."""

    __tablename__ = "reserve"
    __table_args__ = (
        Index(
            "uq_reserve_live_order_volunteer", "order_id", "volunteer_id",
            unique=True, sqlite_where=text("left_at IS NULL"), postgresql_where=text("left_at IS NULL"),
        ),
    )  # fmt: skip

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"), index=True)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    order: Mapped[Order] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
