"""What reads something from outside, each as a function of some bytes that may refuse but never break or dawdle.

`python -m tests.integrity.fuzz_targets NAME -runs=10000` lets atheris choose the bytes; bars/fuzz.py also feeds rubbish
made from good examples.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import io
import json
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import marshmallow as ma
from PIL import Image
from werkzeug.datastructures import MultiDict

from app.audit import book
from app.backups import manifest, sealing
from app.backups.errors import BadBackup
from app.kernel import pictures
from app.kernel.errors import DomainError, Invalid
from app.kernel.schema import Shape, form_data, is_plain, typed
from app.kernel.web import local_path
from app.offices import policy
from app.ordering import photos
from app.people import api_keys, phones, second_factor, sessions
from app.people import sealing as session_seal
from app.people.schemas import Phone

Target = Callable[[bytes], None]
MOST_SECONDS = 1.0


class Broken(Exception):
    """What came out is not what may come out."""


class TooSlow(Exception):
    """One input took over a second of the processor."""


def text_of(data: bytes) -> str:
    """Any text, lone surrogates and NULs included."""
    return data.decode("utf-8", "surrogatepass" if data[:1] < b"\x80" else "surrogateescape") if data else ""


def _text(data: bytes) -> str:
    try:
        return text_of(data)
    except UnicodeDecodeError:
        return data.decode("latin-1")


# ---------- pictures ----------


def photo(data: bytes) -> None:
    """A picture is refused, or drawn anew: a JPEG of bounded size with nothing else of the file in it."""
    try:
        stored = photos.store_draft(io.BytesIO(data))
    except Invalid:
        return
    kept = photos.draft_path(stored.filename)
    content = kept.read_bytes()
    kept.unlink()
    with Image.open(io.BytesIO(content)) as picture:
        if picture.format != "JPEG" or max(picture.size) > pictures.LONGEST_EDGE:
            raise Broken(f"kept a {picture.format} of {picture.size}")
        if picture.getexif() or "exif" in picture.info or b"<script" in content or b"<svg" in content:
            raise Broken("kept more than the pixels")


# ---------- words and numbers ----------


def phone(data: bytes) -> None:
    typed_in = _text(data)
    number = phones.normalise(typed_in)
    if number is not None and not (number.startswith("+") and number[1:].isdigit() and len(number) <= 20):
        raise Broken(number)
    phones.masked(number or typed_in)
    phones.national(number or typed_in)


def path(data: bytes) -> None:
    """Nobody is sent elsewhere: browsers drop tabs and line ends, and read \\ as /."""
    target = local_path(_text(data), "/")
    seen = target.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/").strip("\x00 ")
    if not seen.startswith("/") or seen.startswith("//"):
        raise Broken(repr(target))


def token(data: bytes) -> None:
    """No session, no key and no code belongs to rubbish."""
    said = _text(data)
    if sessions.find(said) is not None:
        raise Broken("a session")
    if api_keys.is_key(said):
        try:
            api_keys.enter(said)
        except DomainError:
            pass
        else:
            raise Broken("an API key")
    if second_factor.step_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", said) is not None and not said.strip().isdigit():
        raise Broken("a code")


def sealed_session(data: bytes) -> None:
    if session_seal.open_with_token(_text(data[:40]), data) is not None:
        raise Broken("opened a forged session")


def setting(data: bytes) -> None:
    """What an administrator types for a setting."""
    said = _text(data)
    for one in policy.POLICIES:
        try:
            policy.read(one, {"value": said, "urgent": said, "normal": said, "planned": said})
        except policy.Unfit:
            continue


# ---------- shapes ----------


ROOMS = (
    "connections",
    "dispatching",
    "offices",
    "ordering",
    "oversight",
    "people",
    "privacy",
    "rating",
    "rights",
    "serving",
)


def _shapes() -> list[ma.Schema]:
    """Every schema that somebody fills in: all that are named, but those that only stand in the API's answers."""
    named, asked, answered = set[type[ma.Schema]](), set[type[ma.Schema]](), set[type[ma.Schema]]()
    for room in ROOMS:
        module = importlib.import_module(f"app.{room}.schemas")
        named |= {one for one in vars(module).values() if isinstance(one, type) and issubclass(one, ma.Schema)}
    for room in ROOMS:
        if importlib.util.find_spec(f"app.{room}.api") is None:
            continue
        for view in filter(inspect.isfunction, vars(importlib.import_module(f"app.{room}.api")).values()):
            known = getattr(view, "_apidoc", {})  # where flask-smorest notes what a route takes and gives
            asked |= _with_parts(one["schema"] for one in known.get("arguments", {}).get("parameters", ()))
            replies = known.get("response", {}).get("responses", {}).values()
            answered |= _with_parts(one["schema"] for reply in replies for one in reply if one.get("schema"))
    wanted = named - (answered - asked) - {ma.Schema, Shape}
    return [one() for one in sorted(wanted, key=lambda one: one.__qualname__)]


