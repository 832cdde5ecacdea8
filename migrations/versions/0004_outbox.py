"""outbox, webhooks and API keys

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = (
    "offer", "offer_taken", "offer_withdrawn", "reserve_asked", "order_returned", "order_rejected", "order_approved",
    "order_staffed", "order_cancelled", "order_merged", "order_unfilled", "order_late", "volunteer_left",
    "volunteer_on_the_way", "rating_asked", "escalated", "follow_up", "hours_credited",
)  # fmt: skip
NEW_KINDS = ("alarm", "security", "reveal_asked")
MOMENT = sa.DateTime(timezone=True)
ID = sa.String(20)


def _know_kinds(kinds):
    """SQLite copies the table for this; nothing refers to it at that moment."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notification") as batch:
        batch.drop_constraint(op.f("ck_notification_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_notification_kind_known"), f"kind IN ({listed})")


def _partial(name, table, columns, condition):
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _create_outbox():
    op.create_table(
        "outbox",
        sa.Column("notification_id", ID, nullable=False),
        sa.Column("office_id", ID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("spread_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name="fk_outbox_notification_id_notification", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_outbox_office_id_office"),
        sa.PrimaryKeyConstraint("notification_id", name="pk_outbox"),
    )
    _partial("ix_outbox_unspread", "outbox", ["created_at"], "spread_at IS NULL")
    op.create_index("ix_outbox_spread_at", "outbox", ["spread_at"])
    op.execute(  # what was told before there was an outbox has arrived where it could: in the inbox
        "INSERT INTO outbox (notification_id, office_id, created_at, spread_at) "
        "SELECT n.id, o.office_id, n.created_at, n.created_at "
        "FROM notification n LEFT JOIN orders o ON o.id = n.order_id"
    )


def _create_webhook():
    op.create_table(
        "webhook",
        sa.Column("office_id", ID, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary()),
        sa.Column("old_secret_sealed", sa.LargeBinary()),
        sa.Column("old_secret_until", MOMENT),
        sa.Column("created_by_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", MOMENT),
        sa.Column("succeeded_at", MOMENT),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_webhook_office_id_office"),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name="fk_webhook_created_by_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_index("ix_webhook_office_id", "webhook", ["office_id"])


def _create_delivery():
    op.create_table(
        "delivery",
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("notification_id", ID),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("give_up_at", MOMENT, nullable=False),
        sa.Column("lease", ID),
        sa.Column("lease_until", MOMENT),
        sa.Column("answer", sa.Integer()),
        sa.Column("trouble", sa.String(30), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'dropped')", name="ck_delivery_state_known"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name="fk_delivery_webhook_id_webhook"),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["outbox.notification_id"],
            name="fk_delivery_notification_id_outbox",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("webhook_id", "notification_id", name="uq_delivery_webhook_id_notification_id"),
    )
    _partial("ix_delivery_due", "delivery", ["webhook_id", "next_at"], "state = 'waiting'")
    op.create_index("ix_delivery_state_settled", "delivery", ["state", "settled_at"])
    op.create_index("ix_delivery_notification_id", "delivery", ["notification_id"])


def _create_api_key():
    op.create_table(
        "api_key",
        sa.Column("public_id", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("office_id", ID, nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("created_by_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_api_key_office_id_office"),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name="fk_api_key_created_by_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("public_id", name="uq_api_key_public_id"),
    )
    op.create_index("ix_api_key_office_id", "api_key", ["office_id"])


def upgrade():
    _know_kinds(KINDS + NEW_KINDS)
    _create_outbox()
    _create_webhook()
    _create_delivery()
    _create_api_key()


def downgrade():
    for table in ("api_key", "delivery", "webhook", "outbox"):
        op.drop_table(table)
    op.execute("DELETE FROM notification WHERE kind IN ('alarm', 'security', 'reveal_asked')")
    _know_kinds(KINDS)
