"""reveals: who looked at what, and why

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.String(20)
REASONS = ("call", "visit", "verify", "late", "safety", "complaint", "caller", "other")
REFERS = {
    "actor_id": "account",
    "office_id": "office",
    "order_id": "orders",
    "resident_id": "resident",
    "volunteer_id": "volunteer",
    "approved_by_id": "account",
}


def upgrade():
    reasons = ", ".join(f"'{reason}'" for reason in REASONS)
    op.create_table(
        "reveal",
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("office_id", ID, nullable=False),
        sa.Column("order_id", ID),
        sa.Column("resident_id", ID),
        sa.Column("volunteer_id", ID),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("approved_by_id", ID),
        sa.Column("approved_at", MOMENT),
        sa.Column("shown_at", MOMENT),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("way IN ('one', 'bulk', 'lookup')", name="ck_reveal_way_known"),
        sa.CheckConstraint(f"reason IN ({reasons})", name="ck_reveal_reason_known"),
        sa.CheckConstraint("(resident_id IS NULL) <> (volunteer_id IS NULL)", name="ck_reveal_about_one"),
        sa.PrimaryKeyConstraint("id", name="pk_reveal"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_reveal_{column}_{table}")
            for column, table in REFERS.items()
        ),
    )
    for name, columns in (
        ("actor_shown", ["actor_id", "shown_at"]),
        ("office_shown", ["office_id", "shown_at"]),
        ("order_id", ["order_id"]),
        ("resident_id", ["resident_id"]),
        ("volunteer_id", ["volunteer_id"]),
    ):
        op.create_index(f"ix_reveal_{name}", "reveal", columns)


def downgrade():
    op.drop_table("reveal")
