"""audit: a hash chain per office over the journal, and a journal that is insert-only

Revision: 0003, after 0002
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT_ONCE = 5_000

# The guards of models/audit.py as they stood here.
FIXED = "number, at, kind, subject_type, subject_id, order_id, version, office_id, actor_id, before, after"
ROW_GUARDS = {
    "guard_audit_link_update": "UPDATE ON audit_link",
    "guard_audit_link_delete": "DELETE ON audit_link",
    "guard_event_update": f"UPDATE OF {FIXED} ON event",
    "guard_event_delete": "DELETE ON event",
}
STATEMENT_GUARDS = {
    "guard_audit_link_truncate": "TRUNCATE ON audit_link",
    "guard_event_truncate": "TRUNCATE ON event",
}
FUNCTION = (
    "CREATE FUNCTION audit_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is insert-only'; END $$"
)


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def upgrade():
    if not _on_sqlite():
        op.execute("SET LOCAL statement_timeout = 0")  # an old journal may be long
    op.create_table(
        "audit_link",
        sa.Column("chain", sa.String(20), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name_digest", sa.String(64), nullable=False),
        sa.Column("words_digest", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["event_number"], ["event.number"], name=op.f("fk_audit_link_event_number_event")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("event_number", name=op.f("uq_audit_link_event_number")),
    )
    fresh = "lower(hex(randomblob(16)))" if _on_sqlite() else "replace(gen_random_uuid()::text, '-', '')"
    for column in ("name_salt", "words_salt"):
        op.execute(f"ALTER TABLE event ADD COLUMN {column} VARCHAR(32) DEFAULT '' NOT NULL")
    op.execute(f"UPDATE event SET name_salt = {fresh}, words_salt = {fresh}")
    _link_what_is_there()
    _guard()


def downgrade():
    _unguard()
    op.drop_table("audit_link")
    for column in ("words_salt", "name_salt"):
        op.execute(f"ALTER TABLE event DROP COLUMN {column}")


def _guard():
    if _on_sqlite():
        for name, when in ROW_GUARDS.items():
            refuse = f"SELECT RAISE(ABORT, '{when.rpartition(' ')[2]} is insert-only')"
            op.execute(f"CREATE TRIGGER {name} BEFORE {when} BEGIN {refuse}; END")
        return
    op.execute(FUNCTION)
    for each, guards in (("ROW", ROW_GUARDS), ("STATEMENT", STATEMENT_GUARDS)):
        for name, when in guards.items():
            op.execute(f"CREATE TRIGGER {name} BEFORE {when} FOR EACH {each} EXECUTE FUNCTION audit_insert_only()")


def _unguard():
    for name, when in (ROW_GUARDS if _on_sqlite() else ROW_GUARDS | STATEMENT_GUARDS).items():
        op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON {when.rpartition(' ')[2]}")
    if not _on_sqlite():
        op.execute("DROP FUNCTION audit_insert_only()")


# ---------- the journal so far, linked by the rules of app/kernel/chain.py as they stood here ----------

EVENT = sa.table(
    "event",
    sa.column("number", sa.BigInteger),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String) for name in ("kind", "subject_type", "subject_id", "order_id")),
    sa.column("version", sa.Integer),
    *(sa.column(name, sa.String) for name in ("office_id", "actor_id", "before", "after", "actor_name")),
    sa.column("particulars", sa.JSON),
    *(sa.column(name, sa.String) for name in ("name_salt", "words_salt")),
)
LINK = sa.table(
    "audit_link",
    *(sa.column(name) for name in ("chain", "seq", "event_number", "name_digest", "words_digest", "hash")),
)


def _link_what_is_there():
    """Every row in the order of its number; part by part, for a journal may be longer than the memory."""
    heads, last, connection = {}, 0, op.get_bind()
    while True:
        rows = connection.execute(
            sa.select(EVENT).where(EVENT.c.number > last).order_by(EVENT.c.number).limit(AT_ONCE)
        ).all()
        if not rows:
            return
        connection.execute(sa.insert(LINK), [_link(row, heads) for row in rows])
        last = rows[-1].number


def _link(row, heads):
    chain = row.office_id or ""
    seq, previous = heads.get(chain, (0, "0" * 64))
    seq += 1
    name = _hash(["name", row.name_salt, row.actor_name])
    words = _hash(["words", row.words_salt, row.particulars])
    fixed = [
        row.number, _moment(row.at), row.kind, row.subject_type, row.subject_id, row.order_id, row.version,
        row.office_id, row.actor_id, row.before, row.after,
    ]  # fmt: skip
    own = _hash(["linli-audit-1", chain, seq, previous, *fixed, name, words])
    heads[chain] = seq, own
    return {
        "chain": chain, "seq": seq, "event_number": row.number, "name_digest": name, "words_digest": words, "hash": own,
    }  # fmt: skip


def _hash(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _moment(at: datetime):
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
