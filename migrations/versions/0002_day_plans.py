"""day plans: runs that are looked at before their offers go out

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Written out: a column with its own CHECK is added in place by both databases, where SQLite would else have to rebuild
# a table that offers refer to.
COLUMNS = [
    "mode VARCHAR(10) DEFAULT 'instant' NOT NULL CONSTRAINT ck_dispatch_run_mode_known CHECK (mode IN ('instant', 'day'))",
    "day DATE",
    "stage VARCHAR(10) CONSTRAINT ck_dispatch_run_stage_known "
    "CHECK (stage IN ('preview', 'publishing', 'published', 'discarded', 'withdrawn'))",
]
RUNNING = sa.text("status = 'running'")


def _unique_while_running(*columns):
    op.create_index(
        "uq_dispatch_run_running",
        "dispatch_run",
        list(columns),
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )


def upgrade():
    for column in COLUMNS:
        op.execute(f"ALTER TABLE dispatch_run ADD COLUMN {column}")
    op.drop_index("uq_dispatch_run_running", table_name="dispatch_run")
    _unique_while_running("office_id", "mode")
    op.create_index("ix_dispatch_run_office_id_day", "dispatch_run", ["office_id", "day"])


def downgrade():
    op.drop_index("ix_dispatch_run_office_id_day", table_name="dispatch_run")
    op.drop_index("uq_dispatch_run_running", table_name="dispatch_run")
    op.execute("UPDATE offer SET run_id = NULL WHERE run_id IN (SELECT id FROM dispatch_run WHERE mode = 'day')")
    op.execute("DELETE FROM dispatch_run WHERE mode = 'day'")
    _unique_while_running("office_id")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE dispatch_run DROP COLUMN {column.split()[0]}")
