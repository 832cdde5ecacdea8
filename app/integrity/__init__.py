"""Integrity: the invariants as queries, the doctor that runs them, and the alarms it raises."""
