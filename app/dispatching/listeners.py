"""What wakes a dispatch: an order that opened, a place that freed up, a volunteer who came on duty."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Filled in with the runs."""
