"""The pages of 接单: the volunteer's own, offers, tasks, open orders, and what the desk does to a visit."""

from app.serving.pages import calendar, desk, home, links, nearby, offers, practice, tasks
from app.serving.pages.blueprint import pages

__all__ = ["calendar", "desk", "home", "links", "nearby", "offers", "pages", "practice", "tasks"]
