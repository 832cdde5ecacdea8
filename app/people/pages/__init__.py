"""Pages about people: signing in and up, one's own account and its safety, a volunteer's time and profile."""

from app.people.pages import first_run, me, portraits, proof, recovery, safety, signing, volunteers
from app.people.pages.blueprint import pages

__all__ = ["first_run", "me", "pages", "portraits", "proof", "recovery", "safety", "signing", "volunteers"]
