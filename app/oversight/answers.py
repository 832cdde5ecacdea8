"""What the city has learnt about answers, for the desk: which version, from when, how true its chances were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.dispatching import queries as dispatching
from app.oversight.scope import Scope
from models import AnswerModel


@dataclass(frozen=True)
class Row:
    """One line of the reliability table: offers whose chance was said to lie between `low` and `high` (percent)."""

    low: int
    high: int
    offers: int
    said: float
    happened: float


@dataclass(frozen=True)
class Answers:
    """The model in use (None: the assumption), the latest ones, and the assumed chance in percent."""

    used: AnswerModel | None
    latest: list[AnswerModel] = field(default_factory=list)
    assumed: int = 0

    @property
    def table(self) -> list[Row]:
        """How true the chances were, on offers the judged model had not seen."""
        judged = self.used.document.get("calibration") or {} if self.used else {}
        return [_row(one) for one in judged.get("table", ())]

    @property
    def mean(self) -> int:
        """The share of offers that end in a yes (percent)."""
        return round(100 * self.used.document["mean_yes"]) if self.used else self.assumed


def _row(one: Mapping[str, Any]) -> Row:
    low, high = round(100 * one["low"]), round(100 * one["high"])
    return Row(low, high, one["offers"], round(100 * one["said"], 1), round(100 * one["happened"], 1))


def answers(scope: Scope) -> Answers:
    """Of the city that the reader's offices lie in."""
    path = next(iter(scope.paths), "")
    city_id = path.strip("/").split("/")[0]
    return Answers(*dispatching.answer_models(city_id), dispatching.ASSUMED)
