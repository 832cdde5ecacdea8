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
    """One run's answer. `objective` = unfilled priority × stats["unfilled_weight"] + the proposals' costs.

    `certificate`: "optimal" (no better plan exists under these rules and weights: the candidates kept are provably
    enough), "optimal_over_candidates" (for methods that keep fewer; none does yet) or "none" (greedy). `degraded`
    says why greedy had to step in.
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

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        data = asdict(self)
        for row in data["proposals"]:
            row["reasons"] = list(row["reasons"])
        for row in data["unplaced"]:
            row["taken_by"] = list(row["taken_by"])
        return {**data, "proposals": list(data["proposals"]), "unplaced": list(data["unplaced"])}

    def digest(self) -> str:
        """SHA-256 of what was decided: not of timings, versions or the circumstances of a fall-back, so
        that a replay with the method named in `solver` gives the same digest."""
        data = self.to_dict()
        for circumstance in ("stats", "versions", "degraded"):
            del data[circumstance]
        return digest(data)
