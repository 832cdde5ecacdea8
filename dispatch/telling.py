"""What the command line prints for people: a plan in a few lines, and its reasons in sentences."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property

from dispatch.board import judge
from dispatch.explain import conflict_words, remedy_words, unplaced_words, why_not_words, why_words, words
from dispatch.plan import Plan, Proposal, Unplaced
from dispatch.problem import Problem
from dispatch.reasons.market import Market
from dispatch.reasons.remedies import remedies
from dispatch.reasons.whynot import takers, why, why_not, why_not_pair

READERS = ("coordinator", "volunteer", "resident")
INDENT = "    "


def summary(problem: Problem, plan: Plan) -> list[str]:
    """Filled, open, objective, how sure it is, and where the time went."""
    positions = sum(order.positions for order in problem.orders)
    left = sum(one.open_positions for one in plan.unplaced)
    people = len({one.volunteer for one in plan.proposals})
    lines = [
        f"{plan.mode} plan by {plan.solver}, seed {plan.seed}",
        f"filled     {positions - left} of {positions} positions by {people} of {len(problem.volunteers)} volunteers",
        f"open       {left} positions of {len(plan.unplaced)} orders",
        f"objective  {plan.objective}" + ("" if plan.bound is None else f", proven bound {plan.bound}"),
        f"certified  {plan.certificate}" + ("" if plan.gap is None else f", gap {plan.gap:.4%}"),
    ]
    if plan.degraded:
        lines.append(f"degraded   {plan.degraded}")
    seconds = plan.stats.get("seconds")
    if isinstance(seconds, dict):
        lines.append("seconds    " + ", ".join(f"{stage} {took}" for stage, took in seconds.items()))
    return lines


class Explanation:
    """One plan's reasons for one reader. What rests on prices is told of instant plans only."""

    def __init__(self, problem: Problem, plan: Plan, lang: str, reader: str) -> None:
        self.problem, self.plan, self.lang, self.reader = problem, plan, lang, reader

    @cached_property
    def market(self) -> Market | None:
        return Market.of(self.problem, self.plan) if self.plan.mode == "instant" else None

    def lines(self, order: str | None, volunteer: str | None) -> Iterator[str]:
        """Everything, or what concerns one order, one volunteer, or the pair of them."""
        found = False
        for one in self.plan.proposals:
            if order in (None, one.order) and volunteer in (None, one.volunteer):
                found = True
                yield f"{one.order} → {one.volunteer}  {self._when(one.start)} – {self._when(one.end)}"
                yield from self._indented(self._proposal(one))
        if volunteer is None:
            for unplaced in self.plan.unplaced:
                if order in (None, unplaced.order):
                    yield unplaced.order
                    yield from self._indented(self._unplaced(unplaced, remedied=order is not None))
        elif not found:
            yield from self._why_not(order, volunteer)

    def _when(self, moment: int) -> str:
        """Local date and time."""
        return f"{datetime.fromtimestamp(moment + self.problem.utc_offset, UTC):%Y-%m-%d %H:%M}"

    def _indented(self, sentences: Iterator[str]) -> Iterator[str]:
        return (INDENT + sentence for sentence in sentences)

    def _proposal(self, one: Proposal) -> Iterator[str]:
        yield from words(one, self.lang, self.reader)
        if self.market is not None:
            found = why(self.problem, self.plan, one, market=self.market)
            yield from why_words(found, one, self.lang, self.reader)

    def _unplaced(self, one: Unplaced, remedied: bool) -> Iterator[str]:
        """Why positions are open; what would fill them when asked about this order alone, for each takes a solve."""
        if self.market is None:
            yield from unplaced_words(one, self.lang, self.reader, mode=self.plan.mode)
            return
        holders = takers(self.problem, self.plan, one.order, market=self.market)
        yield from unplaced_words(one, self.lang, self.reader, takers=holders)
        if remedied and self.reader != "volunteer":
            for remedy in remedies(self.problem, self.plan, one.order, market=self.market):
                yield from remedy_words(remedy, self.lang, self.reader)

    def _why_not(self, order: str | None, volunteer: str) -> Iterator[str]:
        """Why this volunteer is asked for nothing, or not for this order."""
        if self.market is None:
            for one in [order] if order is not None else []:
                yield f"{one} ✗ {volunteer}"
                yield from self._indented(iter(conflict_words(judge(self.problem, one, volunteer), self.lang)))
            return
        if order is None:
            reasons = why_not(self.problem, self.plan, volunteer, market=self.market)
        else:
            reasons = (why_not_pair(self.problem, self.plan, order, volunteer, market=self.market),)
        for reason in reasons:
            yield f"{reason.order} ✗ {volunteer}"
            yield from self._indented(iter(why_not_words(reason, self.lang, self.reader)))
