"""Assignments (接单) and the visit that fulfils them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime, db, one_of, sql_list
from models.offer import Offer
from models.order import Order, Position
from models.sealed import Sealed, SealedText
from models.states import ASSIGNMENT_HOLDING, AssignmentStatus
from models.volunteer import Volunteer

_HOLDING = text(f"status IN ({sql_list(ASSIGNMENT_HOLDING)})")


class Assignment(Identified, Base):
    """A volunteer said yes. The database refuses a second holder of a position, a second live assignment of the same
    volunteer on the order, and overlapping times of one volunteer (see `models/overlap.py`)."""

    __tablename__ = "assignment"
    __table_args__ = (
        one_of("status", AssignmentStatus),
        CheckConstraint("starts_at < ends_at", name="span_sane"),
        Index(
            "uq_assignment_live_position", "position_id",
            unique=True, sqlite_where=_HOLDING, postgresql_where=_HOLDING,
        ),
        Index(
            "uq_assignment_live_order_volunteer", "order_id", "volunteer_id",
            unique=True, sqlite_where=_HOLDING, postgresql_where=_HOLDING,
        ),
        Index("ix_assignment_volunteer_status", "volunteer_id", "status"),
    )  # fmt: skip

    order_id: Mapped[str] = mapped_column(Id, ForeignKey("orders.id"), index=True)
    position_id: Mapped[str] = mapped_column(Id, ForeignKey("position.id"))
    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"))
    offer_id: Mapped[str | None] = mapped_column(Id, ForeignKey("offer.id"))
    status: Mapped[str] = mapped_column(String(20), default=AssignmentStatus.ACCEPTED)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")

    order: Mapped[Order] = relationship()
    position: Mapped[Position] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    offer: Mapped[Offer | None] = relationship()
    visit: Mapped[Visit | None] = relationship(back_populates="assignment", uselist=False)


class Visit(Identified, Base):
    """What happened on the spot: when it began and ended by the server's clock, and what backs that.

    A position fix is kept as a point with its accuracy and distance from the address; it is never a track.
    """

    __tablename__ = "visit"

    assignment_id: Mapped[str] = mapped_column(Id, ForeignKey("assignment.id"), unique=True)
    checked_in_at: Mapped[datetime] = mapped_column(UTCDateTime)
    check_in_evidence: Mapped[str] = mapped_column(String(20))
    check_in_distance_m: Mapped[int | None]
    check_in_accuracy_m: Mapped[int | None]
    check_in_reported_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the phone could tell us, where it was in a dead spot: the time itself is then the phone's."""
    check_in_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    checked_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    check_out_evidence: Mapped[str] = mapped_column(String(20), default="")
    check_out_reported_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    check_out_by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    note = Sealed()
    note_sealed: Mapped[bytes | None] = mapped_column(SealedText)

    assignment: Mapped[Assignment] = relationship(back_populates="visit")

    def data_subject(self) -> str:
        """A note tells of the home that was visited."""
        assignment = self.assignment or db.session.get_one(Assignment, self.assignment_id)
        return (assignment.order or db.session.get_one(Order, assignment.order_id)).data_subject()
