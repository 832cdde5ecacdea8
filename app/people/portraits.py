"""A volunteer's picture, so that whoever opens the door knows who stands there.

The rule: people open their doors by it, so nobody served sees a picture that the station has not looked at. Looking is
part of verifying, as with skills and credentials; until then, and for minors always, pages show the first character of
the name. The station may remove a picture at any time and says why; the volunteer is told.
"""

from __future__ import annotations

from typing import IO

from flask_babel import gettext as _
from PIL import ImageOps

from app.kernel import pictures
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import Invalid
from app.kernel.journal import record
from app.kernel.locks import locked, locked_volunteers
from app.kernel.transaction import command
from app.notices.service import tell
from app.people.own import own_volunteer
from app.rights.service import agree, is_minor
from models import Account, Portrait, Volunteer, db
from models.kinds import ConsentChannel, EventKind, NoticeKind, Purpose

EDGE = 240
"""Pixels, two for each that pages show."""
FACE = (0.5, 0.35)
"""Where the square is cut from a picture that is higher than wide: faces are above the middle."""


def put_portrait(upload: IO[bytes], *, actor: Actor) -> None:
    """Show this picture from now on, once the station has looked; Invalid (`photo`) for what is no proper picture.

    Sending it, under words that say who sees it, is agreeing to that.
    """
    square = ImageOps.fit(pictures.drawn(upload), (EDGE, EDGE), centering=FACE)
    name = pictures.saved(square, pictures.folder(), ".webp")
    try:
        before = _put(name, actor)
    except Invalid:
        pictures.remove([name])
        raise
    pictures.remove(before)


@command
def _put(filename: str, actor: Actor) -> list[str]:
    """The row; gives the files that nobody needs any more."""
    volunteer = own_volunteer(actor)
    account = locked(Account, volunteer.account_id)
    if is_minor(volunteer):
        raise Invalid({"photo": [_("未满 18 岁不放头像，居民看到的是您的姓。")]})
    before = _taken_off(volunteer)
    agree(account, Purpose.PORTRAIT, ConsentChannel.USE, None, actor)
    db.session.add(Portrait(volunteer_id=volunteer.id, filename=filename, created_at=now()))
    record(volunteer, EventKind.VOLUNTEER_AMEND, actor=actor, fields=["portrait"])
    return before


def drop_portrait(*, actor: Actor) -> None:
    """Take one's own picture away; without one nothing happens."""
    pictures.remove(_drop(actor))


@command
def _drop(actor: Actor) -> list[str]:
    volunteer = own_volunteer(actor)
    before = _taken_off(volunteer)
    if before:
        record(volunteer, EventKind.VOLUNTEER_AMEND, actor=actor, fields=["portrait"])
    return before


def remove_portrait(volunteer_id: str, reason: str, *, actor: Actor) -> None:
    """The station takes a picture away for one of the reasons of PortraitFault; doing it twice is doing it once."""
    pictures.remove(_remove(volunteer_id, reason, actor))


@command
def _remove(volunteer_id: str, reason: str, actor: Actor) -> list[str]:
    [volunteer] = locked_volunteers(volunteer_id)
    require(actor, "volunteer.verify", volunteer)
    before = _taken_off(volunteer)
    if before:
        record(volunteer, EventKind.VOLUNTEER_PORTRAIT, actor=actor, reason=reason)
        tell(volunteer.account_id, NoticeKind.PORTRAIT, code=reason)
    return before


def _taken_off(volunteer: Volunteer) -> list[str]:
    row = volunteer.portrait
    if row is None:
        return []
    volunteer.portrait = None
    db.session.flush()
    return [row.filename]
