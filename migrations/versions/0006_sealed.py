"""personal words are sealed with a key per person

Needs the data keys, in both directions: what is there is sealed going up and opened again going down.

Revision: 0006, after 0005
"""

import secrets

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.keyring import keyring, new_data_key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
FORMAT = 1
HEAD, BODY = 21, 33
SUBJECT_OF_VISIT = (
    "(SELECT orders.resident_id FROM assignment JOIN orders ON orders.id = assignment.order_id "
    "WHERE assignment.id = visit.assignment_id)"
)
# table: (whose key, {column: what it was})
SEALED = {
    "account": ("id", {"phone": "VARCHAR(20)"}),
    "resident": ("id", {"phone": "VARCHAR(20)", "access_notes": "VARCHAR(400)"}),
    "saved_address": ("resident_id", {"address": "VARCHAR(200)"}),
    "orders": (
        "resident_id",
        {
            "words": "VARCHAR(1000)", "contact_phone": "VARCHAR(20)", "address": "VARCHAR(200)",
            "access_notes": "VARCHAR(400)",
        },
    ),
    "visit": (SUBJECT_OF_VISIT, {"note": "VARCHAR(400)"}),
}  # fmt: skip
INDEXED = {"account": "phone", "resident": "phone"}
KEYS = sa.table(
    "subject_key", sa.column("subject_id"), sa.column("version"), sa.column("wrapped", sa.LargeBinary)
)  # fmt: skip


def _on_postgres():
    return op.get_bind().dialect.name == "postgresql"


def upgrade():
    if _on_postgres():
        op.execute("SET LOCAL statement_timeout = 0")
    _create_tables()
    blob = "BYTEA" if _on_postgres() else "BLOB"
    for table, (_, columns) in SEALED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}_sealed {blob}")
        if table in INDEXED:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {INDEXED[table]}_index VARCHAR(64)")
    for table in SEALED:
        _seal(table)
    op.drop_index("ix_resident_phone", table_name="resident")
    op.create_index("ix_resident_phone_index", "resident", ["phone_index"])
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint("uq_account_phone", type_="unique")
        batch.drop_column("phone")
        batch.create_unique_constraint("uq_account_phone_index", ["phone_index"])
    for table, (_, columns) in SEALED.items():
        for column in columns if table != "account" else ():
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def downgrade():
    if _on_postgres():
        op.execute("SET LOCAL statement_timeout = 0")
    for table, (_, columns) in SEALED.items():
        for column, kind in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} DEFAULT '' NOT NULL")
    for table in SEALED:
        _open(table)
    op.execute("UPDATE account SET phone = id WHERE phone = ''")  # somebody who was erased: no number, but unique
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint("uq_account_phone_index", type_="unique")
        batch.drop_column("phone_index")
        batch.drop_column("phone_sealed")
        batch.create_unique_constraint("uq_account_phone", ["phone"])
    op.drop_index("ix_resident_phone_index", table_name="resident")
    op.execute("ALTER TABLE resident DROP COLUMN phone_index")
    op.create_index("ix_resident_phone", "resident", ["phone"])
    for table, (_, columns) in SEALED.items():
        for column in columns if table != "account" else ():
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}_sealed")
    for table in ("legal_hold", "erasure", "subject_key"):
        op.drop_table(table)


