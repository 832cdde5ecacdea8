"""The pages of 评单: rating, the volunteer's word and record, and what the desk decides about hours and follow-ups."""

from app.rating.pages import desk, ratings, record
from app.rating.pages.blueprint import pages

__all__ = ["desk", "pages", "ratings", "record"]
