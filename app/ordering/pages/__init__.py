"""The pages of 点单: home and one's orders, the wizard, addresses, and the desk's intake and review."""

from app.ordering.pages import addresses, check, desk, intake, mine, photos, waiting, wizard
from app.ordering.pages.blueprint import pages

__all__ = ["addresses", "check", "desk", "intake", "mine", "pages", "photos", "waiting", "wizard"]
