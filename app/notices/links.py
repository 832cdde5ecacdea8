"""The link of a notice about an offer: opens that one offer for that one volunteer, without signing in.

`/o/<offer's id><seal>`; the seal is 128 bits of an HMAC under the server's key over the offer and its volunteer.
Nothing is stored: the offer's own row says until when the link is good, and a new SECRET_KEY ends all links at once.
"""

from __future__ import annotations

import hmac

from app.notices.gathering import offers_in
from app.people.sealing import keyed_digest
from models import Notification, Offer, db
from models.ids import ALPHABET, ID_LENGTH
from models.kinds import NoticeKind

CARRY_LINKS = frozenset({NoticeKind.OFFER, NoticeKind.RESERVE_ASKED})
"""Notices that ask for an answer."""
SEAL_LENGTH = 32
LONGEST = ID_LENGTH + SEAL_LENGTH


def token_of(offer: Offer) -> str:
    """What opens this offer for its volunteer: whoever holds it may answer for them until the offer runs out."""
    return offer.id + _seal(offer)


def path_of(offer: Offer) -> str:
    return f"/o/{token_of(offer)}"


def offer_of(token: str) -> Offer | None:
    """The offer that a link was made for; None for a link that was made up or altered."""
    if len(token) != LONGEST or not set(token[:ID_LENGTH]) <= set(ALPHABET) or not token.isascii():
        return None
    offer = db.session.get(Offer, token[:ID_LENGTH])
    if offer is None or not hmac.compare_digest(token[ID_LENGTH:], _seal(offer)):
        return None
    return offer


def link_in(notice: Notification) -> str | None:
    """The path that a message carrying this notice outside may hold; no names, no places, and no host."""
    if notice.kind not in CARRY_LINKS or not notice.offer_id:
        return None
    offer = db.session.get(Offer, notice.offer_id)
    return path_of(offer) if offer is not None else None


def links_in(notice: Notification) -> list[str]:
    """The paths of a message that tells of several offers, the earliest service first; empty for any other."""
    return [path_of(offer) for offer in offers_in([notice]).get(notice.id, ())]


def _seal(offer: Offer) -> str:
    return keyed_digest("offer link", offer.id, offer.volunteer_id)[:SEAL_LENGTH]
