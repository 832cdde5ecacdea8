"""What the command line prints for people: a plan in a few lines, and its reasons in sentences."""

from collections.abc import Iterator

from dispatch.board import judge
from dispatch.explain import conflict_words, unplaced_words, words
from dispatch.plan import Plan, Proposal
from dispatch.problem import Problem

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
        lines.append("seconds    " + ", ".join(f"{stage} {took:.3f}" for stage, took in seconds.items()))
    return lines


def explanation(
    problem: Problem, plan: Plan, order: str | None, volunteer: str | None, lang: str, reader: str
) -> list[str]:
    """The plan's reasons, all of them or those about one order, one volunteer, or one pair of them."""
    proposals = [one for one in plan.proposals if order in (None, one.order) and volunteer in (None, one.volunteer)]
    lines = [line for one in proposals for line in _proposal(one, lang, reader)]
    if volunteer is None:
        for unplaced in plan.unplaced:
            if order in (None, unplaced.order):
                lines.append(unplaced.order)
                lines.extend(INDENT + sentence for sentence in unplaced_words(unplaced, lang, reader))
    elif order is not None and not proposals:
        lines.append(f"{order} {volunteer}")
        lines.extend(INDENT + sentence for sentence in conflict_words(judge(problem, order, volunteer), lang))
    return lines


def _proposal(one: Proposal, lang: str, reader: str) -> Iterator[str]:
    yield f"{one.order} → {one.volunteer}"
    for sentence in words(one, lang, reader):
        yield INDENT + sentence
