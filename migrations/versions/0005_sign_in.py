"""signing in: second factors, soft locks, sessions with limits

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW_TABLES = ("second_factor", "recovery_code", "known_device", "try_count", "reset_code", "first_run_token")


def _id(name="id"):
    return sa.Column(name, sa.String(20), nullable=False)


def _to_account(table, column="account_id"):
    return sa.ForeignKeyConstraint([column], ["account.id"], name=f"fk_{table}_{column}_account")


def _sessions(*columns):
    """A session is a promise of minutes or days, and its words change shape here: everybody signs in again."""
    op.drop_table("auth_session")
    op.create_table(
        "auth_session",
        _id(),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(20), nullable=True),
        *columns,
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _to_account("auth_session"),
        sa.PrimaryKeyConstraint("id", name="pk_auth_session"),
        sa.UniqueConstraint("token_hash", name="uq_auth_session_token_hash"),
    )
    op.create_index("ix_auth_session_account_id", "auth_session", ["account_id"])
    op.create_index("ix_auth_session_expires_at", "auth_session", ["expires_at"])


def upgrade():
    _sessions(
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("proved_at", MOMENT, nullable=True),
        sa.Column("second_factor", sa.Boolean, nullable=False),
        sa.CheckConstraint("kind IN ('browser', 'program')", name="ck_auth_session_kind_known"),
    )
    op.create_table(
        "second_factor",
        _id("account_id"),
        sa.Column("secret_sealed", sa.LargeBinary, nullable=True),
        sa.Column("last_step", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _to_account("second_factor"),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factor"),
    )
    op.create_table(
        "recovery_code",
        _id(),
        _id("account_id"),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        _to_account("recovery_code"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"])
    op.create_table(
        "known_device",
        _id(),
        _id("account_id"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        _to_account("known_device"),
        sa.PrimaryKeyConstraint("id", name="pk_known_device"),
        sa.UniqueConstraint("account_id", "token_hash", name="uq_known_device_account_id_token_hash"),
    )
    op.create_index("ix_known_device_seen_at", "known_device", ["seen_at"])
    op.create_table(
        "try_count",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("window_from", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_try_count"),
    )
    op.create_index("ix_try_count_changed_at", "try_count", ["changed_at"])
    op.create_table(
        "reset_code",
        _id(),
        _id("account_id"),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _id("given_by"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        _to_account("reset_code"),
        _to_account("reset_code", "given_by"),
        sa.PrimaryKeyConstraint("id", name="pk_reset_code"),
    )
    op.create_index("ix_reset_code_account_id", "reset_code", ["account_id"])
    op.create_index("ix_reset_code_expires_at", "reset_code", ["expires_at"])
    op.create_table(
        "first_run_token",
        _id(),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_first_run_token"),
        sa.UniqueConstraint("token_hash", name="uq_first_run_token_token_hash"),
    )


def downgrade():
    for name in reversed(NEW_TABLES):
        op.drop_table(name)
    _sessions(sa.Column("data", sa.JSON, nullable=False))