def _with_parts(schemas: Iterable[ma.Schema | type[ma.Schema]]) -> set[type[ma.Schema]]:
    """The schemas and all that are nested in them."""
    found, ahead = set[type[ma.Schema]](), list(schemas)
    while ahead:
        one = ahead.pop()
        kind = one if isinstance(one, type) else type(one)
        if kind not in found:
            found.add(kind)
            inner = [getattr(field, "inner", field) for field in kind().fields.values()]
            ahead += [field.schema for field in inner if isinstance(field, ma.fields.Nested)]
    return found


_SHAPES: list[ma.Schema] = []


def shape(data: bytes) -> None:
    """Every schema, fed with JSON and with a form."""
    global _SHAPES
    _SHAPES = _SHAPES or _shapes()
    if len(data) < 2:
        return
    one = _SHAPES[data[0] % len(_SHAPES)]
    names = sorted(one.fields)
    pairs = [(names[part[0] % len(names)], part[1:]) for part in data[1:].split(b"\xff") if part and names]
    as_form = form_data(MultiDict([(name, _text(value)) for name, value in pairs]), one)
    for body in (typed({name: _json(value) for name, value in pairs}), as_form, _json(data[1:])):
        try:
            loaded = one.load(body)
        except ma.ValidationError:
            continue
        if any(isinstance(value, str) and not is_plain(value) for value in loaded.values()):
            raise Broken(f"{type(one).__name__} let control characters through: {loaded!r}")


def phone_field(data: bytes) -> None:
    try:
        Phone().deserialize(_json(data))
    except ma.ValidationError:
        return


def _json(data: bytes) -> Any:
    """The JSON that these bytes are, else one of its kinds made of them."""
    try:
        return json.loads(_text(data))
    except (ValueError, RecursionError):
        number = struct.unpack("<d", data[:8].ljust(8, b"\0"))[0]
        kinds = (_text(data), number, int.from_bytes(data[:40], "little", signed=True), None, [_text(data)], {"a": 1})
        return kinds[len(data) % len(kinds)]


# ---------- files that come back to us ----------


def manifest_file(data: bytes) -> None:
    """A backup's manifest is refused in words."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, manifest.FILE).write_bytes(data)
        try:
            manifest.read(Path(folder), [])
        except BadBackup:
            return
        raise Broken("took an unsigned manifest")


def sealed_backup(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in"), Path(folder, "out")
        source.write_bytes(data)
        try:
            sealing.unseal(source, target, b"k" * 32)
        except BadBackup:
            return
        raise Broken("opened a forged backup")


def anchor_book(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = book.Book(Path(folder))
        one.path.parent.mkdir(parents=True, exist_ok=True)
        one.path.write_bytes(data)
        one.read([])


TARGETS: dict[str, Target] = {
    one.__name__: one
    for one in (
        photo, phone, path, token, sealed_session, setting, shape, phone_field, manifest_file, sealed_backup,
        anchor_book,
    )
}  # fmt: skip


def timed(target: Target, data: bytes) -> None:
    """Run it; what takes over a second of the processor is as bad as what breaks."""
    begun = time.process_time()
    target(data)
    spent = time.process_time() - begun
    if spent > MOST_SECONDS:
        raise TooSlow(f"{spent:.1f} s for {len(data)} bytes")


def main(arguments: list[str]) -> None:
    """atheris ends the process itself, with 0 when nothing broke."""
    import atheris

    from tests.integrity import places

    name = arguments.pop(1)
    with places.database(places.SQLITE) as url, places.running(url):
        target = TARGETS[name]
        atheris.instrument_func(target)
        atheris.Setup(arguments, lambda data: timed(target, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
