"""first tables

Revision: 0001, after
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# No volunteer in two places at once: models/overlap.py as it stood here.
POSTGRESQL_UP = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "ALTER TABLE assignment ADD CONSTRAINT ex_assignment_volunteer_overlap EXCLUDE USING gist (volunteer_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status IN ('accepted', 'checked_in', 'on_the_way'))",
]
POSTGRESQL_DOWN = ["ALTER TABLE assignment DROP CONSTRAINT ex_assignment_volunteer_overlap"]
SQLITE_UP = [
    "CREATE TRIGGER ex_assignment_volunteer_overlap_insert BEFORE INSERT ON assignment WHEN NEW.status IN ('accepted', 'checked_in', 'on_the_way') AND EXISTS (SELECT 1 FROM assignment AS other WHERE other.volunteer_id = NEW.volunteer_id AND other.id <> NEW.id AND other.status IN ('accepted', 'checked_in', 'on_the_way') AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at) BEGIN SELECT RAISE(ABORT, 'ex_assignment_volunteer_overlap'); END",
    "CREATE TRIGGER ex_assignment_volunteer_overlap_update BEFORE UPDATE OF status, starts_at, ends_at, volunteer_id ON assignment WHEN NEW.status IN ('accepted', 'checked_in', 'on_the_way') AND EXISTS (SELECT 1 FROM assignment AS other WHERE other.volunteer_id = NEW.volunteer_id AND other.id <> NEW.id AND other.status IN ('accepted', 'checked_in', 'on_the_way') AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at) BEGIN SELECT RAISE(ABORT, 'ex_assignment_volunteer_overlap'); END",
]
SQLITE_DOWN = [
    "DROP TRIGGER ex_assignment_volunteer_overlap_insert",
    "DROP TRIGGER ex_assignment_volunteer_overlap_update",
]


def upgrade():
    op.create_table(
        "account",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text_size", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("phone", name=op.f("uq_account_phone")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("result_id", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_created_at"), ["created_at"], unique=False)

    op.create_table(
        "office",
        sa.Column("parent_id", sa.String(length=20), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("level IN ('city', 'district', 'street', 'community')", name=op.f("ck_office_level_known")),
        sa.ForeignKeyConstraint(["parent_id"], ["office.id"], name=op.f("fk_office_parent_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_office_path", ["path"], unique=True)

    op.create_table(
        "service_category",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_category")),
        sa.UniqueConstraint("code", name=op.f("uq_service_category_code")),
    )
    op.create_table(
        "skill",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("code", name=op.f("uq_skill_code")),
    )
    op.create_table(
        "auth_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_auth_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_session_token_hash")),
    )
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auth_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("wording_version", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_account_id"), ["account_id"], unique=False)

    op.create_table(
        "dispatch_run",
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("weights", sa.JSON(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("solver", sa.String(length=40), nullable=False),
        sa.Column("degraded", sa.String(length=200), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=400), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("status IN ('running', 'applied', 'failed')", name=op.f("ck_dispatch_run_status_known")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_dispatch_run_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_run")),
    )
    with op.batch_alter_table("dispatch_run", schema=None) as batch_op:
        batch_op.create_index("ix_dispatch_run_started_at", ["started_at"], unique=False)
        batch_op.create_index(
            "uq_dispatch_run_running",
            ["office_id"],
            unique=True,
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        )

    op.create_table(
        "office_setting",
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_office_setting_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_setting")),
        sa.UniqueConstraint("office_id", "name", name=op.f("uq_office_setting_office_id_name")),
    )
    op.create_table(
        "resident",
        sa.Column("account_id", sa.String(length=20), nullable=True),
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("priority_group", sa.String(length=20), nullable=False),
        sa.Column("access_notes", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_resident_account_id_account")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_resident_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("account_id", name=op.f("uq_resident_account_id")),
    )
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resident_office_id"), ["office_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_phone"), ["phone"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "role IN ('resident', 'volunteer', 'team_leader', 'coordinator', 'supervisor', 'administrator')",
            name=op.f("ck_role_grant_role_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id_account")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_role_grant_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("account_id", "role", "office_id", name=op.f("uq_role_grant_account_id_role_office_id")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_office_id"), ["office_id"], unique=False)

    op.create_table(
        "service_item",
        sa.Column("category_id", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=20), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=400), nullable=False),
        sa.Column("description_en", sa.String(length=400), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("positions", sa.Integer(), nullable=False),
        sa.Column("credentials", sa.JSON(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("risk", sa.String(length=10), nullable=False),
        sa.Column("risk_note", sa.String(length=200), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("approves_at_once", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("risk IN ('low', 'normal', 'high')", name=op.f("ck_service_item_risk_known")),
        sa.CheckConstraint("urgency IN ('urgent', 'normal', 'planned')", name=op.f("ck_service_item_urgency_known")),
        sa.CheckConstraint("duration_minutes BETWEEN 5 AND 720", name=op.f("ck_service_item_duration_sane")),
        sa.CheckConstraint("positions BETWEEN 1 AND 50", name=op.f("ck_service_item_positions_sane")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["service_category.id"], name=op.f("fk_service_item_category_id_service_category")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_service_item_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_item")),
        sa.UniqueConstraint("code", name=op.f("uq_service_item_code")),
    )
    with op.batch_alter_table("service_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_item_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_item_office_id"), ["office_id"], unique=False)

    op.create_table(
        "volunteer",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sex", sa.String(length=10), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("travel_mode", sa.String(length=10), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=True),
        sa.Column("weekly_limit_minutes", sa.Integer(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("on_duty_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("sex IS NULL OR sex IN ('female', 'male')", name=op.f("ck_volunteer_sex_known")),
        sa.CheckConstraint(
            "travel_mode IN ('walk', 'bike', 'ebike', 'transit', 'car')", name=op.f("ck_volunteer_travel_mode_known")
        ),
        sa.CheckConstraint("radius_m BETWEEN 100 AND 100000", name=op.f("ck_volunteer_radius_sane")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_volunteer_account_id_account")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_volunteer_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer")),
        sa.UniqueConstraint("account_id", name=op.f("uq_volunteer_account_id")),
    )
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_office_id"), ["office_id"], unique=False)

    op.create_table(
        "availability",
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_availability_slot_sane"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_weekday_sane")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_availability_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
    )
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_availability_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "availability_exception",
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_availability_exception_span_sane")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_availability_exception_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_exception")),
    )
    with op.batch_alter_table("availability_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_availability_exception_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "block",
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("resident_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('by_resident', 'by_volunteer')", name=op.f("ck_block_kind_known")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_block_resident_id_resident")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_block_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("volunteer_id", "resident_id", "kind", name=op.f("uq_block_volunteer_id_resident_id_kind")),
    )
    with op.batch_alter_table("block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_block_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_credential_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("escalated_to_id", sa.String(length=20), nullable=True),
        sa.Column("item_id", sa.String(length=20), nullable=True),
        sa.Column("resident_id", sa.String(length=20), nullable=False),
        sa.Column("requester_id", sa.String(length=20), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("access_notes", sa.String(length=400), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("positions_wanted", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("is_now", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("sex_wish", sa.String(length=10), nullable=True),
        sa.Column("wants_same_volunteer", sa.Boolean(), nullable=False),
        sa.Column("needs_wheelchair", sa.Boolean(), nullable=False),
        sa.Column("credentials", sa.JSON(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("start_code", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("unplaced", sa.JSON(), nullable=True),
        sa.Column("merged_into_id", sa.String(length=20), nullable=True),
        sa.Column("next_action_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating_asks", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staffed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "channel IN ('web', 'phone', 'counter', 'proxy', 'api')", name=op.f("ck_orders_channel_known")
        ),
        sa.CheckConstraint(
            "next_action_at IS NOT NULL OR status IN ('cancelled', 'closed', 'disputed', 'merged', 'no_show', 'rejected', 'unfilled')",
            name=op.f("ck_orders_timer_set"),
        ),
        sa.CheckConstraint(
            "status IN ('submitted', 'returned', 'rejected', 'merged', 'transferred', 'open', 'offering', 'staffed', 'serving', 'served', 'rated', 'closed', 'unfilled', 'cancelled', 'no_show', 'reopened', 'disputed')",
            name=op.f("ck_orders_status_known"),
        ),
        sa.CheckConstraint("urgency IN ('urgent', 'normal', 'planned')", name=op.f("ck_orders_urgency_known")),
        sa.CheckConstraint("duration_minutes BETWEEN 5 AND 720", name=op.f("ck_orders_duration_sane")),
        sa.CheckConstraint("positions_wanted BETWEEN 1 AND 50", name=op.f("ck_orders_positions_sane")),
        sa.CheckConstraint("window_from < window_until", name=op.f("ck_orders_window_sane")),
        sa.ForeignKeyConstraint(["escalated_to_id"], ["office.id"], name=op.f("fk_orders_escalated_to_id_office")),
        sa.ForeignKeyConstraint(["item_id"], ["service_item.id"], name=op.f("fk_orders_item_id_service_item")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["orders.id"], name=op.f("fk_orders_merged_into_id_orders")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_orders_office_id_office")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_orders_requester_id_account")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_orders_resident_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_created_at"), ["created_at"], unique=False)
        batch_op.create_index("ix_orders_next_action_at", ["next_action_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_requester_id"), ["requester_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index("ix_orders_status_office", ["status", "office_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_window_from"), ["window_from"], unique=False)

    op.create_table(
        "saved_address",
        sa.Column("resident_id", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=30), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_saved_address_office_id_office")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_saved_address_resident_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_address")),
    )
    with op.batch_alter_table("saved_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_address_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "service_item_skill",
        sa.Column("item_id", sa.String(length=20), nullable=False),
        sa.Column("skill_id", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["service_item.id"], name=op.f("fk_service_item_skill_item_id_service_item")
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_service_item_skill_skill_id_skill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_item_skill")),
        sa.UniqueConstraint("item_id", "skill_id", name=op.f("uq_service_item_skill_item_id_skill_id")),
    )
    op.create_table(
        "volunteer_skill",
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("skill_id", sa.String(length=20), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_volunteer_skill_skill_id_skill")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_volunteer_skill_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_skill")),
        sa.UniqueConstraint("volunteer_id", "skill_id", name=op.f("uq_volunteer_skill_volunteer_id_skill_id")),
    )
    with op.batch_alter_table("volunteer_skill", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_skill_skill_id"), ["skill_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_type", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.String(length=20), nullable=True),
        sa.Column("actor_id", sa.String(length=20), nullable=True),
        sa.Column("actor_name", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=True),
        sa.Column("after", sa.String(length=20), nullable=True),
        sa.Column("particulars", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_event_actor_id_account")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_event_office_id_office")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_event_order_id_orders")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_event_order_id_version")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_office_at", ["office_id", "at"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.String(length=20), nullable=True),
        sa.Column("resolution", sa.String(length=500), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_follow_up_office_id_office")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_follow_up_order_id_orders")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["account.id"], name=op.f("fk_follow_up_resolved_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_office_id"), ["office_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_order_id"), ["order_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("decline_reason", sa.String(length=100), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("origin IN ('dispatch', 'hand', 'reserve', 'claim')", name=op.f("ck_offer_origin_known")),
        sa.CheckConstraint(
            "status IN ('sent', 'seen', 'accepted', 'declined', 'expired', 'withdrawn')",
            name=op.f("ck_offer_status_known"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_offer_order_id_orders")),
        sa.ForeignKeyConstraint(["run_id"], ["dispatch_run.id"], name=op.f("fk_offer_run_id_dispatch_run")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_offer_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_offer_status_expires", ["status", "expires_at"], unique=False)
        batch_op.create_index("ix_offer_volunteer_status", ["volunteer_id", "status"], unique=False)
        batch_op.create_index(
            "uq_offer_live_order_volunteer",
            ["order_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
        )

    op.create_table(
        "order_photo",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=60), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_photo_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_photo")),
    )
    with op.batch_alter_table("order_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_photo_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_skill",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("skill_id", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_skill_order_id_orders")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_order_skill_skill_id_skill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_skill")),
        sa.UniqueConstraint("order_id", "skill_id", name=op.f("uq_order_skill_order_id_skill_id")),
    )
    op.create_table(
        "position",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_position_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_position_order_id_number")),
    )
    op.create_table(
        "reserve",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_reserve_order_id_orders")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_reserve_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve")),
    )
    with op.batch_alter_table("reserve", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reserve_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reserve_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "uq_reserve_live_order_volunteer",
            ["order_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "assignment",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("position_id", sa.String(length=20), nullable=False),
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("offer_id", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "status IN ('accepted', 'on_the_way', 'checked_in', 'checked_out', 'confirmed', 'handed_back', 'cancelled', 'no_show')",
            name=op.f("ck_assignment_status_known"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_assignment_span_sane")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_assignment_offer_id_offer")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_assignment_order_id_orders")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_assignment_position_id_position")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_assignment_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_assignment_volunteer_status", ["volunteer_id", "status"], unique=False)
        batch_op.create_index(
            "uq_assignment_live_order_volunteer",
            ["order_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
            postgresql_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
        )
        batch_op.create_index(
            "uq_assignment_live_position",
            ["position_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
            postgresql_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
        )

    op.create_table(
        "notification",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("order_id", sa.String(length=20), nullable=True),
        sa.Column("offer_id", sa.String(length=20), nullable=True),
        sa.Column("particulars", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "kind IN ('offer', 'offer_taken', 'offer_withdrawn', 'reserve_asked', 'order_returned', 'order_rejected', 'order_approved', 'order_staffed', 'order_cancelled', 'order_merged', 'order_unfilled', 'order_late', 'volunteer_left', 'volunteer_on_the_way', 'rating_asked', 'escalated', 'follow_up', 'hours_credited')",
            name=op.f("ck_notification_kind_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notification_account_id_account")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_notification_offer_id_offer")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_notification_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index("ix_notification_account_created", ["account_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_order_id"), ["order_id"], unique=False)

    op.create_table(
        "hours_entry",
        sa.Column("volunteer_id", sa.String(length=20), nullable=False),
        sa.Column("assignment_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", sa.String(length=20), nullable=True),
        sa.Column("approved_by_id", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('credit', 'correction')", name=op.f("ck_hours_entry_kind_known")),
        sa.CheckConstraint("status IN ('pending', 'approved', 'refused')", name=op.f("ck_hours_entry_status_known")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> entered_by_id", name=op.f("ck_hours_entry_four_eyes")
        ),
        sa.CheckConstraint("minutes BETWEEN -1440 AND 1440", name=op.f("ck_hours_entry_minutes_sane")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["account.id"], name=op.f("fk_hours_entry_approved_by_id_account")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_hours_entry_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_hours_entry_entered_by_id_account")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_hours_entry_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_entry")),
    )
    with op.batch_alter_table("hours_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hours_entry_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "uq_hours_entry_credit",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'credit'"),
            postgresql_where=sa.text("kind = 'credit'"),
        )

    op.create_table(
        "rating",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("assignment_id", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("author_id", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visible_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'half_done', 'not_done', 'no_longer_needed')", name=op.f("ck_rating_outcome_known")
        ),
        sa.CheckConstraint("side IN ('resident', 'volunteer')", name=op.f("ck_rating_side_known")),
        sa.CheckConstraint("stars BETWEEN 1 AND 3", name=op.f("ck_rating_stars_sane")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_rating_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_rating_author_id_account")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_rating_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("assignment_id", "side", name=op.f("uq_rating_assignment_id_side")),
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_order_id"), ["order_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("assignment_id", sa.String(length=20), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_in_evidence", sa.String(length=20), nullable=False),
        sa.Column("check_in_distance_m", sa.Integer(), nullable=True),
        sa.Column("check_in_accuracy_m", sa.Integer(), nullable=True),
        sa.Column("check_in_by_id", sa.String(length=20), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_out_evidence", sa.String(length=20), nullable=False),
        sa.Column("check_out_by_id", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_visit_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["check_in_by_id"], ["account.id"], name=op.f("fk_visit_check_in_by_id_account")),
        sa.ForeignKeyConstraint(["check_out_by_id"], ["account.id"], name=op.f("fk_visit_check_out_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_visit_assignment_id")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL_UP if postgresql else SQLITE_UP:
        op.execute(statement)


def downgrade():
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL_DOWN if postgresql else SQLITE_DOWN:
        op.execute(statement)
    op.drop_table("visit")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_order_id"))

    op.drop_table("rating")
    with op.batch_alter_table("hours_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hours_entry_credit",
            sqlite_where=sa.text("kind = 'credit'"),
            postgresql_where=sa.text("kind = 'credit'"),
        )
        batch_op.drop_index(batch_op.f("ix_hours_entry_volunteer_id"))

    op.drop_table("hours_entry")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_order_id"))
        batch_op.drop_index("ix_notification_account_created")

    op.drop_table("notification")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_assignment_live_position",
            sqlite_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
            postgresql_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
        )
        batch_op.drop_index(
            "uq_assignment_live_order_volunteer",
            sqlite_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
            postgresql_where=sa.text("status IN ('accepted', 'checked_in', 'checked_out', 'confirmed', 'on_the_way')"),
        )
        batch_op.drop_index("ix_assignment_volunteer_status")
        batch_op.drop_index(batch_op.f("ix_assignment_order_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("reserve", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_reserve_live_order_volunteer",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_reserve_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_reserve_order_id"))

    op.drop_table("reserve")
    op.drop_table("position")
    op.drop_table("order_skill")
    with op.batch_alter_table("order_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_photo_order_id"))

    op.drop_table("order_photo")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_live_order_volunteer",
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
        )
        batch_op.drop_index("ix_offer_volunteer_status")
        batch_op.drop_index("ix_offer_status_expires")
        batch_op.drop_index(batch_op.f("ix_offer_order_id"))

    op.drop_table("offer")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_order_id"))
        batch_op.drop_index(batch_op.f("ix_follow_up_office_id"))

    op.drop_table("follow_up")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index("ix_event_office_at")

    op.drop_table("event")
    with op.batch_alter_table("volunteer_skill", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_volunteer_skill_skill_id"))

    op.drop_table("volunteer_skill")
    op.drop_table("service_item_skill")
    with op.batch_alter_table("saved_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_address_resident_id"))

    op.drop_table("saved_address")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_window_from"))
        batch_op.drop_index("ix_orders_status_office")
        batch_op.drop_index(batch_op.f("ix_orders_resident_id"))
        batch_op.drop_index(batch_op.f("ix_orders_requester_id"))
        batch_op.drop_index("ix_orders_next_action_at")
        batch_op.drop_index(batch_op.f("ix_orders_created_at"))

    op.drop_table("orders")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credential_volunteer_id"))

    op.drop_table("credential")
    with op.batch_alter_table("block", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_block_resident_id"))

    op.drop_table("block")
    with op.batch_alter_table("availability_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_exception_volunteer_id"))

    op.drop_table("availability_exception")
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_volunteer_id"))

    op.drop_table("availability")
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_volunteer_office_id"))

    op.drop_table("volunteer")
    with op.batch_alter_table("service_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_item_office_id"))
        batch_op.drop_index(batch_op.f("ix_service_item_category_id"))

    op.drop_table("service_item")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_office_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resident_phone"))
        batch_op.drop_index(batch_op.f("ix_resident_office_id"))

    op.drop_table("resident")
    op.drop_table("office_setting")
    with op.batch_alter_table("dispatch_run", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_dispatch_run_running",
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        )
        batch_op.drop_index("ix_dispatch_run_started_at")

    op.drop_table("dispatch_run")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_account_id"))

    op.drop_table("consent")
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_auth_session_account_id"))

    op.drop_table("auth_session")
    op.drop_table("skill")
    op.drop_table("service_category")
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.drop_index("ix_office_path")
        batch_op.drop_index(batch_op.f("ix_office_parent_id"))

    op.drop_table("office")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_created_at"))

    op.drop_table("idempotency_key")
    op.drop_table("account")
