"""Keys that may be shown: 20 characters, ordered by time, not guessable from one another."""

from __future__ import annotations

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u to misread
ID_LENGTH = 20
_TIME_BITS, _RANDOM_BITS = 48, 52


def new_start_code() -> str:
    """Four digits that the person served tells whoever came."""
    return f"{secrets.randbelow(10**4):04d}"


def new_id() -> str:
    """A fresh key: 48 bits of milliseconds, then 52 random bits, five bits a character."""
    moment = time.time_ns() // 1_000_000 & ((1 << _TIME_BITS) - 1)
    number = (moment << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (ID_LENGTH - 1), -1, -5))
