"""What the engine answers: proposals with their reasons, what it could not place and why, and how sure it
is."""

from dataclasses import asdict, dataclass
from typing import Any

from dispatch.problem import digest


@dataclass(frozen=True, slots=True)
class Candidate:
    """One volunteer who may serve an order: when, how far, at what price, and what speaks for them.

    `terms` are the cost's parts in points; `reasons` are codes for words().
    """

    volunteer: str
    start: int
    end: int
    distance_m: int
    travel_s: int
    cost: int
    terms: dict[str, int]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal(Candidate):
    """Ask this volunteer for this order.

    `runner_up` is the cheapest eligible volunteer whom this plan asks for nothing, and `margin` how many points
    dearer they are; both None when everybody else eligible is asked already.
    """

    order: str
    runner_up: str | None
    margin: int | None


@dataclass(frozen=True, slots=True)
class Route:
    """One volunteer's way through the day, home to home (or from and to accepted work, where that bounds the free
    hours): leaves at `leave`, serves `orders` beginning at `starts`, is back at `back`. Times are epoch seconds.

    `travel_s` and `cost` count every leg, the way back included; the proposals' costs count the legs to the orders.
    """

    volunteer: str
    leave: int
    back: int
    orders: tuple[str, ...]
    starts: tuple[int, ...]
    travel_s: int
    cost: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Positions nobody was found for. `lost` counts volunteers by the first rule they failed; with
    `eligible` the counts add up to everybody. `bans` divides `lost["banned"]` by why (a pair banned twice
    counts in both).

    Verdict `taken_by_others`: eligible people serve the orders in `taken_by` in this plan; else
    `nobody_eligible` (or everybody eligible serves this very order already).
    """

    order: str
    open_positions: int
    lost: dict[str, int]
    bans: dict[str, int]
    eligible: int
    verdict: str
    taken_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One run's answer. `objective` = unfilled priority × stats["unfilled_weight"] + the proposals' costs (in a day
    plan, the routes' costs).

    `bound`: no plan of these rules and weights has a lower objective. `gap` = (objective - bound) / (the objective of
    doing nothing - bound): the share of the best possible value that this plan may miss.
    `certificate`: "optimal" (the gap is 0: nothing better exists, over all feasible pairs), "bounded" (the gap is
    proven) or "none" (greedy). `degraded` says why greedy had to step in. `routes` are empty in instant plans.
    """

    proposals: tuple[Proposal, ...]
    unplaced: tuple[Unplaced, ...]
    objective: int
    solver: str
    degraded: str | None
    certificate: str
    stats: dict[str, Any]
    versions: dict[str, str]
    weights: dict[str, int]
    seed: int
    mode: str = "instant"
    bound: int | None = None
    gap: float | None = None
    routes: tuple[Route, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        data = asdict(self)
        for row in data["proposals"]:
            row["reasons"] = list(row["reasons"])
        for row in data["unplaced"]:
            row["taken_by"] = list(row["taken_by"])
        for row in data["routes"]:
            row["orders"], row["starts"] = list(row["orders"]), list(row["starts"])
        return {**data, **{name: list(data[name]) for name in ("proposals", "unplaced", "routes")}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Plan":
        """The inverse of to_dict()."""
        parts: dict[str, Any] = {"proposals": Proposal, "unplaced": Unplaced, "routes": Route}
        made = {name: tuple(_made(kind, row) for row in data.get(name, ())) for name, kind in parts.items()}
        return cls(**{**data, **made})

    def digest(self) -> str:
        """SHA-256 of what was decided: not of timings, versions or the circumstances of a fall-back, so
        that a replay with the method named in `solver` gives the same digest."""
        data = self.to_dict()
        for circumstance in ("stats", "versions", "degraded", "bound", "gap"):
            del data[circumstance]
        return digest(data)


def _made(kind: Any, row: dict[str, Any]) -> Any:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
