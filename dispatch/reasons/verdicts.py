"""What the explanations answer: facts in codes and numbers, which explain.py puts in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One volunteer and one order of a plan that does not pair them (or does: verdict "serves").

    verdict   serves     the plan asks them for it
              refused    `rules` refuse the pair: "banned:declined" with the ban's own word, "availability:both_ways"
                         where a day plan finds no time for the service and both ways
              elsewhere  the plan asks them for the order `serves` instead
              full       a day plan has them serve other orders that day
              dearer     others are the better choice; `because` names the terms in which, the weightiest first
              open       the order is left open although they could serve it: it wants all its people or none
              unplanned  a day plan leaves the order open although they could serve it

    `lasting`: were they asked for it, another order would stay open, so that no price changes it.
    `points`: were the pair cheaper by less than so much, the plan would still be the best; `minutes`: the same in whole
    minutes of travel. Both None where the plan is not proven, or has all-or-nothing orders.
    """

    order: str
    verdict: str
    rules: tuple[str, ...] = ()
    serves: str | None = None
    because: tuple[str, ...] = ()
    points: int | None = None
    minutes: int | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """One pair of a plan: its points by term, who is next in line and by how much, and what would change it.

    Were the pair up to `slack` points dearer, the plan would still be the best; the way could be `minutes` longer and
    every best plan would have the pair. `lasting`: without this person some order would stay open, so that no price
    changes it. All None or False where the plan is not proven, or has all-or-nothing orders.
    """

    order: str
    volunteer: str
    terms: dict[str, int]
    runner_up: str | None
    margin: int | None
    slack: int | None
    minutes: int | None
    lasting: bool


@dataclass(frozen=True, slots=True)
class Taker:
    """An order served by people who could have served another one: how many of them, and how urgent it is.

    `loses`: the priority that would stay open if one of those people were taken away, whatever the rest did to make up
    for it (None: not proven). It is never less than the priority of the order that stays open.
    """

    order: str
    people: int
    priority: int
    loses: int | None


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices that prove a plan, by id, in points; volunteers without one are worth 0. `open`: what leaving one
    position of each order open counts. confirm.confirm_prices() looks them through."""

    open: dict[str, int]
    orders: dict[str, int]
    volunteers: dict[str, int]
