"""A sealed file opens whole or not at all."""

from __future__ import annotations

from random import Random

import pytest

from app.backups import sealing
from app.backups.errors import BackupError, BadBackup
from app.backups.sealing import PIECE, TAG_BYTES, key_of, name_of, seal, unseal

KEY, OTHER = bytes(32), bytes([1]) * 32
HEAD = len(sealing.MAGIC) + sealing.SALT_BYTES


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_what_was_sealed_comes_back(tmp_path, size):
    plain = tmp_path / "plain"
    plain.write_bytes(Random(size).randbytes(size))
    seal(plain, tmp_path / "sealed", KEY)
    unseal(tmp_path / "sealed", tmp_path / "back", KEY)
    assert (tmp_path / "back").read_bytes() == plain.read_bytes()


@pytest.fixture
def sealed(tmp_path):
    (tmp_path / "plain").write_bytes(Random(3).randbytes(3 * PIECE))
    seal(tmp_path / "plain", tmp_path / "sealed", KEY)
    return tmp_path / "sealed"


def _pieces(content):
    body, step = content[HEAD:], PIECE + TAG_BYTES
    return content[:HEAD], [body[start : start + step] for start in range(0, len(body), step)]


def _joined(head, pieces):
    return head + b"".join(pieces)


@pytest.mark.parametrize(
    "damage",
    [
        lambda head, pieces: _joined(head, pieces[:-1]),
        lambda head, pieces: _joined(head, pieces[1:]),
        lambda head, pieces: _joined(head, [pieces[1], pieces[0], pieces[2]]),
        lambda head, pieces: _joined(head, [*pieces, pieces[-1]]),
        lambda head, pieces: _joined(head, pieces)[:-1],
        lambda head, pieces: _joined(head, pieces) + b"x",
        lambda head, pieces: head,
        lambda head, pieces: b"x" + _joined(head, pieces)[1:],
        lambda head, pieces: _joined(head[:-1] + b"\x00", pieces),
    ],
    ids=["last piece gone", "first gone", "swapped", "doubled", "a byte less", "a byte more", "empty", "magic", "salt"],
)
def test_pieces_gone_moved_or_added_are_refused(sealed, tmp_path, damage):
    head, pieces = _pieces(sealed.read_bytes())
    sealed.write_bytes(damage(head, pieces))
    with pytest.raises(BadBackup):
        unseal(sealed, tmp_path / "back", KEY)


def test_any_bit_counts(sealed, tmp_path):
    content = sealed.read_bytes()
    random = Random(5)
    for turn in range(20):
        altered = bytearray(content)
        altered[random.randrange(len(content))] ^= 1 << random.randrange(8)
        sealed.write_bytes(bytes(altered))
        with pytest.raises(BadBackup):
            unseal(sealed, tmp_path / f"back{turn}", KEY)


def test_another_key_opens_nothing(sealed, tmp_path):
    with pytest.raises(BadBackup):
        unseal(sealed, tmp_path / "back", OTHER)


def test_keys_are_told_apart_by_name_and_wrong_ones_refused():
    assert name_of(KEY) != name_of(OTHER)
    for wrong in ("", "short", "not base64 at all!", "A" * 40):
        with pytest.raises(BackupError, match="32 bytes"):
            key_of(wrong)
