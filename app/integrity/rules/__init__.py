"""The invariants' sentences and queries, by what they are about."""
