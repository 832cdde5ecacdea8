"""looks keep the role they were made in and a second person's look at them; accounts, when they last signed in

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Written out: a column with its own CHECK is added in place by both databases, where SQLite would else have to rebuild
# the table. Until now only coordinators could look, so that is what every row's role was.
COLUMNS = [
    "role VARCHAR(20) DEFAULT 'coordinator' NOT NULL "
    "CONSTRAINT ck_reveal_role_known CHECK (role IN ('coordinator', 'supervisor', 'administrator'))",
    "checked_by_id VARCHAR(20) CONSTRAINT fk_reveal_checked_by_id_account REFERENCES account (id) "
    "CONSTRAINT ck_reveal_checked_by_another CHECK (checked_by_id <> actor_id)",
]
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    for column in COLUMNS:
        op.execute(f"ALTER TABLE reveal ADD COLUMN {column}")
    op.add_column("reveal", sa.Column("checked_at", MOMENT))
    op.add_column("account", sa.Column("signed_in_at", MOMENT))
    op.execute("UPDATE account SET signed_in_at = CURRENT_TIMESTAMP")  # nobody counts as long away for a lack of notes


def downgrade():
    op.drop_column("account", "signed_in_at")
    op.drop_column("reveal", "checked_at")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE reveal DROP COLUMN {column.split()[0]}")
