"""Sealing: what a session holds opens only with its token; what could be guessed is kept under the server's key.

AES-256-GCM under keys derived by HKDF-SHA256. A row copied to another place (`bound_to`) does not open there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

NONCE = 12


def digest(token: str) -> str:
    """What is kept of a long random token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def keyed_digest(purpose: str, *parts: str) -> str:
    """What is kept of something short enough to be guessed: worth nothing without the server's key."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(_server_key(purpose), text, hashlib.sha256).hexdigest()


def seal_with_token(token: str, data: dict[str, Any]) -> bytes:
    """What a session holds, so that the database alone cannot read it."""
    return _seal(_derived(token.encode(), "session"), json.dumps(data).encode(), digest(token))


def open_with_token(token: str, sealed: bytes) -> dict[str, Any] | None:
    """The same again; None where it was tampered with or belongs to another token."""
    plain = _open(_derived(token.encode("utf-8", "surrogatepass"), "session"), sealed, digest(token))
    found: dict[str, Any] | None = json.loads(plain) if plain is not None else None
    return found


def _server_key(purpose: str) -> bytes:
    return _derived(str(current_app.config["SECRET_KEY"]).encode(), purpose)


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"linli {purpose}".encode()).derive(key)


def _seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
    except (InvalidTag, ValueError):
        return None
