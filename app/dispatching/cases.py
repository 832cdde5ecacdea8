"""Orders as the policy of offers sees them (dispatch.offering.Case), and which of them want somebody asked now.

The last step of an order stands with it (`orders.asking`): it says when to look again, and the board reads it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.dispatching import answering, districts, needs
from app.dispatching.alerts import read_features
from app.dispatching.bans import redispatched
from app.dispatching.hours import seconds
from app.dispatching.pace import Paces
from app.kernel import locks
from app.kernel.clock import now as this_moment
from app.kernel.transaction import command
from dispatch.offering import AnswerModel, Case, Offering, Pending, Rules, Step, Why, Willing, next_digest, next_step
from dispatch.offering.budget import Held, is_quiet, quiet_ends
from models import DispatchRun, Event, Offer, Order, db
from models.kinds import EventKind, OfferOrigin, RunMode, Urgency
from models.states import OFFER_LIVE, ORDER_SEEKING, OfferStatus

BEGINS = (
    EventKind.ORDER_APPROVE, EventKind.ORDER_RETRY, EventKind.ORDER_UNSTAFF, EventKind.ORDER_AMEND,
    EventKind.ASSIGNMENT_HAND_BACK, EventKind.ASSIGNMENT_CANCEL, EventKind.ASSIGNMENT_MISS,
)  # fmt: skip
"""After these the asking begins anew: there is a place to fill that was not there before, or another order."""
DIGEST_SECONDS = 15 * 60
"""So long after its time a digest still goes out."""
RESTING = frozenset(map(str, (Why.WAIT, Why.FULL, Why.ASK, Held.QUIET, Held.DIGEST)))
"""After such a step nothing is to be done before its time, unless something happened."""


@dataclass(frozen=True)
class Seen:
    """One order with all that its next step rests on. `refused`: how many said no since the asking began."""

    order: Order
    case: Case
    settings: Offering
    rules: Rules
    refused: int = 0


class _SomebodyWanted(Exception):
    """The policy asks who could be asked."""


def _who() -> Sequence[Willing]:
    raise _SomebodyWanted


def look(orders: list[Order], moment: datetime) -> dict[str, Seen]:
    """The cases of these orders, in a handful of queries whatever their number."""
    ids = [order.id for order in orders]
    free, began, paces, asked = needs.free_positions(ids), _began(ids), Paces(), _offers(ids)
    boosts = districts.boosts_of(orders, moment)
    return {
        key: _seen(order, free.get(key, 0), began.get(key), asked.get(key, []), boosts[key], paces, moment)
        for key, order in zip(ids, orders, strict=True)
    }


def _seen(
    order: Order, free: int, began: datetime | None, offers: list[Any], boost: float, paces: Paces, moment: datetime
) -> Seen:
    """A place that a day plan has offered to somebody is left to them; nobody else is asked for it."""
    begun, rules = began or order.opened_at or order.created_at, paces.rules(order)
    live = [row for row in offers if row.status in OFFER_LIVE]
    others = [row for row in live if row.mode != RunMode.DAY]
    settings = paces.offering(order)
    first = _asked_first(others, moment - timedelta(minutes=settings.pace(order.urgency).wave_minutes))
    since = [row for row in offers if row.sent_at >= begun]
    refused = sum(row.status == OfferStatus.DECLINED for row in since)
    opened = _could_begin(order, seconds(begun), rules)
    before = order.asking or {}
    case = Case(
        id=order.id, urgency=str(order.urgency), needed=max(0, free - (len(live) - len(others)) - first), opened=opened,
        last_call=seconds(order.window_until - order.duration), asked_before=len(since), boost=round(boost, 4),
        pending=tuple(
            Pending(row.volunteer_id, seconds(row.sent_at), read_features(row.features, row, order.urgency))
            for row in others
        ),
        refusals=max(0, refused - before["refused"]) if before.get("opened") == opened else 0,
    )  # fmt: skip
    return Seen(order, case, settings, rules, refused)


def _asked_first(offers: list[Any], since: datetime) -> int:
    """Those whose yes came too late last time: for a wave's time nobody else is asked for the place they are put to."""
    return sum(row.origin == OfferOrigin.RESERVE and row.sent_at > since for row in offers)


def _could_begin(order: Order, begun: int, rules: Rules) -> int:
    """The promise's clock stands still in the quiet hours of the office, and until the digest."""
    if order.urgency == Urgency.URGENT:
        return begun
    awake = quiet_ends(begun, rules.quiet)
    return (next_digest(awake, rules) or awake) if _is_bundled(order, awake, rules) else awake


def _is_bundled(order: Order, at: int, rules: Rules) -> bool:
    notice = (seconds(order.window_from) - at) / 3600
    return bool(rules.digest) and order.urgency == Urgency.PLANNED and notice >= rules.digest_notice


