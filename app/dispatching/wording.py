"""The engine's reasons in the words of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

import dispatch
from models import Offer, Order, Skill, db

READERS = ("volunteer", "coordinator", "resident")


def skill_names(lang: str) -> dict[str, str]:
    """Shown names of skills by code."""
    rows = db.session.execute(select(Skill.code, Skill.name, Skill.name_en))
    return {row.code: (row.name_en if lang == "en" else "") or row.name for row in rows}


def offer_words(offer: Offer, reader: str = "volunteer", lang: str = "zh") -> list[str]:
    """Why this person was asked. Volunteer and resident never learn anything about other people."""
    reasons = (offer.terms or {}).get("reasons", [])
    return dispatch.words(reasons, lang, reader, names=skill_names(lang))


def unplaced_words(
    unplaced: Order | Mapping[str, Any] | None, lang: str = "zh", reader: str = "coordinator"
) -> list[str]:
    """Why an order is still waiting, from the last run's counts; nothing while none has looked at it."""
    counted = unplaced.unplaced if isinstance(unplaced, Order) else unplaced
    return dispatch.unplaced_words(counted, lang, reader) if counted else []
