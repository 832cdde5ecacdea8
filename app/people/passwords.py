"""Passwords: Argon2id at 46 MiB, one pass (OWASP ASVS 5, appendix C); four at once, for each takes that memory.

A new one is at least eight characters, of any kind, and none that everybody tries first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 8, 128
CONTEXT = ("linli", "邻里", "社区", "志愿")
"""Words of this site: a password of little else is as good as none."""
FEW_KINDS = 3
"""A password of fewer different characters is refused."""
REST = 4
"""So many characters beside a context word or one's own number are not enough."""
COMMON = Path(__file__).with_name("data") / "common_passwords.txt"
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


def is_guessable(password: str, own: Iterable[str] = ()) -> bool:
    """Whether it is among the first that anybody would try; `own` are the person's name and number."""
    plain = password.strip().lower()
    if plain in _common() or len(set(plain)) < FEW_KINDS or _runs_on(plain):
        return True
    known = [word.lower() for word in (*CONTEXT, *own) if len(word) > 1]
    return any(word in plain and len(plain) - len(word) <= REST for word in known)


def _runs_on(plain: str) -> bool:
    """Each character follows the one before by the same small step: 23456789, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """What is met most often in leaked lists, all over the world (zxcvbn's list, 11,611 of this length) and here."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # when first asked for: it holds far more than passwords

    everywhere = {word for word in FREQUENCY_LISTS["passwords"] if len(word) >= LEAST}
    return frozenset(everywhere.union(COMMON.read_text(encoding="utf-8").split()))
