"""Topics and who may watch: `order:<id>`, `desk:<order id>`, `office:<id>`, `volunteer:<id>`, `account:<id>`."""

from __future__ import annotations

from app.kernel.access import Actor, may
from models import Office, Order, Volunteer, db

MOST_TOPICS = 50
"""Topics one socket may watch at a time."""


def may_watch(actor: Actor, topic: str) -> bool:
    """Whether the actor may hear that something changed there. Asked at subscribing; fetching asks again."""
    noun, _, key = topic.partition(":")
    if not actor.is_signed_in or not key or len(topic) > 60:
        return False
    if noun == "account":
        return key == actor.account_id
    if noun == "volunteer" and key == actor.volunteer_id:
        return True
    act, table = {
        "order": ("order.see", Order),
        "desk": ("order.note", Order),
        "office": ("board.see", Office),
        "volunteer": ("volunteer.see", Volunteer),
    }.get(noun, ("", None))
    subject = db.session.get(table, key) if table is not None else None
    return subject is not None and may(actor, act, subject)
