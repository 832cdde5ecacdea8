"""The volunteer who acts, held for a change of what is theirs."""

from __future__ import annotations

from app.kernel.access import Actor, require
from app.kernel.errors import NotFound
from app.kernel.locks import locked_volunteers
from models import Volunteer


def own_volunteer(actor: Actor) -> Volunteer:
    """Call it inside a command. Raises NotFound for whoever is no volunteer."""
    if actor.volunteer_id is None:
        raise NotFound()
    [volunteer] = locked_volunteers(actor.volunteer_id)
    require(actor, "volunteer.self", volunteer)
    return volunteer
