"""Who knocks at every door: each role, at each position of the office tree towards the order's office."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.transaction import command
from app.people import api_keys
from models import Office, db
from models.kinds import Role, Scope
from tests.factories import World

POSITIONS = ("own", "child", "parent", "sibling", "other city")
STAFF = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
OF_THE_API = [scope for scope in Scope if scope != Scope.SCREEN]


@dataclass(frozen=True)
class Person:
    """Somebody by the name the table of expectations knows them by; `key` is an API key's text."""

    name: str
    role: str
    actor: Actor | None = None
    key: str = ""


@dataclass
class Cast:
    """Everybody, and the offices they stand in."""

    people: dict[str, Person] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """Position → the id of the API key there."""

    def actor(self, name: str) -> Actor:
        found = self.people[name].actor
        assert found is not None, name
        return found


def cast(world: World) -> Cast:
    """Nobody, the resident and another, volunteers (offered, accepted, other), staff and keys at all positions."""
    found = Cast(offices=_offices(world))
    residents = {"resident": world.resident("王桂兰"), "other resident": world.resident("陌生人")}
    volunteers = {name: world.volunteer(name) for name in ("offered", "accepted", "other volunteer")}
    found.people["nobody"] = Person("nobody", "nobody")
    found.people |= {name: Person(name, "resident", actor) for name, actor in residents.items()}
    found.people |= {name: Person(name, "volunteer", actor) for name, actor in volunteers.items()}
    root = world.administrator("根")
    for position in POSITIONS:
        office = found.offices[position]
        for role in STAFF:
            name = f"{role} {position}"
            found.people[name] = Person(name, str(role), _staff(world, role, office, name))
        row, text = api_keys.issue(
            office, f"key {position}", OF_THE_API, 30, actor=_ruler(world, root, position, office)
        )
        found.keys[position] = row.id
        found.people[f"key {position}"] = Person(f"key {position}", "key", key=text)
    return found


def _ruler(world: World, root: Actor, position: str, office: str) -> Actor:
    return root if position != "other city" else _staff(world, Role.ADMINISTRATOR, office, "别市的根")


def _staff(world: World, role: Role, office: str, name: str) -> Actor:
    from app.people.identity import actor_of

    return actor_of(world.account(name, role, office))


@command
def _offices(world: World) -> dict[str, str]:
    """The order's office, one below it, the one above, one beside it, and another city."""
    station = db.session.get_one(Office, world.ids["station"])
    below = Office(
        parent_id=station.id, level="community", name="青年社区一网格", path="", lat=station.lat, lon=station.lon
    )
    apart = Office(parent_id=None, level="city", name="别的市", path="", lat=station.lat, lon=station.lon)
    for office, above, key in ((below, station.path, "child"), (apart, "/", "apart")):
        office.id = f"{key}{now():%H%M%S%f}"[:20]
        office.path = f"{above}{office.id}/"
        db.session.add(office)
    db.session.flush()
    return {
        "own": station.id, "child": below.id, "parent": world.ids["street"], "sibling": world.ids["neighbour"],
        "other city": apart.id,
    }  # fmt: skip
