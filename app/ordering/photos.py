"""Photos of an order. One waits among the drafts until its order is placed; drafts nobody placed are swept away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.kernel import pictures
from app.kernel.clock import now

MOST_PHOTOS = 3
DRAFT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class StoredPhoto:
    filename: str
    width: int
    height: int


def _drafts() -> Path:
    path = pictures.folder() / "drafts"
    path.mkdir(parents=True, exist_ok=True)
    return path


def store_draft(upload: IO[bytes]) -> StoredPhoto:
    """Keep a re-encoded copy of what was uploaded; Invalid (`photo`) for anything that is no proper picture."""
    picture = pictures.drawn(upload)
    _sweep()
    return StoredPhoto(pictures.saved(picture, _drafts()), picture.width, picture.height)


def keep(photo: StoredPhoto) -> None:
    """Move a draft to where placed photos live. Doing it twice is harmless."""
    draft = _drafts() / photo.filename
    if draft.exists():
        os.replace(draft, pictures.path(photo.filename))


def drop_draft(filename: str) -> None:
    draft_path(filename).unlink(missing_ok=True)


def draft_path(filename: str) -> Path:
    return _drafts() / Path(filename).name


def _sweep() -> None:
    """Forget drafts older than a session lives."""
    for draft in _drafts().iterdir():
        if draft.stat().st_mtime < now().timestamp() - DRAFT_SECONDS:
            draft.unlink(missing_ok=True)
