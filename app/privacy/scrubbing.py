"""What is deleted leaves the disk too, as far as the database lets us.

SQLite overwrites what it frees (`secure_delete`, models/base.py); its write-ahead log keeps older pages until it is
folded in, and rebuilt pages may keep remains until a VACUUM. PostgreSQL's VACUUM makes dead rows' space reusable; its
own log and the space itself are overwritten in time. The sealed words need none of this: their key is gone.
"""

from __future__ import annotations

import logging
from typing import Any

from models import db

log = logging.getLogger(__name__)
TABLES = ("account", "resident", "volunteer", "saved_address", "orders", "visit", "rating", "event", "subject_key")


def scrub(*, thorough: bool = True) -> bool:
    """Clear away the remains of what was erased; False where the database was too busy, then the next night does it.

    Not `thorough` is for the moment after a click: SQLite's log is folded in, the file is rewritten at night.
    """
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        wanted = ["PRAGMA wal_checkpoint(TRUNCATE)"]
        wanted += ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] if thorough else []
    else:
        wanted = [f"VACUUM {', '.join(TABLES)}"] if thorough else []
    return _run_alone(wanted)


def _run_alone(statements: list[str]) -> bool:
    """Outside any transaction: on the driver's own connection."""
    pooled = db.engine.raw_connection()
    try:
        driver: Any = pooled.driver_connection
        on_sqlite = db.engine.dialect.name == "sqlite"
        if not on_sqlite:
            driver.rollback()
            driver.autocommit = True
        for statement in statements:
            driver.execute(statement).close()
        if not on_sqlite:
            driver.autocommit = False
    except db.engine.dialect.loaded_dbapi.Error as error:
        log.warning("not scrubbed: %s", type(error).__name__)
        return False
    finally:
        pooled.close()
    return True
