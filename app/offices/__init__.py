"""Offices: the tree and its scope, the service menu, settings and limits."""
