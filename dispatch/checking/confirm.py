"""Prices and remedies looked through by somebody who did not make them.

Everything is worked out again pair by pair from rules.py, in plain Python and with other methods than the engine's:
prices by the conditions of linear programming, remedies by augmenting paths in order of priority (what can be served
together is a matroid, so taking the most urgent first is exact, whatever the costs). Slow and obvious on purpose.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, combinations

from dispatch.check import Checker
from dispatch.checking.rules import first_broken
from dispatch.plan import Plan
from dispatch.problem import OrderSpec, Problem
from dispatch.reasons.remedy import Remedy, apply

MOST_TOGETHER = 10  # all-or-nothing orders whose every choice is tried

Able = dict[str, frozenset[str]]


def confirm_prices(
    problem: Problem, plan: Plan, open_price: Mapping[str, int], order: Mapping[str, int], volunteer: Mapping[str, int]
) -> list[str]:
    """What is wrong with prices that should prove an instant plan, one sentence each; empty when they do prove it.

    By id: the price of leaving one position open, and the prices of orders and of volunteers (0 where there is none).
    Sound prices are a proof over all feasible pairs that no plan is better, however plan and prices were found.
    """
    return list(_price_faults(Checker(problem, plan), open_price, order, volunteer))


def _price_faults(
    look: Checker, open_price: Mapping[str, int], orders: Mapping[str, int], volunteers: Mapping[str, int]
) -> Iterator[str]:
    left = {one.order for one in look.plan.unplaced if one.open_positions}
    for need in look.problem.orders:
        price, most = orders.get(need.id, 0), open_price[need.id]
        if price > most or (need.id in left and price != most):
            yield f"order {need.id}: price {price} against {most} for leaving it open"
    for person in look.problem.volunteers:
        price = volunteers.get(person.id, 0)
        if price < 0 or (price and person.id not in look.serves):
            yield f"volunteer {person.id}: price {price}"
        for need in look.problem.orders:
            if first_broken(look.problem, need, person)[0] is None:
                reduced = sum(look.terms(need, person).values()) + price - orders.get(need.id, 0)
                if reduced < 0 or (reduced and look.serves.get(person.id) == need.id):
                    yield f"pair {need.id}/{person.id}: {reduced} points after prices"


def confirm_remedy(problem: Problem, plan: Plan, remedy: Remedy) -> list[str]:
    """What is wrong with one remedy for an order that an instant plan leaves open; empty when it does what it says."""
    return Confirmer(problem, plan).remedy(remedy)


class Confirmer:
    """Looks through many remedies of one plan; who is able to do what is worked out once."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.able = _able(problem, problem.orders)

    def remedy(self, remedy: Remedy) -> list[str]:
        """It fills the order in every plan that serves the most priority, and leaves no more open elsewhere."""
        left = {one.order: one.open_positions for one in self.plan.unplaced}
        if not left.get(remedy.order):
            return [f"{remedy.order} is not open"]
        after = apply(remedy, self.problem)
        own = {remedy.order} if remedy.kind != "split" else {f"{remedy.order}/{k}" for k in (1, 2)}
        able = self._able_after(after)
        filled = _most_served(after.orders, able, own)
        if filled is None:
            return [f"{remedy.order} cannot be filled"]
        elsewhere = sum(one.priority * one.positions for one in after.orders if one.id not in own)
        own_priority = sum(one.priority * one.positions for one in after.orders if one.id in own)
        before = {order.id: order.priority for order in self.problem.orders}
        allowed = sum(before[one] * count for one, count in left.items() if one != remedy.order)
        faults = []
        if elsewhere - (filled - own_priority) > allowed:
            faults.append(f"priority {elsewhere - filled + own_priority} stays open elsewhere, before it was {allowed}")
        if any((_most_served(orders, able, set()) or 0) >= filled for orders in _one_less(after.orders, own)):
            faults.append(f"as much priority is served without {remedy.order}")
        return faults

    def _able_after(self, after: Problem) -> Able:
        """Only pairs with a part that the remedy changed are looked at again."""
        orders = {order.id: order for order in self.problem.orders}
        people = {person.id: person for person in self.problem.volunteers}
        changed = tuple(person for person in after.volunteers if people.get(person.id) != person)
        new = _able(replace(after, volunteers=changed), after.orders) if changed else {}
        gone = {person.id for person in changed}
        found: Able = {}
        for order in after.orders:
            if orders.get(order.id) == order:
                found[order.id] = (self.able[order.id] - gone) | new.get(order.id, frozenset())
            else:
                found |= _able(after, [order])
        return found


def _able(problem: Problem, orders: Iterable[OrderSpec]) -> Able:
    return {
        order.id: frozenset(one.id for one in problem.volunteers if first_broken(problem, order, one)[0] is None)
        for order in orders
    }


def _one_less(orders: tuple[OrderSpec, ...], own: set[str]) -> Iterator[tuple[OrderSpec, ...]]:
    """The orders with one place less of their own; an all-or-nothing one goes altogether."""
    for order in orders:
        if order.id in own:
            others = tuple(one for one in orders if one is not order)
            last = order.positions == 1 or order.together
            yield others if last else (*others, replace(order, positions=order.positions - 1))


def _most_served(orders: tuple[OrderSpec, ...], able: Able, must: set[str]) -> int | None:
    """The most priority that can be served at once if all of `must` is; None where that cannot be."""
    choices = [one.id for one in orders if one.together and one.positions > 1 and one.id not in must]
    if len(choices) > MOST_TOGETHER:
        raise ValueError(f"{len(choices)} all-or-nothing orders are more than {MOST_TOGETHER}")
    subsets = chain.from_iterable(combinations(choices, size) for size in range(len(choices) + 1))
    served = [_served(orders, able, {*must, *subset}, {*choices} - {*subset}) for subset in subsets]
    return max((one for one in served if one is not None), default=None)


def _served(orders: tuple[OrderSpec, ...], able: Able, must: set[str], without: set[str]) -> int | None:
    holder: dict[str, str] = {}
    total = 0
    for order in sorted(orders, key=lambda one: (one.id not in must, -one.priority, one.id)):
        for _ in range(0 if order.id in without else order.positions):
            if _placed(order.id, able, holder, set()):
                total += order.priority
            elif order.id in must:
                return None
            else:
                break
    return total


def _placed(order: str, able: Able, holder: dict[str, str], seen: set[str]) -> bool:
    """Find one more person for an order, moving others to where else they can serve (Kuhn's augmenting path)."""
    for person in sorted(able[order] - seen):
        if person in seen:
            continue
        seen.add(person)
        if person not in holder or _placed(holder[person], able, holder, seen):
            holder[person] = order
            return True
    return False
