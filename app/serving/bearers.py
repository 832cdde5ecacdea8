"""Whoever comes with the link of an offer: may answer it in the volunteer's name, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from app.kernel.access import Actor
from app.kernel.errors import NotFound
from app.notices.links import offer_of
from app.people.identity import actor_of
from models import Offer
from models.kinds import Role

MAY = frozenset({"offer.answer", "order.claim"})
"""Answering; a yes that comes too late puts the volunteer on the list of reserves."""


def offer_by_link(token: str) -> Offer:
    """The offer behind a link; NotFound for one that was made up, or whose volunteer is gone."""
    offer = offer_of(token)
    if offer is None or not bearer(offer).is_signed_in:
        raise NotFound()
    return offer


def bearer(offer: Offer) -> Actor:
    """The volunteer as far as a link goes: of their roles only this one, and of its acts only the answer."""
    whole = actor_of(offer.volunteer.account_id)
    grants = tuple(grant for grant in whole.grants if grant.role == Role.VOLUNTEER)
    return replace(whole, grants=grants, resident_id=None, by_link=True, acts=MAY)
