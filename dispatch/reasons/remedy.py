"""A remedy for an open order: one change of the problem, and what it changes it to."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from dispatch.problem import OrderSpec, Problem, VolunteerSpec

DROPPABLE = ("minimum_age", "now", "sex")  # what asks least of the resident first
LEVELS = {"radius": 0, "move": 1, "later": 3, "more": 4, "split": 5, "fewer": 6, "newcomer": 7}
LATER_S = (1800, 3600, 7200)
FARTHER_M = (1000, 2000, 3000)
MOST_SHOWN = 3  # remedies of one kind that name people or other orders
NEARBY_M = 1000  # how far from the order a newcomer would serve


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change after which the best plan fills `order`, and leaves no more priority open elsewhere than before.

    kind        amount           who              what                    the change
    drop        0                                 minimum_age, now, sex   this requirement is given up
    radius      metres           volunteers                               they would go so much farther
    move        seconds          another order                            that order may end so much later
    later       seconds                                                   this order may end so much later
    more        people           ()                                       so many more people, for a shorter time each
    split       2                                                         as many visits, each of half the time
    fewer       people                                                    so many people instead
    newcomer    people                            skills, credentials     so many more people with these live near

    `cost` is by how many points the plan's costs change; `helpers` are the volunteers who would come (a newcomer has an
    id the problem does not know).
    """

    order: str
    kind: str
    amount: int
    who: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    cost: int = 0
    helpers: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self) | {name: list(getattr(self, name)) for name in ("who", "what", "helpers")}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Remedy":
        given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in data.items()}
        return cls(**given)

    @property
    def burden(self) -> tuple[int, int, int]:
        """Sorts remedies: what asks least of the resident first, then what costs least; newcomers, who must be found
        yet, last."""
        asked = self.amount if self.kind in ("radius", "move", "later") else 0
        level = DROPPABLE.index(self.what[0]) if self.kind == "drop" else LEVELS[self.kind]
        return level, asked, self.cost


def apply(remedy: Remedy, problem: Problem) -> Problem:
    """The problem with that one change. Raises KeyError for orders and volunteers it does not know."""
    if remedy.kind == "radius":
        return replace(problem, volunteers=_each(problem.volunteers, remedy.who, lambda one: wider(one, remedy.amount)))
    if remedy.kind == "newcomer":
        order = _find(problem.orders, remedy.order)
        return replace(problem, volunteers=(*problem.volunteers, *newcomers(problem, order, remedy.amount)))
    order_id = remedy.who[0] if remedy.kind == "move" else remedy.order
    order = _find(problem.orders, order_id)
    others = [one for one in problem.orders if one.id != order_id]
    return replace(problem, orders=(*others, *changed(order, remedy)))


def changed(order: OrderSpec, remedy: Remedy) -> tuple[OrderSpec, ...]:
    """What a remedy makes of the order that it changes: two visits if it is split, else one."""
    match remedy.kind:
        case "later" | "move":
            return (replace(order, window_end=order.window_end + remedy.amount),)
        case "drop":
            without: dict[str, Any] = {remedy.what[0]: False if remedy.what[0] == "now" else None}
            return (replace(order, **without),)
        case "fewer":
            return (replace(order, positions=remedy.amount),)
        case "more":
            people = order.positions + remedy.amount
            return (replace(order, positions=people, duration=_share(order, people)),)
        case "split":
            half = replace(order, duration=-(-order.duration // 2))
            return replace(half, id=f"{order.id}/1"), replace(half, id=f"{order.id}/2")
    raise ValueError(f"a remedy of kind {remedy.kind!r} changes no order")


def _share(order: OrderSpec, people: int) -> int:
    """The same work by more hands, in whole minutes."""
    return -(-order.duration * order.positions // (people * 60)) * 60


def wider(volunteer: VolunteerSpec, metres: int) -> VolunteerSpec:
    return replace(volunteer, radius_m=volunteer.radius_m + metres)


def newcomers(problem: Problem, order: OrderSpec, count: int) -> list[VolunteerSpec]:
    """People as an order needs them, who live there and are free for all of its window."""
    taken = {volunteer.id for volunteer in problem.volunteers}
    names = (name for k in range(len(taken) + count) if (name := f"new-{k + 1}") not in taken)
    return [
        VolunteerSpec(
            name, order.lat, order.lon,
            skills=order.skills,
            credentials=tuple((kind, None) for kind in order.credentials),
            availability=((order.window_start, order.window_end),),
            radius_m=NEARBY_M,
            on_duty=True,
            sex=order.sex,
            languages=order.languages,
            age=order.minimum_age,
        )
        for _, name in zip(range(count), names, strict=False)
    ]  # fmt: skip


def _find(orders: Iterable[OrderSpec], order_id: str) -> OrderSpec:
    for order in orders:
        if order.id == order_id:
            return order
    raise KeyError(f"no order {order_id!r} in this problem")


def _each(volunteers: tuple[VolunteerSpec, ...], who: tuple[str, ...], change: Any) -> tuple[VolunteerSpec, ...]:
    missing = set(who) - {one.id for one in volunteers}
    if missing:
        raise KeyError(f"no volunteer {min(missing)!r} in this problem")
    return tuple(change(one) if one.id in who else one for one in volunteers)
