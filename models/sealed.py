"""Attributes that are sealed at rest: `order.address` reads and writes as ever, the column holds `address_sealed`.

A value that was set stays plain on the instance until the flush, which seals it with the data key of the person it is
about (`data_subject()`), made on first need. Reading opens lazily; the keys of everything loaded in the session come
in one query. SQL can neither compare nor order such a column; a number is looked up by its blind index
(`Account.phone.equals(…)`). What belonged to a person whose key was destroyed reads as "".

A sealed value is: one byte for the format, the subject's id, a random nonce of 96 bits, ciphertext and tag. The tag
also covers table, column, subject and format, so a value moved elsewhere does not open.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, overload

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Dialect, LargeBinary, TypeDecorator, event, insert, select
from sqlalchemy.orm import Session, object_session

from models.base import db
from models.ids import ID_LENGTH, new_id
from models.keyring import NONCE_BYTES, keyring, new_data_key
from models.subject_key import SubjectKey

FORMAT = 1
"""AES-256-GCM. Another algorithm would be another number."""
_HEAD, _BODY = 1 + ID_LENGTH, 1 + ID_LENGTH + NONCE_BYTES
_KEYS = "linli_subject_keys"
_OPENED = "_opened"
_AT_ONCE = 500
FIELDS: dict[type, tuple[Sealed, ...]] = {}
"""Every class with sealed attributes."""


class Erased(RuntimeError):
    """Something was to be sealed for a person whose key has been destroyed."""


class Plain:
    """A value that was set and waits for the flush to seal it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class SealedText(TypeDecorator[bytes]):
    """The column of a sealed attribute. It takes sealed bytes only: plain words never reach a statement."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None or (isinstance(value, bytes) and len(value) > _BODY and value[0] == FORMAT):
            return value
        raise TypeError("a sealed column takes sealed values only")


class Sealed:
    """The attribute over a column `<name>_sealed`; with `indexed`, also over its blind index `<name>_index`."""

    def __init__(self, *, indexed: bool = False) -> None:
        self.indexed = indexed

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.name = owner, name
        self.column, self.index = f"{name}_sealed", f"{name}_index"
        FIELDS[owner] = (*FIELDS.get(owner, ()), self)

    @overload
    def __get__(self, instance: None, owner: type) -> Sealed: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> str: ...
    def __get__(self, instance: Any, owner: type) -> Sealed | str:
        if instance is None:
            return self
        held = getattr(instance, self.column)
        if held is None:
            return ""
        if isinstance(held, Plain):
            return held.text
        opened = instance.__dict__.setdefault(_OPENED, {})
        known = opened.get(self.name)
        if known is None or known[0] is not held:
            opened[self.name] = known = (held, self._open(held, object_session(instance) or db.session()))
        return str(known[1])

    def __set__(self, instance: Any, text: str | None) -> None:
        if self.column in instance.__dict__ and self.__get__(instance, self.owner) == (text or ""):
            return
        setattr(instance, self.column, Plain(text) if text else None)
        if self.indexed and not text:
            setattr(instance, self.index, None)

    def equals(self, text: str) -> ColumnElement[bool]:
        """SQL: the attribute is this text. Needs an index."""
        return self.among([text])

    def among(self, texts: Iterable[str]) -> ColumnElement[bool]:
        """SQL: the attribute is one of these texts. Needs an index."""
        if not self.indexed:
            raise TypeError(f"{self._field} has no index")
        ring = keyring()
        looked_for = [index for text in texts if text for index in ring.indexes(self._field, text)]
        found: ColumnElement[bool] = getattr(self.owner, self.index).in_(looked_for)
        return found

    def __eq__(self, other: object) -> bool:
        raise TypeError(f"{self._field} is sealed: SQL cannot compare it; use .equals() where it is indexed")

    __hash__ = object.__hash__

    def index_of(self, text: str) -> str:
        return keyring().index(self._field, text)

    @property
    def _table(self) -> str:
        return str(self.owner.__tablename__)  # type: ignore[attr-defined]  # our tables all name themselves

    @property
    def _field(self) -> str:
        return f"{self._table}.{self.name}"

    def _bound(self, subject: bytes) -> bytes:
        return b"%b|%b|%b|%d" % (self._table.encode(), self.name.encode(), subject, FORMAT)

    def seal(self, text: str, subject: str, key: AESGCM) -> bytes:
        """The text as the column may hold it."""
        nonce, name = secrets.token_bytes(NONCE_BYTES), subject.encode()
        return bytes((FORMAT,)) + name + nonce + key.encrypt(nonce, text.encode(), self._bound(name))

    def open_with(self, held: bytes, key: AESGCM) -> str:
        """The text again. Raises InvalidTag where it was tampered with."""
        return key.decrypt(held[_HEAD:_BODY], held[_BODY:], self._bound(held[1:_HEAD])).decode()

    def _open(self, held: bytes, session: Session) -> str:
        subject = subject_of(held)
        known = session.info.setdefault(_KEYS, {})
        if subject not in known:
            _load_keys(session, {subject, *_seen(session)})
        key = known.get(subject)
        return self.open_with(held, key) if key is not None else ""


def subject_of(held: bytes) -> str:
    """Whose key opens a sealed value."""
    return held[1:_HEAD].decode("ascii")


def own_id(row: Any) -> str:
    """The row's own id, given out now where the flush has not done it yet."""
    if row.id is None:
        row.id = new_id()
    return str(row.id)


