"""The book of anchors: signed, chained, outside the database; what it shows and what it forgives."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit import keys, service
from app.audit.book import ANCHOR
from app.audit.keys import FILE, SigningKey
from app.config import BadSetting, Settings
from app.kernel.clock import now
from models import db
from models.audit import unguarded
from models.base import Base
from tests.audit.scenes import walk
from tests.audit.tampering import lift_guards
from tests.factories import advance


def _lines():
    return service.book().path.read_bytes().splitlines(keepends=True)


def _write(lines):
    service.book().path.write_bytes(b"".join(lines))


def _wrong():
    return [what for _, what in service.read_book().wrong]


@pytest.fixture
def anchored(town):
    """Three anchors with something happening between them."""
    orders = [town.open_order().id, town.open_order(office=town.ids["far"]).id]
    for order_id in (orders[0], orders[1], orders[0]):
        walk(order_id)
        service.anchor()
        advance(hours=24)
    return orders


def test_an_anchor_names_only_the_heads_that_moved(anchored):
    heads = [set(json.loads(line)["heads"]) for line in _lines()]
    assert len(heads[0]) > 1 and len(heads[1]) == len(heads[2]) == 1
    assert heads[1] != heads[2]
    assert service.check().ok


def test_an_anchor_is_due_when_the_last_one_is_a_day_old(town):
    assert service.is_anchor_due()
    service.anchor()
    assert not service.is_anchor_due()
    advance(hours=23)
    assert not service.is_anchor_due()
    advance(hours=1)
    assert service.is_anchor_due()


def test_what_is_broken_is_not_anchored(anchored):
    with db.engine.begin() as connection:
        lift_guards(connection)
        connection.exec_driver_sql("UPDATE event SET kind = 'order.forged' WHERE number = 2")
    before = _lines()
    with pytest.raises(service.Broken) as caught:
        service.anchor()
    assert caught.value.report.faults[0].number == 2
    assert _lines() == before


@pytest.mark.parametrize("altered", ["at", "heads", "kind", "previous", "key", "signature"])
def test_an_altered_line_is_found(anchored, altered):
    lines = _lines()
    content = json.loads(lines[1])
    chain = next(iter(content["heads"]))
    value = {"at": "2020-01-01T00:00:00+00:00", "heads": {chain: [1, "0" * 64]}, "kind": "restart"}
    content[altered] = value.get(altered, "AAAA")
    _write([lines[0], json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n", lines[2]])
    assert not service.check().ok


def test_a_line_taken_out_or_moved_is_found(anchored):
    lines = _lines()
    for left in (lines[1:], [lines[0], lines[2]], [lines[1], lines[0], lines[2]], [lines[0], b"{}\n", *lines[1:]]):
        _write(left)
        assert _wrong()
        assert not service.check().ok


def test_a_book_written_with_another_key_is_not_believed(anchored, site):
    service.book().path.unlink()
    forger = SigningKey(Ed25519PrivateKey.generate())
    service.book().add(ANCHOR, forger, now(), service.check().heads)
    assert _wrong() == ["not signed by a trusted key"]
    assert service.read_book([forger.public]).wrong == []


def test_a_line_torn_by_a_crash_never_counted(anchored):
    lines = _lines()
    _write([*lines, b'{"format":"linli-anch'])
    assert service.check().ok
    service.anchor()
    assert service.check().ok
    assert len(_lines()) == 4


def test_a_new_key_is_vouched_for_by_the_old_one(anchored, site):
    first = service.key().public
    second = service.rotate_key()
    walk(anchored[0])
    service.anchor()
    assert service.check().ok
    assert service.read_book([first]).wrong == [], "who only knows the first key can follow"
    assert service.read_book([second.public]).wrong, "the new key has not signed the old lines"
    kept = list(service.settings().instance.glob(f"{FILE}*"))
    assert len(kept) == 2 and {path.stat().st_mode & 0o777 for path in kept} == {0o600}


def test_a_database_put_back_on_purpose_is_told_from_a_cut_one(anchored):
    with db.engine.begin() as connection, unguarded(connection):
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    db.session.remove()
    assert {fault.code for fault in service.check().faults} == {"cut_after_anchor"}
    service.restart({}, "a fresh demo city")
    report = service.check()
    assert report.ok and report.lost > 0


def test_a_key_may_come_from_the_environment(tmp_path):
    made = Settings(instance=tmp_path, audit_key="A" * 43 + "=", testing=True)
    assert keys.signing_key(made).id
    with pytest.raises(BadSetting, match="32 bytes"):
        keys.signing_key(Settings(instance=tmp_path, audit_key="short", testing=True))
    with pytest.raises(BadSetting, match="AUDIT_KEY is set"):
        keys.new_key(made)


def test_anchors_of_one_moment_are_written_in_universal_time(town):
    line = service.anchor()
    assert datetime.fromisoformat(line.at) == now().replace(microsecond=0).astimezone(UTC)
    assert datetime.fromisoformat(line.at).utcoffset() == timedelta(0)
