"""What administrators type about endpoints and keys."""

from __future__ import annotations

from app.kernel.schema import Choice, Many, Shape, Text, Whole
from models.kinds import NoticeKind, Scope


class EndpointIn(Shape):
    """An endpoint; no kinds means all of them."""

    name = Text(most=60, required=True)
    url = Text(most=500, required=True)
    kinds = Many(Choice(NoticeKind), load_default=list)


class KeyIn(Shape):
    """A key; `networks` are addresses or networks, one a line or with commas between."""

    name = Text(most=40, required=True)
    scopes = Many(Choice(Scope), required=True)
    days = Whole(least=1, most=365, required=True)
    networks = Text(most=1000, load_default="")
