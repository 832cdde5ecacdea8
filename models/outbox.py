"""What leaves the house: an outbox row for every notice, the endpoints it goes to, and each letter's way there.

Nothing here holds a name, a phone or an address: a letter's body is made of the notice's ids when it is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import DeliveryState
from models.notification import Notification
from models.office import Office
from models.sealed import Sealed, SealedText, own_id

URL_LENGTH = 500


class Outbox(Base):
    """One row for each notice, written in its transaction. `spread_at`: when the letters to the endpoints were made.

    `created_at` lies ahead while the notice may still grow: its letters wait for it (app/notices/gathering.py).
    The inbox line itself is the first channel and needs no letter: a row that no endpoint wants is done once spread.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_unspread",
            "created_at",
            sqlite_where=text("spread_at IS NULL"),
            postgresql_where=text("spread_at IS NULL"),
        ),
        Index("ix_outbox_spread_at", "spread_at"),
    )

    notification_id: Mapped[str] = mapped_column(
        Id, ForeignKey("notification.id", ondelete="CASCADE"), primary_key=True
    )
    office_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"))
    """Endpoints of this office and of those above it hear of it; of a row without one, those of the root offices."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    spread_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    notification: Mapped[Notification] = relationship()


class Webhook(Identified, Base):
    """An address outside that an administrator wants told about an office and everything below it.

    `kinds` are the notice kinds it wants; none means all. Two secrets may live at once, so that a receiver can change.
    """

    __tablename__ = "webhook"

    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    secret_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    old_secret_sealed: Mapped[bytes | None] = mapped_column(SealedText)
    old_secret_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    """Failed tries since the last that went through."""
    resting_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    secret = Sealed()
    old_secret = Sealed()
    office: Mapped[Office] = relationship(lazy="joined")

    def data_subject(self) -> str:
        """The secrets are sealed with a key of the endpoint's own."""
        return own_id(self)


class Delivery(Identified, Base):
    """A letter to one endpoint: about a notice, or a test (no notice). Its receiver knows repeats by the event id.

    `lease` names the try that has it in hand until `lease_until`; after that anybody may try again.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("state", DeliveryState),
        UniqueConstraint("webhook_id", "notification_id"),
        Index(
            "ix_delivery_due",
            "webhook_id",
            "next_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_delivery_state_settled", "state", "settled_at"),
    )

    webhook_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook.id"))
    notification_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("outbox.notification_id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(20), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    give_up_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease: Mapped[str | None] = mapped_column(Id)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[int | None]
    """The HTTP status of the last try; None where there was none."""
    trouble: Mapped[str] = mapped_column(String(30), default="")
    """What went wrong last, as a code of app/connections/wire.py; empty where nothing did."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    webhook: Mapped[Webhook] = relationship(lazy="joined")
    outbox: Mapped[Outbox | None] = relationship()
