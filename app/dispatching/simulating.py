"""An office's own recent weeks, read for the simulator (dispatch.simulate), and what it found, in lines of text.

Imported only when somebody asks: serving needs nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.dispatching import answering, people
from app.dispatching.districts import street_in, streets_of
from app.dispatching.hours import seconds
from app.dispatching.pace import Paces
from app.kernel.clock import local, now
from dispatch import OrderSpec
from dispatch.offering import Fitted
from dispatch.simulate import whatif
from dispatch.simulate.measures import Estimate
from dispatch.simulate.world import Placed
from models import Office, Order, ServiceItemSkill, Skill, Volunteer, VolunteerSkill, db

ANY = "any"
"""The kind of orders whose service item asks for no skill."""
PEOPLE, ANSWER = "people", "answer"
"""The two kinds of questions."""


def compared(
    office: Office, *, volunteers: int | None, mode: str, minutes: float | None, urgency: str, weeks: int, seeds: int
) -> Iterator[str]:
    """The office's weeks as they were and with so many more `volunteers` at its own place, or offers that stand so
    many `minutes`: a line for each figure. WhatIfError where there is nothing to play."""
    if volunteers is not None:
        change = whatif.more_volunteers(volunteers, office.lat, office.lon, mode=mode)
    else:
        change = whatif.answer_limit(float(minutes or 0), urgency)
    found = whatif.what_if(weeks_of(office, timedelta(weeks=weeks)), change, range(seeds))
    for name, before in found.before.items():
        sure = "" if found.sure(name) else "  (may be chance)"
        yield f"{name}: {_said(before)} → {_said(found.after[name])}, {_said(found.difference[name])}{sure}"
    yield f"{found.seeds} seeds; ± is the interval. Who would have answered is drawn anew, not known."


def posed(office: Office, asked: dict[str, Any]) -> tuple[whatif.Weeks, whatif.Question]:
    """The office's weeks and what is asked of them (schemas.WhatIfAsked); WhatIfError when the skill that the new
    people should have is asked for by no order."""
    weeks = weeks_of(office, timedelta(weeks=asked["weeks"]))
    if asked["kind"] == ANSWER:
        return weeks, whatif.Question(minutes=asked["minutes"], urgency=asked["urgency"])
    kinds = _kinds_for(weeks, asked["skill"]) if asked["skill"] else frozenset[str]()
    return weeks, whatif.Question(
        people=asked["people"], lat=office.lat, lon=office.lon, mode=asked["mode"], kinds=kinds
    )


def _kinds_for(weeks: whatif.Weeks, skill: str) -> frozenset[str]:
    """The kinds of orders that somebody with this one skill could take."""
    kinds = {one.kind for one in weeks.orders}
    if not any(skill in kind.split("+") for kind in kinds):
        raise whatif.WhatIfError(f"no order asks for {skill}")
    return frozenset(kind for kind in kinds if set(kind.split("+")) <= {skill, ANY})


def _said(one: Estimate) -> str:
    return f"{one.mean:.3g} ± {one.half:.2g}"


def weeks_of(office: Office, span: timedelta) -> whatif.Weeks:
    """The office's orders of the time before now, with its volunteers and their free hours as they are today.

    Who was on duty then is not kept: urgent orders are played as if those on duty now had been all the time.
    """
    until, begin = now(), now() - span
    orders = list(db.session.scalars(_orders(office, begin, until)))
    asks = _skills_of_items(orders)
    volunteers = _volunteers(office, orders, asks, begin, until)
    on_duty = tuple((one.id, seconds(begin), seconds(until)) for one in volunteers if one.on_duty)
    model, _version = answering.of_city(office.lineage[0])
    fitted = model if isinstance(model, Fitted) else None
    more: dict[str, Any] = {}
    if orders:
        paces = Paces()
        more = {"settings": paces.offering(orders[0]), "rules": paces.rules(orders[0])}
    streets = streets_of(office.lineage[0])
    placed = tuple(_placed(order, asks, street_in(order.office.lineage, streets)) for order in orders)
    share = fitted.mean_yes if fitted else answering.ASSUMED / 100
    return whatif.Weeks(
        seconds(begin), seconds(until), volunteers, placed, on_duty, acceptance=share, model=fitted, **more
    )


def _orders(office: Office, begin: datetime, until: datetime) -> Any:
    rows = select(Order).join(Office, Office.id == Order.office_id)
    mine = Office.path.startswith(office.path, autoescape=True)
    return rows.where(mine, Order.opened_at >= begin, Order.opened_at < until).order_by(Order.opened_at, Order.id)


def _placed(order: Order, asks: dict[str, frozenset[str]], street: str) -> Placed:
    slack = (order.window_until - order.duration - order.window_from).total_seconds()
    return Placed(
        placed=seconds(order.opened_at or order.created_at), kind=_kind(asks, order), lat=order.lat, lon=order.lon,
        street=street, urgency=str(order.urgency), start=seconds(order.window_from),
        duration=order.duration_minutes * 60, positions=order.positions_wanted, slack=max(0, int(slack)),
    )  # fmt: skip


def _kind(asks: dict[str, frozenset[str]], order: Order) -> str:
    return "+".join(sorted(asks.get(order.item_id or "", frozenset()))) or ANY


def _skills_of_items(orders: list[Order]) -> dict[str, frozenset[str]]:
    items = {order.item_id for order in orders if order.item_id}
    rows = select(ServiceItemSkill.item_id, Skill.code).join(Skill, Skill.id == ServiceItemSkill.skill_id)
    found: dict[str, set[str]] = defaultdict(set)
    for item_id, code in db.session.execute(rows.where(ServiceItemSkill.item_id.in_(items))):
        found[item_id].add(code)
    return {item_id: frozenset(codes) for item_id, codes in found.items()}


def _volunteers(
    office: Office, orders: list[Order], asks: dict[str, frozenset[str]], begin: datetime, until: datetime
) -> tuple[Any, ...]:
    """The office's people; their skills are the kinds of orders they could take."""
    kinds = {_kind(asks, order): asks.get(order.item_id or "", frozenset()) for order in orders}
    days = [(local(begin) + timedelta(days=n)).date() for n in range((until - begin).days + 8)]
    whose = (*people.of_city(office.path), ~Volunteer.is_paused)
    anywhere = tuple(_anywhere(order) for order in orders[:1])
    specs = people.volunteer_specs(whose, anywhere, days, until, by_hand=True, offers_count=False)
    own = _own_skills([one.id for one in specs])
    return tuple(
        replace(
            one, commitments=(), load=0.0, skills=frozenset(k for k, needed in kinds.items() if needed <= own[one.id])
        )
        for one in specs
    )


def _anywhere(order: Order) -> OrderSpec:
    begins = seconds(order.window_from)
    seconds_long = order.duration_minutes * 60
    return OrderSpec(order.id, order.lat, order.lon, begins, begins + seconds_long, seconds_long)


def _own_skills(ids: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = select(VolunteerSkill.volunteer_id, Skill.code).join(Skill, Skill.id == VolunteerSkill.skill_id)
    held = rows.where(VolunteerSkill.volunteer_id.in_(ids), VolunteerSkill.verified_at.is_not(None))
    for volunteer_id, code in db.session.execute(held):
        found[volunteer_id].add(code)
    return found
