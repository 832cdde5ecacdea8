"""The blueprint all pages of this slice hang on, and the words templates need."""

from __future__ import annotations

from flask import Blueprint

from app.rating import words

pages = Blueprint("rating", __name__)

pages.add_app_template_global(words.tag_word, "tag_word")
pages.add_app_template_global(words.MARKS, "mark_words")
pages.add_app_template_global(words.OUTCOMES, "outcome_words")
pages.add_app_template_global(words.EVIDENCE, "evidence_words")
pages.add_app_template_global(words.HOURS, "hours_words")
