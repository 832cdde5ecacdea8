"""Offers that get answered: whom to ask, how many at once, when to ask the next. Production and simulator share it.

answer, delay       the chance of a yes and when it comes; fitting learns it (scikit-learn, imported only there)
waves, policy       next_step(): ask these now, or wait until then
ranking             in which order people are asked; sees no answers
budget              when somebody may be messaged at all
fairness            between districts, and its measures
calibration         whether the chances were true
"""

from dispatch.offering.answer import AnswerModel, Fitted, Offered, Prior, still_to_come
from dispatch.offering.budget import Asking, Held, Rules, held, next_digest, quiet_ends, strictest
from dispatch.offering.calibration import Calibration, calibration
from dispatch.offering.delay import Delay
from dispatch.offering.fairness import Bound, boosts, gini, raised, worst_gap
from dispatch.offering.history import Alert, Answer, Tried, last_turn, messages_since, tried
from dispatch.offering.policy import Case, Pending, Step, Why, next_step
from dispatch.offering.ranking import Willing, rank
from dispatch.offering.settings import PACES, Mode, Offering, Pace
from dispatch.offering.waves import at_least, demanded, smallest_wave

__all__ = [
    "PACES", "Alert", "Answer", "AnswerModel", "Asking", "Bound", "Calibration", "Case", "Delay", "Fitted", "Held",
    "Mode", "Offered", "Offering", "Pace", "Pending", "Prior", "Rules", "Step", "Tried", "Why", "Willing", "at_least",
    "boosts", "calibration", "demanded", "gini", "held", "last_turn", "messages_since", "next_digest", "next_step",
    "quiet_ends", "raised", "rank", "smallest_wave", "still_to_come", "strictest", "tried", "worst_gap",
]  # fmt: skip
