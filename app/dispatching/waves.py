"""Whom a run asks: the matching places one person for each open position, and every order's wave asks as many of the
next ranked people as its chance of a yes needs (dispatch.offering). Nobody is asked for two orders by one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.dispatching import answering
from app.dispatching.alerts import histories, offered
from app.dispatching.cases import Seen, digest_of, note_of
from app.dispatching.frozen import fold_plain, unfold_plain
from app.dispatching.hours import GENEROUS, METRES_A_DEGREE
from app.dispatching.judging import Fit
from dispatch import Plan, Problem, Weights, rankings
from dispatch.offering import (
    AnswerModel,
    Case,
    Offered,
    Offering,
    Pending,
    Step,
    Willing,
    last_turn,
    next_step,
)  # fmt: skip
from dispatch.plan import Candidate

MOST_RANKED = 60
"""So many people of one order are looked at; a wave asks far fewer."""
CITY_SIZE = 3_000
"""With more volunteers only those near some order are ranked."""


@dataclass(frozen=True)
class Ask:
    """Put the order to this volunteer, at this time and place."""

    volunteer_id: str
    place: Fit


@dataclass(frozen=True)
class Wave:
    """The next step of one order: whom it asks, and what is noted of it. `message` names the digest it goes out in."""

    order_id: str
    asks: list[Ask]
    asking: dict[str, Any]
    message: str = ""


@dataclass
class Waves:
    """All steps of a run, with all they rest on: asking again gives the same (replay.py)."""

    model: int
    waves: list[Wave] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Folded JSON, for the run."""
        return {"model": self.model, **fold_plain(self.questions)}


def decide(problem: Problem, seen: dict[str, Seen], plan: Plan, weights: Weights, *, seed: int, city_id: str) -> Waves:
    """The wave of every order in the question, the weightiest first. Reads histories, writes nothing."""
    model, version = answering.of_city(city_id)
    found = Waves(version)
    if not seen:
        return found
    ranked = rankings(_near(problem), list(seen), MOST_RANKED, weights=weights, seed=seed)
    reserved = {one.volunteer: one.order for one in plan.proposals}
    moment = datetime.fromtimestamp(problem.now, UTC)
    known = histories(sorted({one.volunteer for rows in ranked.values() for one in rows}), moment)
    load = {one.id: one.load for one in problem.volunteers}
    taken: set[str] = set()
    for spec in sorted(problem.orders, key=lambda one: (-one.priority, one.window_start, one.id)):
        one = seen[spec.id]
        rows = {
            row.volunteer: row
            for row in ranked[spec.id]
            if row.volunteer not in taken and reserved.get(row.volunteer, spec.id) == spec.id
        }
        people = [_willing(row, one, known.get(name, []), load[name], moment) for name, row in rows.items()]
        step = ask(one.case, people, model, one.settings, problem.now)
        taken.update(step.ask)
        found.waves.append(
            Wave(
                spec.id, [Ask(name, Fit.of(rows[name])) for name in step.ask], note_of(step, one, problem.now),
                digest_of(problem.now, one.rules) if one.order.urgency == "planned" else "",
            )
        )  # fmt: skip
        found.questions.append(_question(one, people, step, problem.now))
    return found


def ask(case: Case, people: Sequence[Willing], model: AnswerModel, settings: Offering, now: int) -> Step:
    """The policy's next step, with these people and no others."""
    return next_step(case, lambda: people, model, settings, now)


def _willing(row: Candidate, one: Seen, alerts: Sequence[Any], load: float, moment: datetime) -> Willing:
    place = Fit.of(row)
    features = offered(one.order, alerts, distance_m=row.distance_m, starts_at=place.starts_at, moment=moment)
    return Willing(row.volunteer, row.cost, last_turn(alerts, wanted=False), load, features)


def _near(problem: Problem) -> Problem:
    """In a large city, the same question with the people who live near enough to some order."""
    if len(problem.volunteers) <= CITY_SIZE:
        return problem
    near = tuple(
        one
        for one in problem.volunteers
        if any(
            abs(one.lat - order.lat) <= one.radius_m * GENEROUS / METRES_A_DEGREE
            and abs(one.lon - order.lon) <= 4 * one.radius_m * GENEROUS / METRES_A_DEGREE
            for order in problem.orders
        )
    )
    return replace(problem, volunteers=near)


def _question(one: Seen, people: list[Willing], step: Step, now: int) -> dict[str, Any]:
    pace = asdict(one.settings.pace(one.case.urgency))
    settings = {"paces": {one.case.urgency: pace}, "mode": str(one.settings.mode), "tolerance": one.settings.tolerance}
    return {
        "case": asdict(one.case), "people": [asdict(person) for person in people], "settings": settings, "now": now,
        "step": asdict(step),
    }  # fmt: skip


def again(kept: dict[str, Any], city_id: str) -> list[tuple[str, Any, Any]]:
    """Every step of a stored run made anew: (order, as it was, as it is now), in plain JSON."""
    model = answering.version_of(city_id, kept["model"])
    found = []
    for question in unfold_plain(kept):
        case, people = question["case"], [_person(one) for one in question["people"]]
        pending = tuple(Pending(one["id"], one["at"], Offered(**one["offered"])) for one in case["pending"])
        settings = Offering.from_dict(question["settings"])
        step = ask(Case(**{**case, "pending": pending}), people, model, settings, question["now"])
        found.append((case["id"], question["step"], {**asdict(step), "ask": list(step.ask), "why": str(step.why)}))
    return found


def _person(one: dict[str, Any]) -> Willing:
    return Willing(**{**one, "offered": Offered(**one["offered"])})
