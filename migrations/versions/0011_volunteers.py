"""volunteers: notices of somebody in danger and of a practice, and when a visit's times were reported late

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = (
    "offer", "offer_taken", "offer_withdrawn", "reserve_asked", "order_returned", "order_rejected", "order_approved",
    "order_staffed", "order_cancelled", "order_merged", "order_unfilled", "order_late", "volunteer_left",
    "volunteer_on_the_way", "rating_asked", "escalated", "follow_up", "hours_credited", "alarm", "reveal_asked",
    "security",
)  # fmt: skip
NEW_KINDS = ("safety", "practice")
COLUMNS = ("check_in_reported_at", "check_out_reported_at")


def _know_kinds(kinds):
    """SQLite copies the table for this; what refers to it rests meanwhile (see migrations/env.py)."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notification") as batch:
        batch.drop_constraint(op.f("ck_notification_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_notification_kind_known"), f"kind IN ({listed})")


def upgrade():
    _know_kinds(KINDS + NEW_KINDS)
    for name in COLUMNS:
        op.add_column("visit", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade():
    for name in COLUMNS:
        op.drop_column("visit", name)
    gone = "SELECT id FROM notification WHERE kind IN ('safety', 'practice')"
    op.execute(f"DELETE FROM delivery WHERE notification_id IN ({gone})")
    op.execute(f"DELETE FROM outbox WHERE notification_id IN ({gone})")
    op.execute("DELETE FROM notification WHERE kind IN ('safety', 'practice')")
    _know_kinds(KINDS)
