"""flask smoke: the whole loop, 点单 → 派单 → 接单 → 评单 → closed, driven from outside as three users."""

from app.smoke.command import smoke_command

__all__ = ["smoke_command"]
