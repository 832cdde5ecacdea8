"""The dispatch engine: a pure function from a frozen snapshot to offers worth making, each with its reasons.

No Flask, no database, no files, no clock: give it a Problem, get a Plan.
"""

from dispatch.board import Conflict, Ranking, candidates_for, judge, trip
from dispatch.check import violations
from dispatch.costs import TERMS, Weights
from dispatch.engine import solve
from dispatch.explain import conflict_words, unplaced_words, words
from dispatch.geo import MODES
from dispatch.plan import Candidate, Plan, Proposal, Unplaced
from dispatch.problem import Commitment, OrderSpec, Problem, VolunteerSpec
from dispatch.rules import RULE_NAMES
from dispatch.validation import ProblemError

__all__ = [
    "MODES",
    "RULE_NAMES",
    "TERMS",
    "Candidate",
    "Commitment",
    "Conflict",
    "OrderSpec",
    "Plan",
    "Problem",
    "ProblemError",
    "Proposal",
    "Ranking",
    "Unplaced",
    "VolunteerSpec",
    "Weights",
    "candidates_for",
    "conflict_words",
    "judge",
    "solve",
    "trip",
    "unplaced_words",
    "violations",
    "words",
]
