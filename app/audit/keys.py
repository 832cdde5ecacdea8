"""The key that signs anchors: Ed25519, kept in a file beside the database or handed in, never in the database."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.config import BadSetting, Settings
from app.kernel.keyring import write_private

FILE = "audit_key"
KEY_BYTES = 32


@dataclass(frozen=True)
class SigningKey:
    """A private key with its public half as base64, by which outsiders know it."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode("ascii")

    @property
    def id(self) -> str:
        return key_id(self.public)

    def sign(self, content: bytes) -> str:
        return base64.b64encode(self.private.sign(content)).decode("ascii")


def key_id(public: str) -> str:
    """A short name for a public key: good for telling keys apart, not for trusting one."""
    return hashlib.sha256(_decoded(public)).hexdigest()[:16]


def is_signed(content: bytes, signature: str, public: str) -> bool:
    """Whether whoever holds the private half of `public` signed this content."""
    try:
        Ed25519PublicKey.from_public_bytes(_decoded(public)).verify(_decoded(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def signing_key(settings: Settings) -> SigningKey:
    """The first key in AUDIT_KEY, else the one in the instance folder, made on first use; BadSetting for none."""
    if settings.audit_key:
        return SigningKey(_private(settings.audit_key.split(",")[0]))
    path = settings.instance / FILE
    if not path.exists():
        write_key(path, Ed25519PrivateKey.generate())
    return SigningKey(_private(path.read_text(encoding="ascii")))


def own_keys(settings: Settings) -> set[str]:
    """The public halves of our key and of those it replaced, which stand behind it in AUDIT_KEY or lie beside it."""
    if settings.audit_key:
        texts = settings.audit_key.split(",")[1:]
    else:
        texts = [path.read_text(encoding="ascii") for path in settings.instance.glob(f"{FILE}.*")]
    return {signing_key(settings).public, *(SigningKey(_private(text)).public for text in texts)}


def new_key(settings: Settings) -> SigningKey:
    """A fresh key in place of the one in the file, which is kept beside it; BadSetting where the key is handed in."""
    if settings.audit_key:
        raise BadSetting("AUDIT_KEY is set: put a new key before the old one there: new,old (openssl rand -base64 32)")
    path, old = settings.instance / FILE, signing_key(settings)
    path.replace(path.with_name(f"{FILE}.{old.id}"))
    write_key(path, Ed25519PrivateKey.generate())
    return signing_key(settings)


def write_key(path: Path, private: Ed25519PrivateKey) -> None:
    """A file that only its owner may read, and that is never written over."""
    write_private(path, base64.b64encode(private.private_bytes_raw()).decode() + "\n")


def _private(text: str) -> Ed25519PrivateKey:
    raw = _decoded(text.strip())
    if len(raw) != KEY_BYTES:
        raise BadSetting("the audit key must be 32 bytes in base64: openssl rand -base64 32")
    return Ed25519PrivateKey.from_private_bytes(raw)


def _decoded(text: str) -> bytes:
    """Nothing for what is no base64, or not written in the one way: spare bits could be flipped unnoticed."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw).decode("ascii") == text else b""
