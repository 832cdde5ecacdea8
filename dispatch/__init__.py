"""The dispatch engine: a pure function from a frozen snapshot to offers worth making, each with its reasons.

No Flask, no database, no files, no clock: give it a Problem, get a Plan.
"""

from typing import TYPE_CHECKING, Any

from dispatch.board import Conflict, Ranking, candidates_for, judge, rankings, trip
from dispatch.check import violations
from dispatch.checking.confirm import Confirmer, confirm_prices, confirm_remedy
from dispatch.costs import TERMS, Weights
from dispatch.engine import solve
from dispatch.explain import conflict_words, remedy_words, unplaced_words, why_not_words, why_words, words
from dispatch.geo import MODES
from dispatch.plan import Candidate, Plan, Proposal, Unplaced
from dispatch.problem import Commitment, OrderSpec, Problem, VolunteerSpec
from dispatch.reasons.market import Market
from dispatch.reasons.remedies import remedies as remedies_for
from dispatch.reasons.remedy import Remedy
from dispatch.reasons.remedy import apply as apply_remedy
from dispatch.reasons.verdicts import PriceList, Taker, Why, WhyNot
from dispatch.reasons.whynot import price_list, slacks, takers, why, why_not, why_not_pair
from dispatch.rolling.changes import Change, Difference, difference
from dispatch.rolling.replan import Replan, Standing, replan
from dispatch.rules import RULE_NAMES
from dispatch.validation import ProblemError

if TYPE_CHECKING:
    from dispatch.desk.desk import Desk

__all__ = [
    "MODES",
    "RULE_NAMES",
    "TERMS",
    "Candidate",
    "Change",
    "Commitment",
    "Confirmer",
    "Conflict",
    "Desk",
    "Difference",
    "Market",
    "OrderSpec",
    "Plan",
    "PriceList",
    "Problem",
    "ProblemError",
    "Proposal",
    "Ranking",
    "Remedy",
    "Replan",
    "Standing",
    "Taker",
    "Unplaced",
    "VolunteerSpec",
    "Weights",
    "Why",
    "WhyNot",
    "apply_remedy",
    "candidates_for",
    "confirm_prices",
    "confirm_remedy",
    "conflict_words",
    "difference",
    "judge",
    "price_list",
    "rankings",
    "remedies_for",
    "remedy_words",
    "replan",
    "slacks",
    "solve",
    "takers",
    "trip",
    "unplaced_words",
    "violations",
    "why",
    "why_not",
    "why_not_pair",
    "why_not_words",
    "why_words",
    "words",
]


def __getattr__(name: str) -> Any:
    """Desk is loaded when first asked for: with it comes the compiler, which most callers do not need."""
    if name != "Desk":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dispatch.desk.desk import Desk

    return Desk
