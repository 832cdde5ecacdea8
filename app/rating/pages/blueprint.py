"""The blueprint all pages of this slice hang on, and the words templates need."""

from __future__ import annotations

from flask import Blueprint

from app.rating import words

pages = Blueprint("rating", __name__)

pages.add_app_template_global(words.tag_word, "tag_word")


@pages.app_context_processor
def offer_words() -> dict[str, object]:
    """The tables of words, by what stands in the row."""
    return {
        "mark_words": words.MARKS,
        "outcome_words": words.OUTCOMES,
        "evidence_words": words.EVIDENCE,
        "hours_words": words.HOURS,
    }
