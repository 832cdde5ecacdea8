"""Audit: the chain over the journal, its signed anchors, and the proof that nobody changed it."""
