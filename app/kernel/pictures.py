"""Pictures that people send: drawn anew from their pixels, so that nothing else of the file is kept; named at random.

All lie in one folder outside the web root. Whose a picture is says the row that names it; a file that no row names
(any more) is swept a day later by the retention job, so rows are always written and removed first.
"""

from __future__ import annotations

import io
import secrets
import threading
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from flask import current_app
from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.kernel.errors import Invalid, NotFound
from models import OrderPhoto, Portrait, db

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_EDGE = 2048
TYPES = {".jpg": "image/jpeg", ".webp": "image/webp"}
"""What is kept, by the end of its name."""
QUALITY = {".jpg": 85, ".webp": 75}
NAMED_BY = (OrderPhoto.filename, Portrait.filename)
"""Every column that names a file of this folder."""
_room = threading.BoundedSemaphore(2)
"""Two are drawn at once: each may take 300 MB for a moment."""


def folder() -> Path:
    return Path(current_app.instance_path) / "photos"


def path(filename: str) -> Path:
    return folder() / Path(filename).name


def drawn(upload: IO[bytes]) -> Image.Image:
    """What was uploaded, drawn anew; Invalid (`photo`) for anything that is no proper picture."""
    content = upload.read(MOST_BYTES + 1)
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


def saved(picture: Image.Image, where: Path, end: str = ".jpg") -> str:
    """Write the picture into this folder; gives its name. As `.webp` it has half the bytes: for pages that are to be
    light."""
    where.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}{end}"
    picture.save(where / name, quality=QUALITY[end], optimize=True, method=6)
    return name


def files() -> list[Path]:
    """Every picture that is kept, drafts left out."""
    return sorted(file for file in folder().glob("*.*") if file.suffix in TYPES)


def remove(names: Iterable[str]) -> None:
    """Take the files away. Call it once their rows are gone for good."""
    for name in names:
        path(name).unlink(missing_ok=True)


def named(among: Iterable[str] | None = None) -> set[str]:
    """The files that a row names, of these or of all."""
    found: set[str] = set()
    for column in NAMED_BY:
        wanted = select(column) if among is None else select(column).where(column.in_(among))
        found.update(db.session.scalars(wanted))
    return found


def shown(file: Path) -> Response:
    """The picture as an answer that no cache keeps; NotFound where the file is missing."""
    if not file.is_file():
        raise NotFound()
    response = Response(file.read_bytes(), mimetype=TYPES[file.suffix])
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
