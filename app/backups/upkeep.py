"""What the clock does about backups and anchors: whatever is due, an alarm where it fails, none once it works again."""

from __future__ import annotations

import logging
import time

from app.audit import service as audit
from app.backups import service
from app.backups.errors import BackupError
from app.integrity.alarms import open_alarms, raise_alarm, settle
from models import db

AUDIT, BACKUP = "audit", "backup"
AGAIN_SECONDS = 3600
"""How long a failure is left alone: walking the chains and copying the database are work."""
log = logging.getLogger(__name__)
_failed_at: dict[str, float] = {}


def keep_up() -> None:
    """Anchor and back up what is due. Called every few minutes in the process that ticks."""
    if audit.is_anchor_due() and _may_try(AUDIT):
        try:
            audit.anchor()
        except (audit.Broken, OSError) as error:
            _failed(AUDIT, error)
        else:
            _worked(AUDIT)
    if service.is_due() and _may_try(BACKUP):
        try:
            made = service.backup()
            service.prune()
        except (BackupError, OSError) as error:
            _failed(BACKUP, error)
        else:
            log.info("backed up to %s", made)
            _worked(BACKUP)


def _may_try(what: str) -> bool:
    return time.monotonic() - _failed_at.get(what, -AGAIN_SECONDS) >= AGAIN_SECONDS


def _failed(what: str, error: Exception) -> None:
    log.error("%s: %s", what, error)
    _failed_at[what] = time.monotonic()
    db.session.rollback()
    raise_alarm(what)


def _worked(what: str) -> None:
    _failed_at.pop(what, None)
    is_open = any(alarm.code == what for alarm in open_alarms())
    db.session.rollback()
    if is_open:
        settle(what)
