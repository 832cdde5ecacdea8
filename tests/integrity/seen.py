"""A pytest plugin of the coverage bar: every worker writes down what it saw before anybody may end it."""

from __future__ import annotations

from coverage import Coverage


def pytest_sessionfinish() -> None:
    """A worker that takes over ten seconds to end is killed, and what it holds in memory would be lost."""
    measuring = Coverage.current()
    if measuring is not None:
        measuring.save()
