"""note(): what concerns security, for the log that investigators read. Ids and codes only."""

from __future__ import annotations

import logging

SECURITY = logging.getLogger("linli.security")


def note(what: str, *, grave: bool = False, **ids: str | int | None) -> None:
    """Write down an attempt or a change of power: `what` as noun.verb. Never a phone, a name or anything typed."""
    SECURITY.log(logging.WARNING if grave else logging.INFO, what, extra={"ids": ids})
