"""What people see, measured in a real browser: `make pages`."""

from __future__ import annotations

import sys


def say(words: str) -> None:
    """A line to whoever waits, beside the bars on stdout."""
    print(f"-- {words}", file=sys.stderr, flush=True)