def _create_tables():
    op.create_table(
        "subject_key",
        sa.Column("subject_id", sa.String(20), nullable=False),
        sa.Column("version", sa.String(10), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject_key")),
    )
    op.create_index("ix_subject_key_version", "subject_key", ["version"])
    op.create_table(
        "erasure",
        sa.Column("subject_id", sa.String(20), nullable=False),
        sa.Column("office_id", sa.String(20), nullable=True),
        sa.Column("asked_by_id", sa.String(20), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_erasure_office_id_office")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_erasure_asked_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_office_id", "erasure", ["office_id"])
    is_open = sa.text("done_at IS NULL AND withdrawn_at IS NULL")
    op.create_index(
        "uq_erasure_open_subject", "erasure", ["subject_id"], unique=True,
        sqlite_where=is_open, postgresql_where=is_open,
    )  # fmt: skip
    op.create_table(
        "legal_hold",
        sa.Column("subject_id", sa.String(20), nullable=False),
        sa.Column("office_id", sa.String(20), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("set_by_id", sa.String(20), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_legal_hold_office_id_office")),
        sa.ForeignKeyConstraint(["set_by_id"], ["account.id"], name=op.f("fk_legal_hold_set_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index("ix_legal_hold_subject_id", "legal_hold", ["subject_id"])
    op.create_index("ix_legal_hold_office_id", "legal_hold", ["office_id"])


# ---------- what is there, by the rules of models/sealed.py as they stood here ----------


def _rows(table, names):
    """Every row as a mapping with `id`, `subject` and these columns; part by part."""
    subject, _ = SEALED[table]
    connection, last = op.get_bind(), ""
    found = sa.text(
        f"SELECT id, {subject} AS subject, {', '.join(names)} FROM {table} WHERE id > :last ORDER BY id LIMIT {AT_ONCE}"
    )
    while rows := connection.execute(found, {"last": last}).mappings().all():
        yield rows
        last = rows[-1]["id"]


def _update(table, rows):
    names = [name for name in rows[0] if name != "id"]
    assigned = ", ".join(f"{name} = :{name}" for name in names)
    op.get_bind().execute(sa.text(f"UPDATE {table} SET {assigned} WHERE id = :id"), rows)


def _bound(table, column, subject):
    return f"{table}|{column}|{subject}|{FORMAT}".encode()


def _seal(table):
    _, columns = SEALED[table]
    ring = keyring()
    for rows in _rows(table, columns):
        keys = _known_keys({row["subject"] for row in rows})
        fresh = {subject: new_data_key() for subject in {row["subject"] for row in rows} - set(keys)}
        if fresh:
            wrapped = [(subject, *ring.wrap(subject, key)) for subject, key in fresh.items()]
            made = [dict(zip(("subject_id", "version", "wrapped"), one, strict=True)) for one in wrapped]
            op.get_bind().execute(sa.insert(KEYS), made)
            keys |= {subject: AESGCM(key) for subject, key in fresh.items()}
        sealed = []
        for row in rows:
            values = {"id": row["id"]}
            for column in columns:
                text = "" if row[column] == row["id"] else row[column]  # see downgrade
                values[f"{column}_sealed"] = _closed(table, column, row["subject"], keys[row["subject"]], text)
            if table in INDEXED:
                number = row[INDEXED[table]]
                values["phone_index"] = ring.index(f"{table}.phone", number) if number not in {"", row["id"]} else None
            sealed.append(values)
        _update(table, sealed)


def _closed(table, column, subject, key, text):
    if not text:
        return None
    nonce = secrets.token_bytes(BODY - HEAD)
    return (
        bytes((FORMAT,)) + subject.encode() + nonce + key.encrypt(nonce, text.encode(), _bound(table, column, subject))
    )


def _open(table):
    _, columns = SEALED[table]
    for rows in _rows(table, [f"{column}_sealed" for column in columns]):
        keys = _known_keys({row["subject"] for row in rows})
        opened = []
        for row in rows:
            values = {"id": row["id"]}
            for column in columns:
                held = row[f"{column}_sealed"]
                values[column] = _text(table, column, bytes(held), keys) if held else ""
            opened.append(values)
        _update(table, opened)


def _text(table, column, held, keys):
    subject = held[1:HEAD].decode()
    key = keys.get(subject)
    return key.decrypt(held[HEAD:BODY], held[BODY:], _bound(table, column, subject)).decode() if key else ""


def _known_keys(subjects):
    found = sa.select(KEYS).where(KEYS.c.subject_id.in_(sorted(subjects)), KEYS.c.wrapped.is_not(None))
    ring = keyring()
    return {
        row.subject_id: AESGCM(ring.unwrap(row.subject_id, row.version, row.wrapped))
        for row in op.get_bind().execute(found)
    }
