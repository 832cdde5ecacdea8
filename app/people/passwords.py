"""Passwords: Argon2id at 46 MiB, one pass (OWASP ASVS 5, appendix C); four at once, for each takes that memory."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 8, 128
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_room = threading.BoundedSemaphore(4)
_nobody = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    with _room:
        return _hasher.hash(password)


def fits(password: str, hashed: str | None) -> bool:
    """Whether the password is right. Without a hash the same work is done, so that time does not tell who exists."""
    with _room:
        try:
            return _hasher.verify(hashed or _nobody, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(hashed: str) -> bool:
    return _hasher.check_needs_rehash(hashed)
