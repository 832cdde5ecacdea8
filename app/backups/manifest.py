"""What a backup says of itself, signed: which files with which sums, which schema, how many rows, which audit heads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.audit.keys import SigningKey, is_signed, key_id
from app.backups.errors import BadBackup
from app.kernel.chain import canonical

FORMAT = "linli-backup-1"
FILE = "manifest.json"
DATABASE, PHOTOS = "database", "photos.tar"
READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Snapshot:
    """The database at the moment of the backup."""

    schema: str
    rows: dict[str, int]
    heads: dict[str, tuple[int, str]]
    last_event_at: str | None


@dataclass(frozen=True)
class Manifest:
    """Everything about one backup but its content."""

    made_at: str
    database: str
    """sqlite or postgresql."""
    snapshot: Snapshot
    files: dict[str, dict[str, Any]]
    """Name → bytes and sha256, as they lie there."""
    sealed_with: str | None
    """Name of the backup key, when the files are encrypted."""
    data_keys: list[str] = field(default_factory=list)
    """Names of the keys without which personal words of this backup cannot be read."""
    public_key: str = ""

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def write(manifest: Manifest, folder: Path, key: SigningKey) -> None:
    content = {"format": FORMAT, **asdict(manifest), "public_key": key.public}
    content["signature"] = key.sign(canonical(content).encode("ascii"))
    (folder / FILE).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="ascii")


def read(folder: Path, trusted: Iterable[str]) -> Manifest:
    """The manifest of a backup; BadBackup where it is missing, unreadable or not signed by a trusted key."""
    try:
        content = json.loads((folder / FILE).read_text(encoding="ascii"))
        signature = content.pop("signature")
        if content.pop("format") != FORMAT:
            raise ValueError
        snapshot = Snapshot(**content.pop("snapshot"))
        heads = {chain: (int(seq), str(digest)) for chain, (seq, digest) in snapshot.heads.items()}
        found = Manifest(snapshot=Snapshot(**{**asdict(snapshot), "heads": heads}), **content)
    except FileNotFoundError as error:
        raise BadBackup(f"{folder} is no backup, or one that was never finished: it has no {FILE}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadBackup(f"{folder / FILE} is damaged: {error}") from error
    _check_signature(found, signature, set(trusted))
    return found


def moment_of(folder: Path) -> datetime | None:
    """When a backup says it was made, unsigned and all; None for one that says nothing."""
    try:
        return datetime.fromisoformat(json.loads((folder / FILE).read_text(encoding="ascii"))["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _check_signature(found: Manifest, signature: Any, trusted: set[str]) -> None:
    signed = canonical({"format": FORMAT, **asdict(found)}).encode("ascii")
    if not is_signed(signed, str(signature), found.public_key):
        raise BadBackup("the manifest was altered: its signature does not fit")
    if found.public_key not in trusted:
        raise BadBackup(
            f"the manifest is signed with a key this machine does not know (id {key_id(found.public_key)}). If that is "
            f"the id you noted from `flask audit key`, trust it: --key {found.public_key}"
        )


def check_files(manifest: Manifest, folder: Path) -> None:
    """Every file is there, of its size and sum; BadBackup names the first that is not."""
    for name, wanted in manifest.files.items():
        path = folder / name
        if name != Path(name).name or not path.is_file():
            raise BadBackup(f"{path} is missing")
        size = path.stat().st_size
        if size != wanted["bytes"]:
            raise BadBackup(f"{path} has {size} bytes and should have {wanted['bytes']}: cut short or altered")
        if sum_of(path) != wanted["sha256"]:
            raise BadBackup(f"{path} is damaged or was altered: its sum is not that of the manifest")


def described(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sum_of(path)}


def sum_of(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_AT_ONCE):
            total.update(piece)
    return total.hexdigest()
