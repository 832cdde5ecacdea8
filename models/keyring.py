"""The master keys, and what is derived from them: the wrapping of each person's data key, and the blind index.

Envelope encryption: a field is sealed with its person's own data key, and that key is kept wrapped by a master key
(AES-256-GCM both). Destroying one wrapped key makes one person's words unreadable and nobody else's. Master keys never
seal anything themselves: HKDF-SHA-256 gives a key for wrapping and another for the index.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Callable
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES = 32, 12
_VERSION = re.compile(r"v[0-9]{1,6}")


class BadKeys(ValueError):
    """The text that should hold master keys does not, or a key that is needed is missing."""


class Keyring:
    """Master keys by version. The first is the current one: new keys are wrapped with it, older ones only opened."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise BadKeys("no data keys")
        for version, key in keys.items():
            if not _VERSION.fullmatch(version) or len(key) != KEY_BYTES:
                raise BadKeys(f"data key {version[:10]!r}: wanted v<number>:<base64 of {KEY_BYTES} bytes>")
        self.keys = dict(keys)
        self.current = next(iter(keys))
        self._wraps = {version: AESGCM(_derived(key, b"wrap subject keys")) for version, key in keys.items()}
        self._indexes = {version: _derived(key, b"blind index") for version, key in keys.items()}

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """Read `v2:<base64>,v1:<base64>`; raises BadKeys and never quotes a key."""
        keys: dict[str, bytes] = {}
        for one in text.replace("\n", ",").split(","):
            version, separator, encoded = one.strip().partition(":")
            if not one.strip():
                continue
            try:
                keys[version] = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadKeys(f"data key {version[:10]!r} is no base64") from error
            if not separator:
                raise BadKeys("data keys are written v1:<base64>")
        return cls(keys)

    def text(self) -> str:
        """The same, to be kept: whoever has it and the database can read everything."""
        return ",".join(f"{version}:{base64.b64encode(key).decode()}" for version, key in self.keys.items())

    def with_new(self) -> Keyring:
        """These keys and a fresh current one."""
        number = max(int(version[1:]) for version in self.keys) + 1
        return Keyring({f"v{number}": secrets.token_bytes(KEY_BYTES), **self.keys})

    def without(self, version: str) -> Keyring:
        return Keyring({name: key for name, key in self.keys.items() if name != version})

    @classmethod
    def fresh(cls) -> Keyring:
        return cls({"v1": secrets.token_bytes(KEY_BYTES)})

    def wrap(self, subject: str, data_key: bytes) -> tuple[str, bytes]:
        """A person's data key as it may be kept: (master key's version, nonce and ciphertext)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._wraps[self.current].encrypt(nonce, data_key, _bound(subject, self.current))
        return self.current, nonce + sealed

    def unwrap(self, subject: str, version: str, wrapped: bytes) -> bytes:
        """Raises BadKeys where the master key is not here or is another one of the same name."""
        master = self._wraps.get(version)
        if master is None:
            raise BadKeys(f"master key {version} is missing; {', '.join(self.keys)} are here")
        try:
            return master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(subject, version))
        except InvalidTag as error:
            raise BadKeys(f"master key {version} does not open what it should; is it another system's?") from error

    def index(self, field: str, text: str) -> str:
        """The blind index of a value: equal values of one field give equal indexes, and nothing else is learnt."""
        return self._index(self.current, field, text)

    def indexes(self, field: str, text: str) -> list[str]:
        """What to look for: by every master key, for rows may still be indexed by an older one."""
        return [self._index(version, field, text) for version in self.keys]

    def _index(self, version: str, field: str, text: str) -> str:
        return hmac.new(self._indexes[version], f"{field}|{text}".encode(), sha256).hexdigest()


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"linli " + purpose).derive(master)


def _bound(subject: str, version: str) -> bytes:
    return f"subject_key|wrapped|{subject}|{version}".encode()


def new_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


Source = Callable[[], Keyring]
_source: Source | None = None


def provide(source: Source) -> None:
    """Say where the keyring of the running app comes from."""
    global _source
    _source = source


def keyring() -> Keyring:
    """The keyring of the running app."""
    if _source is None:
        raise BadKeys("no keyring was provided")
    return _source()
