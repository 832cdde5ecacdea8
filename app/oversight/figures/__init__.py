"""Figures for those who answer for offices: what is counted, over which days, as tiles, tables, lists and a wall."""
