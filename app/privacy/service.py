"""The verbs of privacy, under one name: looks with a reason, a colleague's yes, blocks for life."""

from app.privacy.blocks import block
from app.privacy.reveals import approve, note_lookup, reveal, reveal_volunteer

__all__ = ["approve", "block", "note_lookup", "reveal", "reveal_volunteer"]
