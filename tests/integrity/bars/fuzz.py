"""Importers and parsers fed with rubbish: 0 exceptions that are no refusal, 0 inputs that take over a second.

Two sources: examples of the right kind, torn, joined and altered at random (with hand-made bombs and forgeries among
them), and atheris, which follows the branches, where it is installed.
"""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

from PIL import Image

from app.config import ROOT
from tests.integrity import places
from tests.integrity.bars import Bar, Part, Size
from tests.integrity.fuzz_targets import TARGETS, Target, TooSlow, timed

RUNS = {"photo": 4_000, **dict.fromkeys(("phone", "path", "phone_field", "sealed_session"), 100_000)}
USUAL_RUNS = 20_000
GUIDED_RUNS = 10_000
INTERESTING = [
    b"", b"\x00", b"\xff" * 9, b"\xed\xa0\x80", "长".encode() * 400, b"9" * 5000, b"1e999", b"NaN", b"-1", b"//evil.cn",
    b"/\\evil.cn", b"/\t/evil.cn", b"javascript:alert(1)", b"+8613812345678", b"138 0000 0000", b"2026-02-31T25:61",
    b"[" * 5000, b'{"a":' * 500, b"true", b"null", "\u202e=1+1".encode(), "２０２６".encode(), b"lk1_" + b"a" * 40,
]  # fmt: skip


def run(size: Size) -> Iterator[Bar]:
    dice = Random(size.seed)
    with places.database(places.SQLITE) as url, places.running(url):
        found = {name: _fed(name, target, dice, size) for name, target in TARGETS.items()}
    parts = [
        Part("inputs", sum(count for count, _, _ in found.values()), ">=", size.pick(500, 100_000)),
        Part("uncaught", sum(len(broken) for _, broken, _ in found.values()), "==", 0),
        Part("over a second", sum(len(slow) for _, _, slow in found.values()), "==", 0),
    ]
    more = {
        "inputs": {name: count for name, (count, _, _) in found.items()},
        "uncaught": {name: broken[:5] for name, (_, broken, _) in found.items() if broken},
        "slow": {name: slow[:5] for name, (_, _, slow) in found.items() if slow},
    }
    yield Bar("parsers and importers fed with rubbish", parts, more)
    if not size.quick:
        yield _guided(size)


def _fed(name: str, target: Target, dice: Random, size: Size) -> tuple[int, list[str], list[str]]:
    """How many inputs, what broke, what was slow."""
    seeds = pictures() if name == "photo" else INTERESTING
    broken, slow, count = [], [], 0
    for data in _inputs(seeds, dice, size.pick(50, RUNS.get(name, USUAL_RUNS))):
        count += 1
        try:
            timed(target, data)
        except TooSlow as late:
            slow.append(f"{late}: {data[:80]!r}")
        except Exception as error:
            broken.append(f"{type(error).__name__}: {str(error)[:200]}: {data[:80]!r}")
    return count, broken, slow


def _inputs(seeds: list[bytes], dice: Random, count: int) -> Iterator[bytes]:
    yield from seeds
    for _ in range(count - len(seeds)):
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((1, 1, 2, 4, 16))):
            _alter(data, dice, seeds)
        yield bytes(data)


def _alter(data: bytearray, dice: Random, seeds: list[bytes]) -> None:
    """Tear, join, repeat, flip."""
    place = dice.randrange(len(data) + 1)
    match dice.randrange(6):
        case 0:
            del data[place:]
        case 1:
            data[place:place] = dice.randbytes(dice.choice((1, 2, 8, 64)))
        case 2 if data:
            data[place % len(data)] = dice.randrange(256)
        case 3:
            other = dice.choice(seeds)
            data[place:] = other[dice.randrange(len(other) + 1) :]
        case 4 if len(data) < 100_000:
            data[place:place] = data[place : place + 64] * dice.choice((2, 10))
        case _:
            del data[place : place + dice.choice((1, 4, 100))]


def pictures() -> list[bytes]:
    """Good pictures of each kind and size, and everything that only pretends to be one."""
    made = [_drawn(kind, edge) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF") for edge in (1, 40, 300)]
    jpeg = _drawn("JPEG", 40)
    located = _drawn("JPEG", 60, with_place=True)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    bombs = [_png_of(width, height) for width, height in ((5001, 5000), (65_000, 65_000), (2**31 - 1, 1), (0, 0))]
    return [
        *made, located, svg, *bombs, _real_bomb(), jpeg + b"PK\x03\x04" + svg, b"GIF89a" + jpeg, svg + jpeg,
        b"%PDF-1.7\n" + jpeg, jpeg[:-2] + svg + jpeg[-2:], jpeg[:20], b"\xff\xd8" * 500,
        b"RIFF\xff\xff\xff\xffWEBPVP8X",
    ]  # fmt: skip


def _drawn(kind: str, edge: int, *, with_place: bool = False) -> bytes:
    picture = Image.effect_noise((edge, edge), 60).convert("RGB")
    out, more = io.BytesIO(), {}
    if with_place:
        exif = Image.Exif()
        exif[0x8825] = {1: "N", 2: (30.0, 16.0, 12.0), 3: "E", 4: (120.0, 9.0, 0.0)}
        exif[0x0112] = 6
        more = {"exif": exif}
    picture.save(out, kind, **more)
    return out.getvalue()


def _png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG that says it is so large, whatever it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _real_bomb() -> bytes:
    """81 megapixels that are really there, in 80 kB."""
    return _png_of(9000, 9000, b"\x00" * (9001 * 9000))


def _guided(size: Size) -> Bar:
    """Every target again, with the bytes chosen by atheris."""
    title = "parsers and importers under atheris"
    if importlib.util.find_spec("atheris") is None:
        return Bar(title, [], why="atheris is not installed: pip install -r tests/integrity/requirements.txt")
    failed, runs = {}, GUIDED_RUNS
    for name in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            for number, data in enumerate(pictures() if name == "photo" else INTERESTING):
                Path(folder, str(number)).write_bytes(data)
            options = [
                f"-runs={runs}",
                f"-seed={size.seed}",
                "-max_len=20000",
                "-rss_limit_mb=2048",
                "-timeout=20",
                folder,
            ]
            words = [sys.executable, "-m", "tests.integrity.fuzz_targets", name, *options]
            ran = subprocess.run(words, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
            if ran.returncode:
                failed[name] = ran.stderr[-600:]
    parts = [Part("targets", len(TARGETS), ">=", 8), Part("broken", len(failed), "==", 0)]
    return Bar(title, parts, {"runs of each": runs, "broken": failed})
