"""Time limits for many orders at once: the same answer as app.kernel.settings gives for one, by one query for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.kernel.settings import DEFAULTS
from models import OfficeSetting, db


class Limits:
    """The offices' own values of some settings, read once."""

    def __init__(self, *names: str) -> None:
        rows = select(OfficeSetting.office_id, OfficeSetting.name, OfficeSetting.value).where(
            OfficeSetting.name.in_(names)
        )
        self.set = {(office_id, name): value for office_id, name, value in db.session.execute(rows)}

    def of(self, name: str, path: str, urgency: str, own: Mapping[str, Any] | None = None) -> Any:
        """The value for an order: its service item's own (`own`), else the nearest office's up `path`, else ours."""
        value = (own or {}).get(name)
        if value is None:
            value = self._nearest(name, path)
        return value[urgency] if isinstance(value, dict) and urgency in value else value

    def _nearest(self, name: str, path: str) -> Any:
        default = DEFAULTS[name]
        for office_id in reversed(path.strip("/").split("/")):
            if (office_id, name) in self.set:
                value = self.set[office_id, name]
                return {**default, **value} if isinstance(default, dict) and isinstance(value, dict) else value
        return default
