"""What wakes a dispatch: an order that opened, a place that freed up, a volunteer who came on duty."""

from __future__ import annotations

from flask import Flask

from app.dispatching.wake import hear
from app.kernel.transaction import on_committed


def init_app(app: Flask) -> None:
    """Listen to the journal; whether this process dispatches by itself is decided when it is served."""
    on_committed(hear)
