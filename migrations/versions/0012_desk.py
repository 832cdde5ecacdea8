"""desk: offers that wait for their coordinator's second thought, orders split off others, and a notice of a change

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = (
    "offer", "offer_taken", "offer_withdrawn", "reserve_asked", "order_returned", "order_rejected", "order_approved",
    "order_staffed", "order_cancelled", "order_merged", "order_unfilled", "order_late", "volunteer_left",
    "volunteer_on_the_way", "rating_asked", "escalated", "follow_up", "hours_credited", "alarm", "reveal_asked",
    "safety", "practice", "security",
)  # fmt: skip
NEW_KIND = "order_changed"
MOMENT = sa.DateTime(timezone=True)


def _know_kinds(kinds):
    """SQLite copies the table for this; what refers to it rests meanwhile (see migrations/env.py)."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notification") as batch:
        batch.drop_constraint(op.f("ck_notification_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_notification_kind_known"), f"kind IN ({listed})")


def upgrade():
    _know_kinds((*KINDS, NEW_KIND))
    op.add_column("offer", sa.Column("held_until", MOMENT))
    op.create_table(
        "order_split",
        sa.Column("order_id", sa.String(20), nullable=False),
        sa.Column("from_id", sa.String(20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_split_order_id_orders"),
        sa.ForeignKeyConstraint(["from_id"], ["orders.id"], name="fk_order_split_from_id_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_order_split"),
        sa.UniqueConstraint("order_id", name="uq_order_split_order_id"),
    )
    op.create_index("ix_order_split_from_id", "order_split", ["from_id"])


def downgrade():
    op.drop_table("order_split")
    op.drop_column("offer", "held_until")
    gone = f"SELECT id FROM notification WHERE kind = '{NEW_KIND}'"
    op.execute(f"DELETE FROM delivery WHERE notification_id IN ({gone})")
    op.execute(f"DELETE FROM outbox WHERE notification_id IN ({gone})")
    op.execute(f"DELETE FROM notification WHERE kind = '{NEW_KIND}'")
    _know_kinds(KINDS)
