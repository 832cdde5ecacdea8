"""The verbs of privacy, under one name: looking at details with a reason, saying yes to a colleague, blocks for life."""

from app.privacy.blocks import block
from app.privacy.reveals import approve, note_lookup, reveal, reveal_volunteer

__all__ = ["approve", "block", "note_lookup", "reveal", "reveal_volunteer"]
