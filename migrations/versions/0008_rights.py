"""rights: consents of whoever has no account, in whose words; guardians

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LIVE = sa.text("withdrawn_at IS NULL")
STANDING = sa.text("ended_at IS NULL")


def upgrade():
    with op.batch_alter_table("consent") as table:
        table.alter_column("account_id", existing_type=sa.String(20), nullable=True)
        table.add_column(sa.Column("resident_id", sa.String(20), nullable=True))
        table.add_column(sa.Column("channel", sa.String(10), nullable=False, server_default="web"))
        table.add_column(sa.Column("wording_sha256", sa.String(64), nullable=False, server_default=""))
        table.add_column(sa.Column("given_by_id", sa.String(20), nullable=True))
        table.create_foreign_key("fk_consent_resident_id_resident", "resident", ["resident_id"], ["id"])
        table.create_foreign_key("fk_consent_given_by_id_account", "account", ["given_by_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_consent_purpose_known"), "purpose IN ('service', 'photos', 'location', 'health')"
        )
        table.create_check_constraint(op.f("ck_consent_channel_known"), "channel IN ('web', 'use', 'phone', 'counter')")
        table.create_check_constraint(op.f("ck_consent_of_one_person"), "(account_id IS NULL) <> (resident_id IS NULL)")
    with op.batch_alter_table("consent") as table:
        table.alter_column("channel", existing_type=sa.String(10), server_default=None)
        table.alter_column("wording_sha256", existing_type=sa.String(64), server_default=None)
    op.create_index("ix_consent_resident_id", "consent", ["resident_id"])
    for whose in ("account", "resident"):
        op.create_index(
            f"uq_consent_live_{whose}", "consent", [f"{whose}_id", "purpose"], unique=True, sqlite_where=LIVE,
            postgresql_where=LIVE,
        )  # fmt: skip
    op.create_table(
        "guardian",
        sa.Column("account_id", sa.String(20), sa.ForeignKey("account.id", name="fk_guardian_account_id_account"), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("recorded_by_id", sa.String(20), sa.ForeignKey("account.id", name="fk_guardian_recorded_by_id_account"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guardian"),
    )  # fmt: skip
    op.create_index(
        "uq_guardian_live_account", "guardian", ["account_id"], unique=True, sqlite_where=STANDING,
        postgresql_where=STANDING,
    )  # fmt: skip


def downgrade():
    op.drop_table("guardian")
    for index in ("uq_consent_live_resident", "uq_consent_live_account", "ix_consent_resident_id"):
        op.drop_index(index, table_name="consent")
    op.execute("DELETE FROM consent WHERE account_id IS NULL")
    with op.batch_alter_table("consent") as table:
        table.drop_constraint(op.f("ck_consent_of_one_person"), type_="check")
        table.drop_constraint(op.f("ck_consent_channel_known"), type_="check")
        table.drop_constraint(op.f("ck_consent_purpose_known"), type_="check")
        table.drop_constraint("fk_consent_given_by_id_account", type_="foreignkey")
        table.drop_constraint("fk_consent_resident_id_resident", type_="foreignkey")
        for column in ("given_by_id", "wording_sha256", "channel", "resident_id"):
            table.drop_column(column)
        table.alter_column("account_id", existing_type=sa.String(20), nullable=False)
