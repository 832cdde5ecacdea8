"""One notice for several offers that go out together (a digest, a day plan): each that follows is added to the first.

The inbox line is there at once and grows. What goes outside waits until nothing was added for a while; once letters
have gone out, what follows begins a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from app.kernel.clock import now
from app.notices.service import announce_to, tell
from models import Delivery, Notification, Offer, Outbox, db
from models.kinds import NoticeKind

PAUSE = timedelta(seconds=90)
"""After this long without another offer the letters go. Runs of one digest follow one another within a minute."""
RECENT = timedelta(hours=1)
"""An older line is not looked through: no digest takes so long to go out."""


def tell_together(offer: Offer) -> None:
    """Tell the volunteer of an offer in one line with the others of its `message`. In a command that locked them."""
    account_id = offer.volunteer.account_id
    outbox = _growing(account_id, offer.message)
    if outbox is None:
        tell(account_id, NoticeKind.OFFER, offer=offer, pause=PAUSE, together=offer.message, offers=[offer.id])
        return
    notice = outbox.notification
    notice.particulars = {**notice.particulars, "offers": [*offers_of(notice), offer.id]}
    notice.read_at = None
    if outbox.spread_at is None:
        outbox.created_at = now() + PAUSE
    announce_to(account_id, NoticeKind.OFFER, now(), offer.order_id)


def _growing(account_id: str, message: str) -> Outbox | None:
    """The outbox row of the line that tells of this message, locked; None when there is none, or it is outside."""
    lately = select(Notification).where(
        Notification.account_id == account_id, Notification.kind == NoticeKind.OFFER,
        Notification.created_at >= now() - RECENT,
    )  # fmt: skip
    rows = db.session.scalars(lately.order_by(Notification.created_at.desc(), Notification.id.desc()))
    known = next((row for row in rows if row.particulars.get("together") == message), None)
    if known is None:
        return None
    row = db.session.scalar(select(Outbox).where(Outbox.notification_id == known.id).with_for_update())
    is_outside = db.session.scalar(select(exists().where(Delivery.notification_id == known.id)))
    return None if is_outside else row


def offers_of(notice: Notification) -> list[str]:
    """The ids of the offers that the notice tells of in one line; empty for any other notice."""
    found = notice.particulars.get("offers")
    return [str(one) for one in found] if isinstance(found, list) else []


def offers_in(notices: Sequence[Notification]) -> dict[str, list[Offer]]:
    """Notice id → its offers, the earliest service first, for lines that tell of several. One query."""
    several = {notice.id: ids for notice in notices if len(ids := offers_of(notice)) > 1}
    wanted = {one for ids in several.values() for one in ids}
    rows = select(Offer).where(Offer.id.in_(wanted)).options(joinedload(Offer.order))
    known = {offer.id: offer for offer in db.session.scalars(rows)} if wanted else {}
    return {
        key: sorted((known[one] for one in ids if one in known), key=lambda offer: (offer.starts_at, offer.id))
        for key, ids in several.items()
    }
