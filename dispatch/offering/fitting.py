"""Learning the answer model from what happened. The only module that needs scikit-learn; import it when you fit.

An offer that was withdrawn or ran out says only "no answer within c minutes". Dropping those would make everybody look
quicker and kinder than they are, so each counts as what it may have become, in proportion: a cure model fitted by
expectation and maximisation (Farewell 1982). Three fates: yes in the end, no in the end, never an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from dispatch.geo import FloatArray, IntArray
from dispatch.offering.answer import LIMIT, Fitted, Offered, columns
from dispatch.offering.calibration import Calibration, Flags, calibration, censoring_weights
from dispatch.offering.delay import STEPS, Delay
from dispatch.offering.history import Answer

LEAST_ROWS = 150  # below it the prior serves
LEAST_YES = 20
ROUNDS = 5
STRENGTH = 0.03  # scikit-learn's C: the smaller, the more every weight is drawn towards nothing
SHRINKAGE = 12.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One offer to learn from: what was known when it was made (`at`, epoch second), and what came of it.

    `minutes` until the answer; for silence and withdrawn offers, until it ended; for an open one, so far.
    `limit`: minutes it stood, or would have.
    """

    offered: Offered
    at: int
    answer: Answer
    minutes: float
    limit: float


class TooLittle(ValueError):
    """There are not enough offers or not enough yes among them to learn from: go on with the prior."""


def fit(outcomes: Sequence[Outcome], held_out: float = 0.2) -> Fitted:
    """A model of all outcomes, with the calibration of one that knew only the earlier ones.

    `held_out`: the last share of the offers in time, which the judged model has not seen. The same outcomes in any
    order give the same model. TooLittle when there is too little to learn from.
    """
    rows = sorted(outcomes, key=lambda one: (one.at, one.offered.km, one.minutes, one.answer))
    whole = learn(rows)
    cut = int(len(rows) * (1 - held_out))
    try:
        judged = judge(learn(rows[:cut]), rows[cut:]).to_dict()
    except TooLittle:
        judged = {}
    return replace(whole, calibration=judged)


def judge(model: Fitted, outcomes: Sequence[Outcome]) -> Calibration:
    """How well `model` foresaw a yes within each offer's limit; withdrawn offers are made up for."""
    said, yes = foreseen(model, outcomes), np.array([one.answer is Answer.YES for one in outcomes], dtype=np.bool_)
    minutes, limit = (np.array([getattr(one, name) for one in outcomes]) for name in ("minutes", "limit"))
    cut = np.array([one.answer in (Answer.WITHDRAWN, Answer.OPEN) for one in outcomes], dtype=np.bool_)
    return calibration(said, yes & (minutes <= limit), model.mean_yes, censoring_weights(minutes, cut, limit))


def foreseen(model: Fitted, outcomes: Sequence[Outcome]) -> FloatArray:
    """The chance of a yes within each offer's limit, as said at its beginning."""
    chances = model.chances([one.offered for one in outcomes])
    share = [float(model.delays(one.offered.urgency)[0].by(one.limit)) for one in outcomes]
    return chances * np.array(share)


def learn(outcomes: Sequence[Outcome]) -> Fitted:
    """A model of all outcomes, not judged; TooLittle as in fit()."""
    rows = sorted(outcomes, key=lambda one: (one.at, one.offered.km, one.minutes, one.answer))
    yes, no = (np.array([one.answer is which for one in rows], dtype=np.bool_) for which in (Answer.YES, Answer.NO))
    if len(rows) < LEAST_ROWS or yes.sum() < LEAST_YES or yes.all():
        raise TooLittle(f"{len(rows)} offers, {int(yes.sum())} yes")
    minutes = np.maximum(np.array([one.minutes for one in rows]), 1 / 60)
    urgency = np.array([one.offered.urgency for one in rows])
    fates = _Fates(yes, no, minutes, urgency)
    mean = _mean_yes(rows, yes, minutes)
    values, means, scales, kinds, by_kind = _columns([one.offered for one in rows], mean)
    learner = LogisticRegression(C=STRENGTH, max_iter=300, warm_start=True)
    both = np.concatenate([np.column_stack([values, by_kind])] * 2)
    truth = np.repeat([1, 0], len(rows))
    for _ in range(ROUNDS):
        learner.fit(both, truth, sample_weight=np.concatenate([fates.yes, 1.0 - fates.yes]))
        fates.learn(np.clip(learner.predict_proba(both[: len(rows)])[:, 1], LIMIT, 1 - LIMIT))
    weights, width = learner.coef_[0].tolist(), values.shape[1]
    return Fitted(
        tuple(weights[:width]), tuple(means.tolist()), tuple(scales.tolist()), float(learner.intercept_[0]),
        dict(zip(kinds, weights[width:], strict=True)), mean, fates.refusing, fates.curves, SHRINKAGE,
        (rows[0].at, rows[-1].at), len(rows),
    )  # fmt: skip


