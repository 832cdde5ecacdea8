"""The chance that somebody says yes, and when: plain numbers, evaluated with numpy alone.

What the model may look at is `Offered` and nothing else: no sex, no age, no disability, no home district. It decides
how many people are asked and when the next one is; whom to ask is decided by ranking.py, which never sees it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from dispatch.geo import FloatArray
from dispatch.offering.delay import Delay, lognormal

FORMAT = 1
FEATURES = (
    "distance", "morning_sun", "noon_sun", "morning_sun_twice", "noon_sun_twice", "weekend", "notice", "alerts_week",
    "alerts_day", "own_answers",
)  # fmt: skip
LIMIT = 1e-4  # no chance is ever held to be nearer to 0 or 1


@dataclass(frozen=True, slots=True)
class Offered:
    """What is known of one offer at the moment of asking.

    km            from home to the order, straight
    hour          local hour at which the service begins, 0 to 24
    weekday       of the service, Monday 0 to Sunday 6
    kind          the service item's category
    notice        hours from asking to the beginning of the service
    alerts_week   messages this volunteer had within the last 7 days, alerts_day within the last 24 hours
    yes, offers   own past answers (history.Tried)
    urgency       urgent, normal or planned: has its own delays
    """

    km: float
    hour: float
    weekday: int
    kind: str
    notice: float
    alerts_week: int = 0
    alerts_day: int = 0
    yes: int = 0
    offers: int = 0
    urgency: str = "normal"


class AnswerModel(Protocol):
    """What waves.py needs: the chance of a yes in the end, and the delays of a yes and of a no.

    `refusing`: of those who do not say yes, the share who say no rather than nothing.
    """

    @property
    def refusing(self) -> float: ...

    def chances(self, offers: Sequence[Offered]) -> FloatArray: ...

    def delays(self, urgency: str) -> tuple[Delay, Delay]: ...


URGENT, CALM = lognormal(3.0, 1.0), lognormal(12.0, 1.3)  # assumed; replaced by the first fit


@dataclass(frozen=True, slots=True)
class Prior:
    """Before there is data: one chance for everybody. 0.2 lies in the range published for GoodSAM (17 to 47 % of
    alerts accepted where the service is established, 1 to 5 % where it is not); the delays are assumed."""

    mean: float = 0.2
    refusing: float = 0.5

    def chances(self, offers: Sequence[Offered]) -> FloatArray:
        return np.full(len(offers), self.mean)

    def delays(self, urgency: str) -> tuple[Delay, Delay]:
        curve = URGENT if urgency == "urgent" else CALM
        return curve, curve


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model made by fitting.fit(): a logistic curve over features measured in deviations from their means.

    chance = 1 / (1 + exp(-(intercept + Σ weight · (value - mean) / scale + by_kind))); a kind never seen adds
    nothing. `mean_yes` is the city's share of yes, `shrinkage` how many offers of that mean everybody starts with.
    `curves`: urgency → delays of a yes and of a no, "" for all. `window`: first and last epoch second learnt from.
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float
    kinds: Mapping[str, float]
    mean_yes: float
    refusing: float
    curves: Mapping[str, tuple[Delay, Delay]]
    shrinkage: float = 12.0
    window: tuple[int, int] = (0, 0)
    rows: int = 0
    calibration: Mapping[str, Any] = field(default_factory=dict)

    def chances(self, offers: Sequence[Offered]) -> FloatArray:
        """The chance that each ends in a yes, however late."""
        if not len(offers):
            return np.zeros(0)
        values = (columns(offers, self.mean_yes, self.shrinkage) - np.array(self.means)) / np.array(self.scales)
        by_kind = np.array([self.kinds.get(one.kind, 0.0) for one in offers])
        return logistic(values @ np.array(self.weights) + by_kind + self.intercept)

    def delays(self, urgency: str) -> tuple[Delay, Delay]:
        return self.curves.get(urgency) or self.curves[""]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "format": FORMAT, "features": list(FEATURES), "weights": list(self.weights), "means": list(self.means),
            "scales": list(self.scales), "intercept": self.intercept, "kinds": dict(self.kinds),
            "mean_yes": self.mean_yes, "refusing": self.refusing, "shrinkage": self.shrinkage,
            "curves": {name: [one.to_dict() for one in pair] for name, pair in self.curves.items()},
            "window": list(self.window), "rows": self.rows, "calibration": dict(self.calibration),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Fitted":
        """The inverse; ValueError when it was written for other features or in another format."""
        if data.get("format") != FORMAT or tuple(data["features"]) != FEATURES:
            raise ValueError("this answer model was stored by another version: fit it anew")
        curves = {name: (Delay.from_dict(yes), Delay.from_dict(no)) for name, (yes, no) in data["curves"].items()}
        return cls(
            tuple(data["weights"]), tuple(data["means"]), tuple(data["scales"]), data["intercept"], data["kinds"],
            data["mean_yes"], data["refusing"], curves, data["shrinkage"], (data["window"][0], data["window"][1]),
            data["rows"], data["calibration"],
        )  # fmt: skip


def columns(offers: Sequence[Offered], mean_yes: float, shrinkage: float) -> FloatArray:
    """The numbers of FEATURES, a row an offer. Hours are an angle, so that 23:30 lies beside 0:30."""
    raw = np.array(
        [
            (one.km, one.hour, one.weekday, one.notice, one.alerts_week, one.alerts_day, one.yes, one.offers)
            for one in offers
        ],
        dtype=np.float64,
    ).reshape(-1, 8)
    km, hour, weekday, notice, week, day, yes, tried = raw.T
    angle = hour * (2 * np.pi / 24)
    own = (yes + shrinkage * mean_yes) / (tried + shrinkage)
    return np.column_stack([
        np.log1p(km), np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle), weekday >= 5,
        np.log1p(np.maximum(notice, 0.0)), np.log1p(week), np.log1p(day), logit(own),
    ])  # fmt: skip


def logistic(value: Any) -> FloatArray:
    chance: FloatArray = np.clip(1.0 / (1.0 + np.exp(-np.clip(value, -30, 30))), LIMIT, 1.0 - LIMIT)
    return chance


def logit(chance: Any) -> FloatArray:
    sure = np.clip(chance, LIMIT, 1.0 - LIMIT)
    odds: FloatArray = np.log(sure / (1.0 - sure))
    return odds


def still_to_come(
    chance: FloatArray, waited: FloatArray, more: Any, delays: tuple[Delay, Delay], refusing: float
) -> FloatArray:
    """The chance of a yes within `more` further minutes, from people silent for `waited` minutes.

    Bayes: of everybody alike, those who would have answered by now are gone from the silent, so with every minute the
    rest is more and more made of people who will never answer. `chance`, `waited` (n,); `more` scalar or (k, 1);
    answers (n,) or (k, n).
    """
    yes, no = delays
    answered = chance * yes.by(waited) + (1.0 - chance) * refusing * no.by(waited)
    coming = chance * (yes.by(waited + more) - yes.by(waited))
    found: FloatArray = coming / np.maximum(1.0 - answered, LIMIT)
    return found
