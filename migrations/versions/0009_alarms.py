"""alarms: what needs an administrator, and what the doctor last found

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("settled_at IS NULL")


def upgrade():
    op.create_table(
        "alarm",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("particulars", sa.JSON(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("id", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("uq_alarm_open", "alarm", ["code"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_alarm_raised_at", "alarm", ["raised_at"])
    op.create_table(
        "checkup",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checkup"),
    )
    op.create_index("ix_checkup_at", "checkup", ["at"])


def downgrade():
    op.drop_table("checkup")
    op.drop_table("alarm")
