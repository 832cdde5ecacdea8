"""answered offers: waves, what was known of each offer when it was made, and the answer model a city has learnt

Revision: 0015, after 0014
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = "offers_per_position"
setting = sa.table(
    "office_setting", sa.column("id", sa.String), sa.column("name", sa.String), sa.column("value", sa.JSON)
)


def _rewrite(change):
    """Offices set one number for all urgencies until now."""
    bind = op.get_bind()
    for row in bind.execute(sa.select(setting).where(setting.c.name == AT_ONCE)).all():
        value = json.loads(row.value) if isinstance(row.value, str) else row.value
        bind.execute(setting.update().where(setting.c.id == row.id).values(value=change(value)))


def upgrade():
    op.add_column("offer", sa.Column("features", sa.JSON()))
    op.add_column("offer", sa.Column("wave", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("offer", sa.Column("message", sa.String(40), nullable=False, server_default=""))
    op.add_column("orders", sa.Column("asking", sa.JSON()))
    op.add_column("dispatch_run", sa.Column("waves", sa.JSON()))
    op.create_table(
        "answer_model",
        sa.Column("office_id", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("brier", sa.Double()),
        sa.Column("constant", sa.Double()),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_answer_model_office_id_office"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_model"),
        sa.UniqueConstraint("office_id", "version", name="uq_answer_model_office_id_version"),
    )
    op.create_index(
        "uq_answer_model_in_use", "answer_model", ["office_id"], unique=True,
        sqlite_where=sa.text("in_use"), postgresql_where=sa.text("in_use"),
    )  # fmt: skip
    _rewrite(lambda number: dict.fromkeys(("urgent", "normal", "planned"), number))


def downgrade():
    _rewrite(lambda numbers: numbers["normal"])
    op.drop_table("answer_model")
    op.drop_column("dispatch_run", "waves")
    op.drop_column("orders", "asking")
    for name in ("message", "wave", "features"):
        op.drop_column("offer", name)
