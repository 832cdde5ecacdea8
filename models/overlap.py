"""No volunteer in two places at once, held by the database itself.

PostgreSQL has exclusion constraints; SQLite gets the same rule as triggers, safe because its writers are serial.
Intervals are half-open, so back-to-back work is no conflict.
"""

from __future__ import annotations

from models.base import sql_list
from models.states import ASSIGNMENT_BUSY

_BUSY = sql_list(ASSIGNMENT_BUSY)
CONSTRAINT = "ex_assignment_volunteer_overlap"

POSTGRESQL_UP = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE assignment ADD CONSTRAINT {CONSTRAINT} EXCLUDE USING gist "
    f"(volunteer_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status IN ({_BUSY}))",
)
POSTGRESQL_DOWN = (f"ALTER TABLE assignment DROP CONSTRAINT {CONSTRAINT}",)


def _trigger(when: str) -> str:
    return (
        f"CREATE TRIGGER {CONSTRAINT}_{when.split()[0].lower()} BEFORE {when} ON assignment "
        f"WHEN NEW.status IN ({_BUSY}) AND EXISTS (SELECT 1 FROM assignment AS other "
        f"WHERE other.volunteer_id = NEW.volunteer_id AND other.id <> NEW.id AND other.status IN ({_BUSY}) "
        f"AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at) "
        f"BEGIN SELECT RAISE(ABORT, '{CONSTRAINT}'); END"
    )


SQLITE_UP = (_trigger("INSERT"), _trigger("UPDATE OF status, starts_at, ends_at, volunteer_id"))
SQLITE_DOWN = (f"DROP TRIGGER {CONSTRAINT}_insert", f"DROP TRIGGER {CONSTRAINT}_update")
