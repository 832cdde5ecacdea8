"""The pages of 接单: the volunteer's own, offers, tasks, open orders, and what the desk does to a visit."""

from app.serving.pages import desk, home, nearby, offers, tasks
from app.serving.pages.blueprint import pages

__all__ = ["desk", "home", "nearby", "offers", "pages", "tasks"]
