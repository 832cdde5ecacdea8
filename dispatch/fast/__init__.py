"""Instant matching for whole cities: compiled search over a grid, exact over all pairs. Works on Tables."""
