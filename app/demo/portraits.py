"""Drawn pictures for some made-up volunteers: a few circles in flat colours, so that nobody's face is borrowed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from app.demo.volunteers import VolunteerDraft
from app.demo.world import Helper, World
from app.kernel import pictures
from app.kernel.clock import local
from app.kernel.transaction import command
from models import Portrait, db

EDGE, FINE = 240, 3
"""Pixels, and how many times larger it is drawn before it is made smaller: edges come out smooth."""
MOST, OF_AGE = 24, 18
GREY_AT = 58
"""Years from which hair is drawn grey."""
_WALLS = ("#cfe3ea", "#dfe8d2", "#efe3cf", "#e6dcec", "#d8e1f2")
_COATS = ("#b3261e", "#1f5f8b", "#3d6b35", "#6b4a87", "#8a5a1f")
_SKINS = ("#f2d0b0", "#e9bf9b", "#dcae87")


def write(world: World, instance: Path, now: datetime, random: Random) -> None:
    """Files and rows for volunteers around the demo's people; every fifth waits to be looked at by the station."""
    folder = instance / "photos"
    rows = []
    year = local(now).year
    for number, one in enumerate(_near(world, born_until=year - OF_AGE - 1)):
        name = pictures.saved(drawn(one.draft, year, random), folder, ".webp")
        seen = now if number % 5 != 4 else None
        rows.append(Portrait(volunteer_id=one.id, filename=name, created_at=now, seen_at=seen))
    _keep(rows)


@command
def _keep(rows: list[Portrait]) -> None:
    db.session.add_all(rows)


def _near(world: World, born_until: int) -> list[Helper]:
    """The demo volunteer and others of the same street, all of age."""
    own, *others = world.helpers
    street = [one for one in others if one.office.parent_id == own.office.parent_id]
    return [own, *(one for one in street if one.draft.birth_year <= born_until)][:MOST]


def drawn(draft: VolunteerDraft, year: int, random: Random) -> Image.Image:
    """Head and shoulders: hair by age and sex, everything else by chance."""
    size = EDGE * FINE
    picture = Image.new("RGB", (size, size), random.choice(_WALLS))
    pen, unit = ImageDraw.Draw(picture), size / 100
    hair = "#9a9a9a" if year - draft.birth_year >= GREY_AT else random.choice(("#2b211c", "#3a2a20", "#1c1c20"))
    skin, coat = random.choice(_SKINS), random.choice(_COATS)

    def disc(x: float, y: float, wide: float, high: float, colour: str) -> None:
        pen.ellipse([(x - wide) * unit, (y - high) * unit, (x + wide) * unit, (y + high) * unit], fill=colour)

    long = draft.sex == "female"
    if long:
        disc(50, 44, 25, 29, hair)
    disc(50, 104, 40, 34, coat)
    disc(50, 70, 8, 12, skin)
    disc(50, 38, 21, 23, hair)
    disc(50, 46, 18, 21, skin)
    if long:
        disc(50, 27, 17, 8, hair)
    for x in (43, 57):
        disc(x, 46, 2, 2.3, "#2a2522")
    pen.arc([43 * unit, 48 * unit, 57 * unit, 59 * unit], 25, 155, fill="#8c4a3c", width=int(1.4 * unit))
    if random.random() < 0.3:
        for x in (43, 57):
            box = [(x - 5) * unit, 41 * unit, (x + 5) * unit, 51 * unit]
            pen.ellipse(box, outline="#33424d", width=int(unit))
        pen.line([48 * unit, 45 * unit, 52 * unit, 45 * unit], fill="#33424d", width=int(unit))
    return picture.resize((EDGE, EDGE), Image.Resampling.LANCZOS)
