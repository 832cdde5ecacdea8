"""Notices: the inbox, and the sentences it speaks."""
