"""Who sees which personal field, and when: the one table. Pages, programs, sockets and tests all read it from here.

Read it like this: the row is a field of an order, the column is who looks and how far the order has come with them.

plain   the value itself
masked  王**, 138****1234, a street without its door: enough to tell people apart, too little to find them
reveal  shown masked; the value itself only when asked for with a reason, counted, and told to whom it is about
coarse  the community instead of the address, a cell of 500 m instead of a point, 李师傅 instead of a name
none    nothing at all

Columns. The side that is served: `resident` (whoever it is for, or who asked for it in person), `coming` (the same
people while a volunteer is on the way or at work). Volunteers, by how far they have come with this order: `published`
(it could be taken), `offered` (it was offered to them), `accepted` (they said yes, the visit is far off), `near` (from
24 hours before the visit; the office may shorten it), `serving` (between arriving and leaving), `after` (up to 24 hours
after), `later` (everything else that ever was). Offices: `desk` (coordinator of the order's office or of one above it),
`watch` (supervisor), `admin` (administrator). `key` is another system with an API key, `nobody` everybody else.

Sources: 志愿服务条例 (国令 685) art. 20-21 (privacy of both sides); 个人信息保护法 art. 6 (least), 19, 28-30 (health and
places are sensitive), 51 (least access); GB/T 35273-2020 7.2 (masks on display); 未成年人网络保护条例 art. 36 (staff access
to minors is approved and recorded); OWASP ASVS 5.0 8.1.2, 8.2.3 (fields by state), 14.2.6 (masked by default).
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How much of a field is shown, least first."""

    NONE = "none"
    COARSE = "coarse"
    MASKED = "masked"
    REVEAL = "reveal"
    PLAIN = "plain"


TEXT = """
field           | resident | coming | published | offered | accepted | near   | serving | after  | later  | desk   | watch  | admin | key    | nobody
contact_name    | plain    | plain  | none      | masked  | masked   | plain  | plain   | plain  | none   | reveal | masked | none  | masked | none
contact_phone   | plain    | plain  | none      | none    | none     | plain  | plain   | plain  | none   | reveal | none   | none  | none   | none
address         | plain    | plain  | coarse    | coarse  | coarse   | plain  | plain   | plain  | coarse | reveal | coarse | none  | coarse | none
place           | plain    | plain  | coarse    | coarse  | coarse   | plain  | plain   | plain  | none   | reveal | coarse | none  | coarse | none
access_notes    | plain    | plain  | none      | none    | none     | plain  | plain   | plain  | none   | reveal | none   | none  | none   | none
words           | plain    | plain  | none      | none    | none     | plain  | plain   | plain  | none   | plain  | none   | none  | none   | none
photos          | plain    | plain  | none      | none    | none     | plain  | plain   | plain  | none   | plain  | none   | none  | none   | none
needs           | plain    | plain  | none      | none    | plain    | plain  | plain   | plain  | none   | plain  | none   | none  | none   | none
reason          | plain    | plain  | none      | none    | none     | none   | none    | none   | none   | plain  | none   | none  | none   | none
start_code      | plain    | plain  | none      | none    | none     | none   | none    | none   | none   | none   | none   | none  | none   | none
rating_words    | plain    | plain  | none      | none    | none     | none   | none    | plain  | plain  | plain  | none   | none  | none   | none
volunteer_name  | coarse   | coarse | none      | none    | coarse   | coarse | coarse  | coarse | none   | plain  | masked | none  | masked | none
volunteer_phone | none     | plain  | none      | none    | none     | none   | none    | none   | none   | reveal | none   | none  | none   | none
volunteer_photo | plain    | plain  | none      | none    | none     | none   | none    | none   | none   | plain  | none   | none  | none   | none
volunteer_place | none     | none   | none      | none    | none     | none   | none    | none   | none   | coarse | coarse | none  | none   | none
"""
"""Rows not obvious by themselves: `words` and `photos` are plain at the desk because the need must be verified before it
is dispatched (令 685 art. 13); `start_code` proves that the volunteer met the resident, so no office may know it;
`needs` is what a volunteer must know to say yes in earnest (a wheelchair); `reason` is why an order was returned,
rejected or cancelled; `volunteer_photo` is for knowing who stands at the door: the view gives it only from the yes until
24 hours after the visit, and only what the station has looked at; `rating_words` besides stay hidden until both sides have spoken."""

RANK = tuple(Level)


def _read(text: str) -> dict[str, dict[str, Level]]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return {row[0]: {column: Level(cell) for column, cell in zip(head[1:], row[1:], strict=True)} for row in rows}


TABLE = _read(TEXT)
FIELDS = tuple(TABLE)
COLUMNS = tuple(TABLE["address"])
KEPT_AT_DESK = tuple(field for field, row in TABLE.items() if row["desk"] == Level.REVEAL)
"""What a coordinator may ask to see, giving a reason."""


def level(field: str, columns: tuple[str, ...]) -> Level:
    """The most that any of the columns grants; somebody may be a neighbour and a volunteer at once."""
    return max((TABLE[field][column] for column in columns or ("nobody",)), key=RANK.index)
