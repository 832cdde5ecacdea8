"""what-if: questions to the simulator about an office's own weeks, and their answers

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UNDER_WAY = sa.text("ended_at IS NULL")


def upgrade():
    op.create_table(
        "what_if",
        sa.Column("office_id", sa.String(20), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seeds", sa.Integer(), nullable=False),
        sa.Column("played", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("error", sa.String(20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("id", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_what_if_office_id_office"),
        sa.PrimaryKeyConstraint("id", name="pk_what_if"),
    )
    op.create_index("ix_what_if_office_id_asked_at", "what_if", ["office_id", "asked_at"])
    op.create_index(
        "uq_what_if_under_way", "what_if", ["office_id"], unique=True,
        sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY,
    )  # fmt: skip


def downgrade():
    op.drop_table("what_if")
