"""The figures no platform publishes: whether needs were met, how soon, how often people said no, and why nobody came.

What each of them counts is said in measures.py. Here they are put together: for what is looked at, and for the offices
right below it.
"""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.oversight.figures import measures
from app.oversight.figures.measures import Share, Span, Worker
from app.oversight.figures.period import Period
from app.oversight.figures.spread import busiest, each, gini, percentile
from app.oversight.scope import Scope
from models import Office
from models.states import OfferStatus

RULES: dict[str, Any] = {
    "active": _l("没有核实或暂停服务"),
    "skills": _l("没有需要的技能"),
    "credentials": _l("没有有效的证书"),
    "minimum_age": _l("年龄不到"),
    "sex": _l("性别不合要求"),
    "on_duty": _l("当时不在班"),
    "radius": _l("离得太远"),
    "reach": _l("赶不过来"),
    "availability": _l("那段时间没空"),
    "overlap": _l("时间和别的任务冲突"),
    "daily_limit": _l("当天接够了"),
    "weekly_limit": _l("这周接够了"),
    "banned": _l("拒绝过、回避或已邀请"),
    "taken_by_others": _l("合适的人都在做别的单"),
    "": _l("没有记下原因"),
}
"""What kept people from an order, in short words."""


@dataclass(frozen=True)
class Figures:
    """One office's figures for a period. A share is None where too few people stand behind it to be shown."""

    counts: Counter[str]
    answers: Counter[str]
    waits: list[float]
    raters: int
    workers: list[Worker]
    reasons: tuple[tuple[str, int], ...]

    @property
    def orders(self) -> int:
        return self.counts["all"]

    @property
    def met(self) -> Share:
        return measures.met_need(self.counts)

    @property
    def unfilled(self) -> Share:
        return measures.unfilled(self.counts)

    @property
    def filled(self) -> Share:
        return measures.filled(self.counts)

    @property
    def on_time(self) -> Share:
        return measures.on_time(self.counts)

    @property
    def rated(self) -> Share:
        return measures.rated(self.counts)

    @property
    def satisfied(self) -> Share | None:
        return measures.satisfied(self.counts, self.raters)

    @property
    def old(self) -> Share | None:
        return measures.old_people(self.counts)

    @property
    def refused(self) -> Share:
        said = self.answers
        return Share(said[OfferStatus.DECLINED], said[OfferStatus.DECLINED] + said[OfferStatus.ACCEPTED])

    @property
    def lapsed(self) -> Share:
        silent = self.answers[OfferStatus.EXPIRED]
        return Share(silent, silent + self.refused.whole)

    @property
    def accept_median(self) -> int | None:
        return round(statistics.median(self.waits)) if self.waits else None

    @property
    def accept_p90(self) -> int | None:
        return round(percentile(sorted(self.waits), 0.9)) if self.waits else None

    @property
    def ready(self) -> list[Worker]:
        return [one for one in self.workers if one.ready]

    @property
    def active(self) -> Share:
        """Volunteers who began a visit ÷ volunteers of the area who could be asked (or did something)."""
        return Share(sum(1 for one in self.workers if one.visits), len(self.workers))

    @property
    def asked(self) -> Share:
        """Volunteers who got an offer ÷ volunteers who could be asked."""
        return Share(sum(1 for one in self.ready if one.asked), len(self.ready))

    @property
    def tenth_of_visits(self) -> float | None:
        return busiest([one.visits for one in self.ready], of=10)

    @property
    def gini_of_minutes(self) -> float | None:
        return gini([one.minutes for one in self.ready])

    @property
    def gini_of_offers(self) -> float | None:
        return gini([one.asked for one in self.ready])

    @property
    def gini_of_accepts(self) -> float | None:
        return gini([one.accepted for one in self.ready])

    @property
    def offers_each(self) -> float | None:
        """Offers a volunteer who could be asked got, on average."""
        return each([one.asked for one in self.ready])

    @property
    def accepts_each(self) -> float | None:
        return each([one.accepted for one in self.ready])


class Gathered:
    """Everything counted for a span, by office path: one query a table, however many offices are asked for."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.tally = measures.tally(span)
        self.answers = measures.answers(span)
        self.waits = measures.waits(span)
        self.raters = measures.raters(span)
        self.causes = measures.causes(span)
        self.workers = measures.workers(span)

    def counts(self, path: str) -> Counter[str]:
        """How many orders of one subtree each set holds."""
        return _sum(self.tally, path)

    def of(self, path: str = "") -> Figures:
        """The figures of one subtree; of all that was looked at without a path."""
        causes = Counter(rule for _order, at, rule in self.causes if at.startswith(path))
        return Figures(
            counts=self.counts(path),
            answers=_sum(self.answers, path),
            waits=[minutes for at, found in self.waits.items() if at.startswith(path) for minutes in found],
            raters=len(set().union(*(found for at, found in self.raters.items() if at.startswith(path)))),
            workers=[one for one in self.workers if one.path.startswith(path)],
            reasons=tuple(causes.most_common()),
        )

    def below(self, offices: list[Office]) -> list[tuple[Office, Figures]]:
        """Those of these offices that have any orders, with their figures."""
        found = [(office, self.of(office.path)) for office in offices]
        return [(office, one) for office, one in found if one.orders]


def _sum(found: measures.Tally, path: str) -> Counter[str]:
    total = Counter[str]()
    for at, counts in found.items():
        if at.startswith(path):
            total.update(counts)
    return total


def figures(scope: Scope, period: Period) -> tuple[Figures, list[tuple[Office, Figures]]]:
    """The figures of what is looked at, and of each office right below it that has any orders."""
    gathered = Gathered(Span(scope, period))
    return gathered.of(), gathered.below(scope.children)
