"""The counted reasons of an open order, counted again; the same for instant and day plans."""

from collections import Counter
from collections.abc import Iterator, Mapping

from dispatch.plan import Unplaced
from dispatch.problem import OrderSpec


def miscounted(one: Unplaced, order: OrderSpec, broken: Mapping[str, str | None], takers: set[str]) -> Iterator[str]:
    """What an open order says wrongly. `broken`: the first rule each volunteer breaks, None for the eligible;
    `takers`: the other orders that the eligible serve."""
    lost = Counter(rule for rule in broken.values() if rule is not None)
    if {rule: count for rule, count in one.lost.items() if count} != dict(lost):
        yield f"counts {one.lost}, but it is {dict(lost)}"
    eligible = len(broken) - lost.total()
    if one.eligible != eligible:
        yield f"says {one.eligible} eligible, but it is {eligible}"
    whys = Counter(why for volunteer, why in order.bans if broken.get(volunteer) == "banned")
    if one.bans != dict(whys):
        yield f"counts bans {one.bans}, but it is {dict(whys)}"
    if set(one.taken_by) != takers:
        yield f"says taken by {sorted(one.taken_by)}, but it is {sorted(takers)}"
    verdict = "taken_by_others" if takers else "nobody_eligible"
    if one.verdict != verdict:
        yield f"says {one.verdict}, but it is {verdict}"
