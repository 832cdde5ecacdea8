"""A file encrypted piece by piece with AES-256-GCM: any piece altered, moved, missing or added at the end is refused.

The key of each file is derived from the backup key and a salt of its own; a piece's nonce holds its number and whether
it is the last one.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.backups.errors import BackupError, BadBackup

MAGIC = b"linli-sealed-1\n"
PIECE = 1 << 20
SALT_BYTES = 16
TAG_BYTES = 16
KEY_BYTES = 32


def key_of(text: str) -> bytes:
    """The key in the setting BACKUP_KEY; BackupError for one that is none."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BackupError("BACKUP_KEY must be 32 bytes in base64: openssl rand -base64 32")
    return key


def name_of(key: bytes) -> str:
    """A short name of a key, by which a backup says with which it was encrypted."""
    return hashlib.sha256(b"linli backup key" + key).hexdigest()[:16]


def seal(plain: Path, sealed: Path, key: bytes) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    cipher = _cipher(key, salt)
    with plain.open("rb") as source, sealed.open("xb") as target:
        target.write(MAGIC + salt)
        number, piece = 0, source.read(PIECE)
        while True:
            following = source.read(PIECE)
            target.write(cipher.encrypt(_nonce(number, not following), piece, MAGIC))
            if not following:
                return
            number, piece = number + 1, following


def unseal(sealed: Path, plain: Path, key: bytes) -> None:
    """The plain file; BadBackup where one bit is not as it was sealed, or the key is another."""
    with sealed.open("rb") as source, plain.open("xb") as target:
        if source.read(len(MAGIC)) != MAGIC:
            raise BadBackup(f"{sealed.name} is no encrypted file of ours")
        cipher = _cipher(key, source.read(SALT_BYTES))
        try:
            _unseal_pieces(source, target, cipher)
        except InvalidTag as error:
            raise BadBackup(
                f"{sealed.name} is damaged, altered, cut short, or sealed with another BACKUP_KEY"
            ) from error


def _unseal_pieces(source: BinaryIO, target: BinaryIO, cipher: AESGCM) -> None:
    number, piece = 0, source.read(PIECE + TAG_BYTES)
    while True:
        following = source.read(PIECE + TAG_BYTES)
        target.write(cipher.decrypt(_nonce(number, not following), piece, MAGIC))
        if not following:
            return
        number, piece = number + 1, following


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"linli backup file").derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
