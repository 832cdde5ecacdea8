"""The dispatch engine: a pure function from a frozen snapshot to offers worth making, each with its reasons.

No Flask, no database, no files, no clock: give it a Problem, get a Plan.
"""

from dispatch.board import Conflict, Ranking, candidates_for, judge, trip
from dispatch.changes import Change, Difference, difference
from dispatch.check import violations
from dispatch.confirm import Confirmer, confirm_prices, confirm_remedy
from dispatch.costs import TERMS, Weights
from dispatch.desk import Desk
from dispatch.engine import solve
from dispatch.explain import conflict_words, remedy_words, unplaced_words, why_not_words, why_words, words
from dispatch.geo import MODES
from dispatch.market import Market
from dispatch.plan import Candidate, Plan, Proposal, Unplaced
from dispatch.problem import Commitment, OrderSpec, Problem, VolunteerSpec
from dispatch.remedies import remedies as remedies_for
from dispatch.remedy import Remedy
from dispatch.remedy import apply as apply_remedy
from dispatch.rolling import Replan, Standing, replan
from dispatch.rules import RULE_NAMES
from dispatch.validation import ProblemError
from dispatch.verdicts import PriceList, Taker, Why, WhyNot
from dispatch.whynot import price_list, slacks, takers, why, why_not, why_not_pair

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
