"""How a value looks when it is masked or coarse. Masks are made on the server; the plain value never leaves it."""

from __future__ import annotations

import hashlib
import re

from flask_babel import gettext as _

from app.people.phones import masked as phone

__all__ = ["CELL", "HIDDEN", "address", "cell", "form_of_address", "name", "note", "phone", "spot", "surname"]
CELL = 0.005
"""Degrees, about 500 m: all doors of one cell are the same place. Homes can be moved and radiuses turned, and exact
distances from three homes would give the door away."""
HIDDEN = "***"
_STREET = re.compile(
    r"^[^0-9０-９#＃]*?(?:大道|街道|社区|小区|新村|花园|公寓|家园|路|街|巷|弄|里|村|苑|园|坊|镇)(?=[\s\d０-９]|$)"
)

COMPOUND = frozenset(
    {
        "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "宇文", "长孙",
        "南宫", "端木",
    }
)  # fmt: skip
"""Common surnames of two characters."""


def name(full: str) -> str:
    """李晓梅 → 李**: enough to tell people apart on a list, too little to know them by."""
    return full[:1] + "*" * min(2, max(1, len(full) - 1)) if full else ""


def surname(full: str) -> str:
    """李 of 李晓梅, 欧阳 of 欧阳明; a name in other letters keeps its first word."""
    if full[:2] in COMPOUND:
        return full[:2]
    return full[:1] if full[:1] >= "\u2e80" else full.split(" ")[0]


def form_of_address(full: str) -> str:
    """How a resident addresses a volunteer: 李师傅."""
    return _("%(surname)s师傅", surname=surname(full)) if full else ""


def address(full: str, community: str) -> str:
    """The street or estate without house and door; where it names none, the community."""
    street = _STREET.match(full)
    return f"{(street.group(0) if street else community).strip()} {HIDDEN}" if full else ""


def note(text: str) -> str:
    """That there is something, and nothing of it."""
    return HIDDEN if text else ""


def cell(lat: float, lon: float) -> tuple[float, float]:
    """The middle of the cell around a place, the same for all who measure and every time."""
    return round(round(lat / CELL) * CELL, 5), round(round(lon / CELL) * CELL, 5)


def spot(key: str, lat: float, lon: float) -> tuple[float, float]:
    """A point to draw for whatever lies in this cell, the same for the same key: points do not hide one another."""
    middle = cell(lat, lon)
    digest = hashlib.sha256(key.encode()).digest()
    north, east = digest[0] / 255 - 0.5, digest[1] / 255 - 0.5
    return round(middle[0] + north * CELL * 0.8, 5), round(middle[1] + east * CELL * 0.8, 5)
