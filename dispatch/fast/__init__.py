"""Instant matching for whole cities: compiled search over a grid, exact over all pairs, arrays in and arrays out."""

from dispatch.fast.match import FastMatching, match_tables

__all__ = ["FastMatching", "match_tables"]
