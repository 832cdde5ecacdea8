"""Photos of an order: drawn anew from their pixels, so that nothing else of the file is kept, and named at random.

A photo waits among the drafts until its order is placed; drafts nobody placed are swept away.
"""

from __future__ import annotations

import io
import os
import secrets
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app
from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from app.kernel.clock import now
from app.kernel.errors import Invalid

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_EDGE = 2048
MOST_PHOTOS = 3
DRAFT_SECONDS = 7 * 24 * 3600
_room = threading.BoundedSemaphore(2)
"""Two are drawn at once: each may take 300 MB for a moment."""


@dataclass(frozen=True)
class StoredPhoto:
    filename: str
    width: int
    height: int


def folder() -> Path:
    return Path(current_app.instance_path) / "photos"


def _drafts() -> Path:
    path = folder() / "drafts"
    path.mkdir(parents=True, exist_ok=True)
    return path


def store_draft(upload: IO[bytes]) -> StoredPhoto:
    """Keep a re-encoded copy of what was uploaded; Invalid (`photo`) for anything that is no proper picture."""
    picture = _redrawn(upload.read(MOST_BYTES + 1))
    _sweep()
    name = f"{secrets.token_hex(16)}.jpg"
    picture.save(_drafts() / name, "JPEG", quality=85, optimize=True)
    return StoredPhoto(name, picture.width, picture.height)


def _redrawn(content: bytes) -> Image.Image:
    if len(content) > MOST_BYTES:
        raise _refused(_("照片太大了，最大 8 MB，请换一张。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit below is stricter
            with _room:
                return _decoded(content)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refused(_("这张照片打不开，请换一张 JPG、PNG 或 WebP 照片。")) from error


def _decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise _refused(_("照片太大了，最大 2500 万像素，请换一张。"))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    return plain


def _refused(sentence: str) -> Invalid:
    return Invalid({"photo": [sentence]})


def keep(photo: StoredPhoto) -> None:
    """Move a draft to where placed photos live. Doing it twice is harmless."""
    draft = _drafts() / photo.filename
    if draft.exists():
        os.replace(draft, folder() / photo.filename)


def drop_draft(filename: str) -> None:
    (_drafts() / Path(filename).name).unlink(missing_ok=True)


def draft_path(filename: str) -> Path:
    return _drafts() / Path(filename).name


def path(filename: str) -> Path:
    return folder() / Path(filename).name


def _sweep() -> None:
    """Forget drafts older than a session lives."""
    for draft in _drafts().iterdir():
        if draft.stat().st_mtime < now().timestamp() - DRAFT_SECONDS:
            draft.unlink(missing_ok=True)