def _began(ids: list[str]) -> dict[str, datetime]:
    rows = select(Event.order_id, func.max(Event.at)).where(Event.order_id.in_(ids), Event.kind.in_(BEGINS))
    found = {order_id: at for order_id, at in db.session.execute(rows.group_by(Event.order_id)) if order_id}
    afresh = redispatched(ids)
    return {key: max(found[key], afresh.get(key, found[key])) for key in found} | {
        key: at for key, at in afresh.items() if key not in found
    }


def _offers(ids: list[str]) -> dict[str, list[Any]]:
    columns = (
        Offer.order_id, Offer.volunteer_id, Offer.status, Offer.sent_at, Offer.answered_at, Offer.starts_at,
        Offer.distance_m, Offer.origin, Offer.features, DispatchRun.mode,
    )  # fmt: skip
    rows = select(*columns).outerjoin(DispatchRun, DispatchRun.id == Offer.run_id).where(Offer.order_id.in_(ids))
    found: dict[str, list[Any]] = defaultdict(list)
    for row in db.session.execute(rows.order_by(Offer.sent_at, Offer.id)):
        found[row.order_id].append(row)
    return found


def wanting(orders: list[Order], moment: datetime) -> tuple[dict[str, Seen], dict[str, dict[str, Any]]]:
    """Of these orders, those for which somebody is to be asked now; and what to note of others that were looked at."""
    model, at = answering.model_of(orders), seconds(moment)
    wanted, notes = {}, {}
    for key, one in look(orders, moment).items():
        if _rests(one.order.asking, one.case, at):
            continue
        step = _held_back(one, at) or _peek(one, model, at)
        if step is None:
            wanted[key] = one
        elif not _is_known(step, one):
            notes[key] = note_of(step, one, at)
    return wanted, notes


def _rests(asking: dict[str, Any] | None, case: Case, at: int) -> bool:
    """Nothing has happened since the last step, and its time has not come."""
    if not asking or asking["why"] not in RESTING or not asking.get("look_again"):
        return False
    same = asking["needed"] == case.needed and asking["asked"] == len(case.pending) and asking["opened"] == case.opened
    return same and not case.refusals and at < asking["look_again"]


def _is_known(step: Step, one: Seen) -> bool:
    """The order waits for nothing but an event, as it did at the last look."""
    before = one.order.asking or {}
    same = before.get("why") == str(step.why) and before.get("needed") == one.case.needed
    return step.look_again is None and same and before.get("opened") == one.case.opened


def _peek(one: Seen, model: AnswerModel, at: int) -> Step | None:
    """The next step if it needs nobody new; None when somebody is to be asked."""
    try:
        return next_step(one.case, _who, model, one.settings, at)
    except _SomebodyWanted:
        return None


def _held_back(one: Seen, at: int) -> Step | None:
    """Quiet hours of the office, and the digest: the whole order waits for its hour."""
    if one.order.urgency != Urgency.URGENT and is_quiet(at, one.rules.quiet):
        return Step(Held.QUIET, look_again=quiet_ends(at, one.rules.quiet))
    if not _is_bundled(one.order, at, one.rules) or digest_of(at, one.rules):
        return None
    return Step(Held.DIGEST, look_again=next_digest(at, one.rules))


def digest_of(at: int, rules: Rules) -> str:
    """The name of the digest that is going out at this moment; empty when none is."""
    begun = next_digest(at - DIGEST_SECONDS, rules)
    return f"digest-{begun}" if begun is not None and begun <= at else ""


def note_of(step: Step, one: Seen, at: int) -> dict[str, Any]:
    """What is kept of a step with its order: when it was made, what it found, and when the next look is due."""
    case, before = one.case, one.order.asking
    wave = int(before["wave"]) if before and before.get("opened") == case.opened else 0
    replaced = bool(wave and case.refusals and case.pending and len(step.ask) <= case.refusals)
    return {
        "why": str(step.why), "at": at, "look_again": step.look_again, "chance": round(step.chance, 4),
        "demanded": round(step.demanded, 4), "goal": round(step.goal, 4), "needed": case.needed,
        "asked": len(case.pending) + len(step.ask), "opened": case.opened, "refused": one.refused,
        "boost": case.boost, "wave": wave + (1 if step.ask and not replaced else 0),
    }  # fmt: skip


@command
def note_all(notes: dict[str, dict[str, Any]]) -> None:
    """Keep each order's last step, and look again when it asks for it, unless that is due sooner anyway. Orders that
    look for nobody any more are left alone."""
    for order_id in sorted(notes):
        order = locks.locked_order(order_id)
        if order.status not in ORDER_SEEKING:
            continue
        order.asking = notes[order_id]
        wished = when(notes[order_id]["look_again"])
        if wished is not None and order.next_action_at is not None and this_moment() < wished < order.next_action_at:
            order.next_action_at = wished


def when(epoch: int | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch else None


def waiting_orders(path: str) -> list[Order]:
    """Orders of the subtree for which runs ask people by themselves, and which can still be served."""
    moment = this_moment()
    return [order for order in needs.automatic(needs.seeking(path)) if needs.fits(order, moment)]