def _mean_yes(rows: Sequence[Outcome], yes: Flags, minutes: FloatArray) -> float:
    """The city's share of yes within the limits, withdrawn offers made up for."""
    cut = np.array([one.answer in (Answer.WITHDRAWN, Answer.OPEN) for one in rows], dtype=np.bool_)
    limit = np.array([one.limit for one in rows])
    weights = censoring_weights(minutes, cut, limit)
    return float(np.average(yes & (minutes <= limit), weights=weights)) if weights.sum() else float(yes.mean())


def _columns(
    offers: Sequence[Offered], mean: float
) -> tuple[FloatArray, FloatArray, FloatArray, list[str], FloatArray]:
    """The features in deviations from their means, those means and deviations, the kinds, and a column for each."""
    raw = columns(offers, mean, SHRINKAGE)
    means, scales = raw.mean(axis=0), raw.std(axis=0)
    scales[scales < 1e-9] = 1.0
    kinds = sorted({one.kind for one in offers})
    by_kind = np.array([[float(one.kind == kind) for kind in kinds] for one in offers])
    return (raw - means) / scales, means, scales, kinds, by_kind


class _Fates:
    """What each unanswered offer may have become: `yes` and `no` are chances (1 or 0 where an answer came)."""

    def __init__(self, yes: Flags, no: Flags, minutes: FloatArray, urgency: np.ndarray) -> None:
        self.known_yes, self.known_no, self.minutes, self.urgency = yes, no, minutes, urgency
        self.silent = ~(yes | no)
        self.yes, self.no = yes.astype(np.float64), no.astype(np.float64)
        self.refusing = 0.5
        self.curves = self._curves()

    def learn(self, chance: FloatArray) -> None:
        """Given everybody's chance of a yes: fates anew, then the share of refusals and the delays from them."""
        yes_by, no_by = np.zeros(len(chance)), np.zeros(len(chance))
        for name in np.unique(self.urgency):
            mine = self.urgency == name
            of_yes, of_no = self.curves.get(str(name)) or self.curves[""]
            yes_by[mine], no_by[mine] = of_yes.by(self.minutes[mine]), of_no.by(self.minutes[mine])
        comes = chance * (1 - yes_by)
        refuses = (1 - chance) * self.refusing * (1 - no_by)
        never = (1 - chance) * (1 - self.refusing)
        total = np.maximum(comes + refuses + never, LIMIT)
        self.yes = np.where(self.silent, comes / total, self.known_yes)
        self.no = np.where(self.silent, refuses / total, self.known_no)
        self.refusing = float(np.clip(self.no.sum() / max(1e-9, (1 - self.yes).sum()), 0.02, 0.98))
        self.curves = self._curves()

    def _curves(self) -> dict[str, tuple[Delay, Delay]]:
        found = {"": self._pair(np.ones(len(self.yes), dtype=np.bool_))}
        for name in np.unique(self.urgency):
            mine = self.urgency == name
            if min((mine & self.known_yes).sum(), (mine & self.known_no).sum()) >= LEAST_YES:
                found[str(name)] = self._pair(mine)
        return found

    def _pair(self, mine: Flags) -> tuple[Delay, Delay]:
        yes = _life_table(self.minutes[mine], self.known_yes[mine], self.yes[mine])
        return yes, _life_table(self.minutes[mine], self.known_no[mine], self.no[mine])


def _life_table(minutes: FloatArray, came: Flags, share: FloatArray) -> Delay:
    """Kaplan and Meier over STEPS: `share` of each offer is at risk until its `minutes`, and `came` then.

    Beyond the last answer ever seen nothing is known; all who will answer are taken to have done so by then.
    """
    place: IntArray = np.minimum(np.searchsorted(STEPS, minutes), len(STEPS) - 1)
    ending = np.bincount(place, share, len(STEPS))
    events = np.bincount(place[came], minlength=len(STEPS)).astype(np.float64)
    at_risk = np.cumsum(ending[::-1])[::-1] - (ending - events) / 2  # those cut short within a step count half
    hazard = np.divide(events, at_risk, out=np.zeros(len(STEPS)), where=at_risk > 1e-9)
    curve = 1.0 - np.cumprod(1.0 - np.clip(hazard, 0.0, 1.0))
    if curve[-1] <= 0:
        curve = np.linspace(1 / len(STEPS), 1.0, len(STEPS))
    return Delay(tuple(map(float, STEPS)), tuple(np.minimum(curve / curve[-1], 1.0).tolist()))