# ---------- keys of people ----------


def _seen(session: Session) -> Iterator[str]:
    """Whose words are loaded in this session."""
    for row in session.identity_map.values():
        for field in FIELDS.get(type(row), ()):
            held = row.__dict__.get(field.column)
            if isinstance(held, bytes):
                yield subject_of(held)


def _load_keys(session: Session, subjects: Iterable[str]) -> dict[str, AESGCM | None]:
    """The keys of these people into the session's cache; None for destroyed ones, nothing for people without one."""
    known: dict[str, AESGCM | None] = session.info.setdefault(_KEYS, {})
    missing, ring = sorted({subject for subject in subjects if subject not in known}), keyring()
    for start in range(0, len(missing), _AT_ONCE):
        wanted = SubjectKey.subject_id.in_(missing[start : start + _AT_ONCE])
        found = select(SubjectKey.subject_id, SubjectKey.version, SubjectKey.wrapped).where(wanted)
        with session.no_autoflush:
            for subject, version, wrapped in session.execute(found).all():
                opened = wrapped and ring.unwrap(subject, version, wrapped)
                known[subject] = AESGCM(opened) if opened else None
    return known


def _keys_for_sealing(session: Session, subjects: Iterable[str]) -> dict[str, AESGCM]:
    """The keys of these people, made where they have none yet; raises Erased for somebody who was erased."""
    wanted = set(subjects)
    known = _load_keys(session, wanted)
    ring, rows = keyring(), []
    for subject in sorted(wanted - set(known)):
        fresh = new_data_key()
        version, wrapped = ring.wrap(subject, fresh)
        rows.append({"subject_id": subject, "version": version, "wrapped": wrapped})
        known[subject] = AESGCM(fresh)
    if rows:
        session.connection().execute(insert(SubjectKey), rows)
    keys = {subject: key for subject, key in known.items() if key is not None}
    if gone := wanted - set(keys):
        raise Erased(f"the keys of {len(gone)} people were destroyed")
    return keys


def forget_keys(session: Session) -> None:
    """Drop the cached keys: the rows they came from may have changed."""
    session.info.pop(_KEYS, None)


# ---------- sealing ----------


@event.listens_for(Session, "before_flush")
def _seal_waiting(session: Session, _context: Any, _instances: Any) -> None:
    waiting = [
        (row, field)
        for row in chain(session.new, session.dirty)
        for field in FIELDS.get(type(row), ())
        if isinstance(row.__dict__.get(field.column), Plain)
    ]
    if not waiting:
        return
    subjects = {id(row): str(row.data_subject()) for row, _ in waiting}
    keys = _keys_for_sealing(session, subjects.values())
    for row, field in waiting:
        subject, text = subjects[id(row)], row.__dict__[field.column].text
        held = field.seal(text, subject, keys[subject])
        setattr(row, field.column, held)
        row.__dict__.setdefault(_OPENED, {})[field.name] = (held, text)
        if field.indexed:
            setattr(row, field.index, field.index_of(text))


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    forget_keys(session)


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _transaction: Any) -> None:
    forget_keys(session)  # a key that was made in the lost transaction must seal nothing more


def sealed_rows(model: type, rows: Sequence[dict[str, Any]], *, subject: str) -> list[dict[str, Any]]:
    """Rows for a bulk insert, plain names sealed. `subject` is the column with the id of the person they are about."""
    keys = _keys_for_sealing(db.session(), [row[subject] for row in rows])
    result = []
    for row in rows:
        sealed = dict(row)
        for field in FIELDS[model]:
            text = sealed.pop(field.name, "")
            sealed[field.column] = field.seal(text, row[subject], keys[row[subject]]) if text else None
            if field.indexed:
                sealed[field.index] = field.index_of(text) if text else None
        result.append(sealed)
    return result
