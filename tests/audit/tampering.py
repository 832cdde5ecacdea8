"""Somebody with all rights on the database, and a way to alter the journal or its chain: each leaves its own trace.

Everything happens inside the caller's transaction, guards and constraints off, so that it can be rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from app.kernel import chain
from models import AuditLink, Event
from models.audit import POSTGRESQL_DOWN, SQLITE_DOWN

LINK, EVENT = AuditLink.__table__, Event.__table__
COLUMNS = [*LINK.c, *EVENT.c]
Way = Callable[["Tamperer"], str]


def lift_guards(connection: Connection) -> None:
    """What an owner of the tables can do: no triggers, no foreign keys, no unique columns in the way."""
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE_DOWN if on_sqlite else POSTGRESQL_DOWN:
        connection.exec_driver_sql(statement)
    if on_sqlite:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        return
    for table in (LINK, EVENT):
        for constraint in [*table.foreign_key_constraints, *_unique(table)]:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP CONSTRAINT {constraint.name}")


def _unique(table: Any) -> list[Any]:
    return [one for one in table.constraints if type(one).__name__ == "UniqueConstraint"]


class Tamperer:
    """One tampering at a time; `anchored` names the last link of each chain that an anchor holds."""

    def __init__(self, connection: Connection, random: Random, anchored: dict[str, tuple[int, str]]) -> None:
        self.connection, self.random, self.anchored = connection, random, anchored

    def tamper(self) -> str:
        """Do any one thing; gives a word for it."""
        return self.random.choice(WAYS)(self)

    # ---------- one value ----------

    def mutate(self, column: Any = None) -> str:
        column = self.random.choice(COLUMNS) if column is None else column
        row = self.any_row(column.table)
        key = [c == row._mapping[c.name] for c in column.table.primary_key]
        value = self._other(row._mapping[column.name], column)
        self.connection.execute(update(column.table).where(*key).values({column.name: value}))
        return f"mutate {column.table.name}.{column.name}"

    def _other(self, value: Any, column: Any) -> Any:
        """A value near the one that is there: what somebody would write who hopes that nobody sees."""
        if column.name == "particulars":
            return {**value, "x": self.random.random()} if self.random.random() < 0.7 else {"y": []} | value
        if column.name == "at":
            return value + timedelta(microseconds=self.random.choice((-1, 1, 60_000_000)))
        if value is None:
            return 7 if column.name == "version" else "z"
        if isinstance(value, int):
            return value + self.random.choice((10_000, 10_001))
        if column.nullable and self.random.random() < 0.3:
            return None
        at = self.random.randrange(max(1, len(value)))
        letter = "q" if value[at : at + 1] != "q" else "r"
        return value[:at] + letter + value[at + 1 :]

    # ---------- rows ----------

    def any_row(self, table: Any) -> Row[Any]:
        number = self.connection.scalar(select(func.count()).select_from(table))
        order = [*table.primary_key]
        return self.connection.execute(
            select(table).order_by(*order).offset(self.random.randrange(number)).limit(1)
        ).one()

    def delete_row(self) -> str:
        row = self.any_row(EVENT)
        self.connection.execute(delete(EVENT).where(EVENT.c.number == row.number))
        return "delete a journal row"

    def delete_link(self) -> str:
        row = self.any_row(LINK)
        self.connection.execute(delete(LINK).where(LINK.c.event_number == row.event_number))
        return "delete a link"

    def delete_both(self) -> str:
        """A step that never happened: its row and its link are gone, and nothing else was touched."""
        row = self._anchored_row()
        self.connection.execute(delete(LINK).where(LINK.c.event_number == row.event_number))
        self.connection.execute(delete(EVENT).where(EVENT.c.number == row.event_number))
        return "delete a row with its link"

    def delete_and_close_up(self) -> str:
        """The same, and the later links move down to close the gap."""
        self.delete_both_at(self._anchored_row())
        return "delete a row with its link and renumber"

    def delete_both_at(self, row: Row[Any]) -> None:
        self.connection.execute(delete(LINK).where(LINK.c.event_number == row.event_number))
        self.connection.execute(delete(EVENT).where(EVENT.c.number == row.event_number))
        later = select(LINK.c.seq).where(LINK.c.chain == row.chain, LINK.c.seq > row.seq).order_by(LINK.c.seq)
        for seq in self.connection.scalars(later).all():
            here = (LINK.c.chain == row.chain) & (LINK.c.seq == seq)
            self.connection.execute(update(LINK).where(here).values(seq=seq - 1))

    def insert_row(self) -> str:
        """A step that nobody took, written past the app."""
        self.connection.execute(insert(EVENT).values(self._made_up()))
        return "insert a journal row"

    def insert_linked(self) -> str:
        """The same, put in the place of an earlier link with all later ones moved up and a hash of its own."""
        made_up, row = self._made_up(), self._anchored_row()
        made_up["office_id"] = row.chain or None
        self.connection.execute(insert(EVENT).values(made_up))
        later = select(LINK.c.seq).where(LINK.c.chain == row.chain, LINK.c.seq >= row.seq).order_by(LINK.c.seq.desc())
        for seq in self.connection.scalars(later).all():
            here = (LINK.c.chain == row.chain) & (LINK.c.seq == seq)
            self.connection.execute(update(LINK).where(here).values(seq=seq + 1))
        event = self.connection.execute(select(EVENT).where(EVENT.c.number == made_up["number"])).one()
        forged = next(chain.links(row.chain, row.seq - 1, self._hash_before(row), [event]))
        self.connection.execute(insert(LINK).values(forged))
        return "insert a row with a link of its own"

    def swap_rows(self) -> str:
        """Two journal rows exchange what they say."""
        one, other = self._two_rows()
        for row, number in ((one, other.number), (other, one.number)):
            values = {k: v for k, v in row._mapping.items() if k not in {"number", "order_id", "version"}}
            self.connection.execute(update(EVENT).where(EVENT.c.number == number).values(values))
        return "swap two journal rows"

    def swap_links(self) -> str:
        """Two links exchange their rows, hashes and digests: the steps seem to have come in another order."""
        one, other = self._two_links()
        names = ["event_number", "name_digest", "words_digest", "hash"]
        mine, theirs = ({n: row._mapping[n] for n in names} for row in (one, other))
        away = {**mine, "event_number": -1}
        for row, values in ((one, away), (other, mine), (one, theirs)):
            here = (LINK.c.chain == row.chain) & (LINK.c.seq == row.seq)
            self.connection.execute(update(LINK).where(here).values(values))
        return "swap two links"

    # ---------- whole stretches, which only an anchor can tell ----------

    def cut_tail(self) -> str:
        """The last links of a chain and their rows are gone, at least one of them anchored."""
        row = self._anchored_row()
        self._remove_from(row.chain, row.seq)
        return "cut the tail of a chain"

    def drop_chain(self) -> str:
        self._remove_from(self._anchored_row().chain, 1)
        return "drop a whole chain"

    def older_state(self) -> str:
        """All chains as they stood before some moment."""
        number = self._anchored_row().event_number
        gone = select(LINK.c.event_number).where(LINK.c.event_number >= number)
        numbers = self.connection.scalars(gone).all()
        self.connection.execute(delete(LINK).where(LINK.c.event_number.in_(numbers)))
        self.connection.execute(delete(EVENT).where(EVENT.c.number.in_(numbers)))
        return "put back an older state"

    def rewrite(self) -> str:
        """A row altered, and every link from there on made anew: inside, all fits."""
        row = self._anchored_row()
        self.connection.execute(update(EVENT).where(EVENT.c.number == row.event_number).values(kind="order.forged"))
        together = (
            select(EVENT, LINK.c.seq, LINK.c.name_digest, LINK.c.words_digest)
            .join(LINK, LINK.c.event_number == EVENT.c.number)
            .where(LINK.c.chain == row.chain, LINK.c.seq >= row.seq)
            .order_by(LINK.c.seq)
        )
        head = self._hash_before(row)
        for one in self.connection.execute(together).all():
            head = chain.link_hash(row.chain, one.seq, head, one, one.name_digest, one.words_digest)
            here = (LINK.c.chain == row.chain) & (LINK.c.seq == one.seq)
            self.connection.execute(update(LINK).where(here).values(hash=head))
        return "rewrite a chain"

    # ---------- help ----------

    def _anchored_row(self) -> Row[Any]:
        """A link that an anchor holds, or that stands before one."""
        name = self.random.choice(sorted(self.anchored))
        seq = self.random.randint(1, self.anchored[name][0])
        return self.connection.execute(select(LINK).where(LINK.c.chain == name, LINK.c.seq == seq)).one()

    def _hash_before(self, row: Row[Any]) -> str:
        before = select(LINK.c.hash).where(LINK.c.chain == row.chain, LINK.c.seq == row.seq - 1)
        return self.connection.scalar(before) or chain.ORIGIN

    def _remove_from(self, name: str, seq: int) -> None:
        gone = select(LINK.c.event_number).where(LINK.c.chain == name, LINK.c.seq >= seq)
        numbers = self.connection.scalars(gone).all()
        self.connection.execute(delete(LINK).where(LINK.c.event_number.in_(numbers)))
        self.connection.execute(delete(EVENT).where(EVENT.c.number.in_(numbers)))

    def _made_up(self) -> dict[str, Any]:
        row = self.any_row(EVENT)._mapping
        last = self.connection.scalar(select(func.max(EVENT.c.number))) or 0
        return {**row, "number": last + 1, "order_id": None, "version": None, "kind": "order.note"}

    def _two_rows(self) -> tuple[Row[Any], Row[Any]]:
        while True:
            one, other = self.any_row(EVENT), self.any_row(EVENT)
            if json.dumps(dict(one._mapping), default=str) != json.dumps(dict(other._mapping), default=str):
                return one, other

    def _two_links(self) -> tuple[Row[Any], Row[Any]]:
        while True:
            one, other = self.any_row(LINK), self.any_row(LINK)
            if one.event_number != other.event_number:
                return one, other


WAYS: tuple[Way, ...] = (
    *(Tamperer.mutate,) * 6,
    Tamperer.delete_row, Tamperer.delete_link, Tamperer.delete_both, Tamperer.delete_and_close_up,
    Tamperer.insert_row, Tamperer.insert_linked, Tamperer.swap_rows, Tamperer.swap_links,
    Tamperer.cut_tail, Tamperer.drop_chain, Tamperer.older_state, Tamperer.rewrite,
)  # fmt: skip
"""Half of all chance for single values: there are as many columns as other ways."""
