"""portraits: a volunteer's picture, the consent to show it, and the notice that the station removed it

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "offer", "offer_taken", "offer_withdrawn", "reserve_asked", "order_returned", "order_rejected", "order_approved",
    "order_staffed", "order_cancelled", "order_merged", "order_unfilled", "order_changed", "order_late",
    "volunteer_left", "volunteer_on_the_way", "rating_asked", "escalated", "follow_up", "hours_credited", "alarm",
    "reveal_asked", "safety", "practice", "security",
)  # fmt: skip
PURPOSES = ("service", "photos", "location", "health")
NEW = "portrait"
MOMENT = sa.DateTime(timezone=True)


def _know(table, column, words):
    """SQLite copies the table for this; what refers to it rests meanwhile (see migrations/env.py)."""
    listed = ", ".join(f"'{word}'" for word in words)
    name = op.f(f"ck_{table}_{column}_known")
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"{column} IN ({listed})")


def upgrade():
    _know("notification", "kind", (*KINDS, NEW))
    _know("consent", "purpose", (*PURPOSES, NEW))
    op.create_table(
        "portrait",
        sa.Column("volunteer_id", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(60), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.Column("id", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name="fk_portrait_volunteer_id_volunteer"),
        sa.PrimaryKeyConstraint("id", name="pk_portrait"),
        sa.UniqueConstraint("volunteer_id", name="uq_portrait_volunteer_id"),
    )


def downgrade():
    op.drop_table("portrait")
    op.execute(f"DELETE FROM consent WHERE purpose = '{NEW}'")
    _know("consent", "purpose", PURPOSES)
    gone = f"SELECT id FROM notification WHERE kind = '{NEW}'"
    op.execute(f"DELETE FROM delivery WHERE notification_id IN ({gone})")
    op.execute(f"DELETE FROM outbox WHERE notification_id IN ({gone})")
    op.execute(f"DELETE FROM notification WHERE kind = '{NEW}'")
    _know("notification", "kind", KINDS)
