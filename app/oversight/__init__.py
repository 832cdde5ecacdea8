"""Oversight: the board, alerts, escalation, statistics."""
