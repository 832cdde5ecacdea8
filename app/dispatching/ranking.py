"""For the coordinator: who could be asked for one order, best first, and what keeps the others away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

import dispatch
from app.dispatching import needs, snapshot
from app.dispatching.judging import OWN_WISHES, Fit
from app.dispatching.runs import weights_of
from app.dispatching.wording import skill_names
from app.kernel.access import Actor
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.privacy.queries import volunteer_called
from dispatch import Ranking, VolunteerSpec
from models import Offer, Order, Volunteer, db
from models.states import OFFER_LIVE

MUCH_SERVED = 20 * 60
"""Minutes this month after which the desk is asked to spare somebody."""


@dataclass(frozen=True)
class Choice:
    """Somebody the coordinator may ask: why, and what to bear in mind. `name` is None outside the reader's subtree."""

    volunteer_id: str
    name: str | None
    office_name: str
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    travel_minutes: int
    reasons: list[str]
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Choices:
    """The best choices, how many fit in all, and how many each rule costs, in words."""

    rows: list[Choice]
    eligible: int
    lost: dict[str, int]
    words: list[str]
    nearly: list[str]

    def __iter__(self) -> Iterator[Choice]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def candidates(order_id: str, limit: int = 10, *, actor: Actor | None = None, lang: str = "zh") -> Choices:
    """Who could serve this order, best first by the city's own weights, whatever other orders need."""
    order = db.session.get(Order, order_id, options=[joinedload(Order.office), joinedload(Order.item)])
    if order is None:
        raise NotFound()
    if not needs.fits(order, now()):
        return Choices([], 0, {}, [], [])
    problem = snapshot.one_order(order)
    weights, _doubts = weights_of(snapshot.city_of(order))
    found = dispatch.candidates_for(problem, order.id, limit, weights=weights)
    specs = {spec.id: spec for spec in problem.volunteers}
    rows = _choices(found, specs, actor, lang)
    return Choices(rows, found.eligible, found.lost, _lost_words(order, found, lang), _nearly(found))


def _choices(found: Ranking, specs: dict[str, VolunteerSpec], actor: Actor | None, lang: str) -> list[Choice]:
    ids = [one.volunteer for one in found.candidates]
    rows = select(Volunteer).where(Volunteer.id.in_(ids)).options(joinedload(Volunteer.office))
    known = {row.id: row for row in db.session.scalars(rows)}
    out, names = _offers_out(ids), skill_names(lang)
    choices = []
    for one in found.candidates:
        place, volunteer = Fit.of(one), known[one.volunteer]
        name = volunteer.name if actor is None else volunteer_called(actor, volunteer) or None
        choices.append(
            Choice(
                volunteer.id, name, volunteer.office.name, place.starts_at,
                place.ends_at, place.distance_m, place.travel_minutes,
                dispatch.words(one.reasons, lang, "coordinator", names=names),
                _flags(specs[one.volunteer], out.get(one.volunteer, 0)),
            )
        )  # fmt: skip
    return choices


def _offers_out(volunteer_ids: list[str]) -> dict[str, int]:
    rows = select(Offer.volunteer_id, func.count().label("number")).where(
        Offer.volunteer_id.in_(volunteer_ids), Offer.status.in_(OFFER_LIVE)
    )
    return {row.volunteer_id: row.number for row in db.session.execute(rows.group_by(Offer.volunteer_id))}


def _flags(spec: VolunteerSpec, offers_out: int) -> list[str]:
    """What to bear in mind before asking, in the page's language."""
    found = {
        _("本月已服务 20 小时以上"): spec.load >= MUCH_SERVED,
        _("还有 %(count)s 个邀请没答复", count=offers_out): offers_out > 0,
    }
    return [word for word, holds in found.items() if holds]


def _lost_words(order: Order, found: Ranking, lang: str) -> list[str]:
    counted: dict[str, Any] = {
        "lost": found.lost, "bans": found.bans, "eligible": found.eligible, "verdict": "nobody_eligible",
        "open_positions": needs.free_positions([order.id]).get(order.id, 0),
    }  # fmt: skip
    return dispatch.unplaced_words(counted, lang)[:-1]


def _nearly(found: Ranking) -> list[str]:
    """Those whom only a wish of their own keeps away: a call may change that."""
    return sorted(volunteer for volunteer, rule in found.refused.items() if rule in OWN_WISHES - {"radius"})
