"""Measurements: every bench_*.py here has a main() that reports its bars through `tests.bench.reporter`."""
