"""Backups: taken, proven readable, put back, and drilled."""
