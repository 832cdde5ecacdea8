"""What became of the made-up orders: each fate takes a placed order to one state and leaves it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.demo import phrases
from app.demo.crew import Pick
from app.demo.tale import Tale
from models import AvailabilityException, db
from models.kinds import NoticeKind
from models.states import OrderMove

Fate = Callable[[Tale, datetime], None]


def _minutes(tale: Tale, least: float, most: float) -> timedelta:
    return timedelta(minutes=tale.random.uniform(least, most))


def _soon(tale: Tale, least: float, most: float, by: datetime) -> datetime:
    """Some minutes after the last step, but never after most of the time until `by` has gone."""
    return min(tale.moment + _minutes(tale, least, most), tale.moment + (by - tale.moment) * 0.4)


def open_(tale: Tale, now: datetime) -> None:
    tale.place()
    tale.approve(_soon(tale, 5, 200, min(tale.plan.span[0], now)))


def recruit(tale: Tale, now: datetime, leave_free: int = 0) -> None:
    """Offer until all positions but `leave_free` are taken; some decline or let it pass first."""
    before = min(tale.plan.span[0], now)
    wanted = tale.plan.positions - leave_free
    nearest = tale.candidates()[: 3 * wanted + 4]
    tale.random.shuffle(nearest)
    unwilling = nearest[wanted:][: tale.random.choice((0, 0, 0, 1, 1, 2))]
    _ask_in_vain(tale, unwilling, before)
    offers = [(tale.offer(pick, tale.moment + timedelta(seconds=2)), pick) for pick in nearest[:wanted]]
    for offer, pick in offers:
        if tale.random.random() < 0.7:
            tale.see(offer, pick, _soon(tale, 0.3, 9, before))
        tale.accept(offer, pick, _soon(tale, 0.5, 25, before))


def _ask_in_vain(tale: Tale, unwilling: Sequence[Pick], before: datetime) -> None:
    for pick in unwilling:
        offer = tale.offer(pick, tale.moment + timedelta(seconds=tale.random.randint(1, 50)))
        lapses = offer.expires_at < tale.moment + (before - tale.moment) * 0.3
        if lapses and tale.random.random() < 0.4:
            tale.expire(offer)
        else:
            tale.see(offer, pick, _soon(tale, 0.3, 9, before))
            tale.decline(offer, pick, _soon(tale, 0.5, 20, before))


def staffed(tale: Tale, now: datetime) -> None:
    open_(tale, now)
    recruit(tale, now)
    if tale.random.random() < 0.08 and tale.candidates():
        tale.hand_back(_soon(tale, 10, 300, min(tale.plan.span[0], now)))
        recruit(tale, now, leave_free=len(tale.assignments))


def _come(tale: Tale, now: datetime) -> None:
    """Everybody sets out and arrives, the nearest last to leave."""
    starts_at = min(tale.plan.span[0], now - timedelta(minutes=6))
    steps: list[tuple[datetime, Callable[..., None], tuple[object, ...]]] = []
    for assignment, helper in tale.assignments:
        arrives = starts_at + _minutes(tale, -9, 5)
        steps.append((arrives - _minutes(tale, 8, 25), tale.depart, (assignment, helper)))
        steps.append((arrives, tale.check_in, (assignment, helper)))
    for moment, step, who in sorted(steps, key=lambda one: one[0]):
        step(*who, moment)


def serving(tale: Tale, now: datetime) -> None:
    """Under way at this moment, whatever the hour: whoever came has said that they are free."""
    open_(tale, now)
    starts_at, ends_at = tale.plan.span
    for pick in tale.crew.fitting(tale.plan.need, tale.plan.span, any_hour=True)[: tale.plan.positions]:
        offer = tale.offer(pick, tale.moment + timedelta(seconds=2))
        tale.accept(offer, pick, _soon(tale, 0.5, 6, starts_at))
        db.session.add(
            AvailabilityException(
                volunteer_id=pick.helper.id, is_available=True, reason="临时有空",
                starts_at=starts_at - timedelta(hours=1), ends_at=ends_at + timedelta(hours=1),
            )
        )  # fmt: skip
    _come(tale, now)


def served(tale: Tale, now: datetime) -> None:
    staffed(tale, now)
    _come(tale, now)
    leaves = tale.plan.span[1] + _minutes(tale, -12, 8)
    for number, (assignment, helper) in enumerate(tale.assignments):
        tale.check_out(assignment, helper, leaves + timedelta(minutes=number))
    if tale.random.random() < 0.4:
        tale.volunteers_word(*tale.assignments[0], tale.moment + _minutes(tale, 5, 60))
    _ask(tale, now)


def _ask(tale: Tale, until: datetime) -> None:
    """The reminders that were due by then."""
    for minutes in (120, 4320):
        due = (tale.order.served_at or until) + timedelta(minutes=minutes, seconds=20)
        if due < until:
            tale.ask_for_rating(due)


def _rated(tale: Tale, now: datetime, stars: int) -> None:
    ends_at = tale.plan.span[1]
    said = min(ends_at + _minutes(tale, 10, 60 * tale.random.choice((1, 1, 4, 30, 70))), now - timedelta(minutes=10))
    served(tale, said)
    tale.rate(stars, said)


def rated(tale: Tale, now: datetime) -> None:
    _rated(tale, now, tale.random.choices((3, 2, 1), (86, 9, 5))[0])


def closed(tale: Tale, now: datetime) -> None:
    rated(tale, now)
    tale.close(tale.moment + _minutes(tale, 0.1, 1), "rated")


def content(tale: Tale, now: datetime) -> None:
    _rated(tale, now, stars=3)
    tale.close(tale.moment + _minutes(tale, 0.1, 1), "rated")


def closed_unrated(tale: Tale, now: datetime) -> None:
    served(tale, now)
    tale.close((tale.order.served_at or now) + timedelta(days=7, seconds=30), "unrated")


def disputed(tale: Tale, now: datetime) -> None:
    _rated(tale, now, stars=1)
    tale.turn(OrderMove.DISPUTE, tale.moment + _minutes(tale, 1, 8), tale.random.choice(phrases.DISPUTES))


def reopened(tale: Tale, now: datetime) -> None:
    _rated(tale, now - timedelta(hours=3), stars=2)
    tale.close(tale.moment + _minutes(tale, 0.1, 1), "rated")
    tale.reopen(max(tale.moment, now - timedelta(hours=2)), tale.random.choice(phrases.REOPENS))


def no_show(tale: Tale, now: datetime) -> None:
    open_(tale, now)
    recruit(tale, now)
    tale.miss(tale.plan.span[1] + _minutes(tale, 10, 90))


def cancelled(tale: Tale, now: datetime) -> None:
    open_(tale, now)
    if tale.random.random() < 0.5:
        recruit(tale, now)
    tale.cancel(_soon(tale, 20, 600, min(tale.plan.span[0], now)), tale.random.choice(phrases.CANCELS))


def unfilled(tale: Tale, now: datetime) -> None:
    """Those who were asked could not; nobody else fits."""
    open_(tale, now)
    before = min(tale.plan.span[0], now)
    _ask_in_vain(tale, tale.candidates()[:2], before)
    tale.give_up(before - timedelta(minutes=5))


def lapsed(tale: Tale, now: datetime) -> None:
    """Unfilled, and the window went by: closed by the desk after a call."""
    unfilled(tale, now)
    tale.close(tale.plan.span[1] + _minutes(tale, 30, 300), "window_over")


def submitted(tale: Tale, now: datetime) -> None:
    tale.place()


def returned(tale: Tale, now: datetime) -> None:
    tale.place()
    reason = tale.random.choice(phrases.RETURNS)
    tale.turn(OrderMove.RETURN, _soon(tale, 10, 240, now), reason, NoticeKind.ORDER_RETURNED)


def rejected(tale: Tale, now: datetime) -> None:
    tale.place()
    reason = tale.random.choice(phrases.REJECTS)
    tale.turn(OrderMove.REJECT, _soon(tale, 10, 400, now), reason, NoticeKind.ORDER_REJECTED)


def transferred(tale: Tale, now: datetime) -> None:
    tale.place()
    tale.hand_on(_soon(tale, 10, 90, now), tale.random.choice(phrases.TRANSFERS))


def looking(tale: Tale, now: datetime) -> None:
    """Open, and nobody has been asked yet."""
    open_(tale, now)
    if not tale.candidates():
        tale.order.unplaced = tale.unplaced()


def offering(tale: Tale, now: datetime) -> None:
    """Offers are out and stand for a while yet; on larger orders some have said yes already."""
    open_(tale, now - timedelta(minutes=4))
    wanted = tale.plan.positions
    picks = tale.candidates()[:wanted]
    offers = [(tale.offer(pick, now - _minutes(tale, 3, 4)), pick) for pick in picks]
    ready = tale.random.randint(0, len(offers) - 1)
    for number, (offer, pick) in enumerate(offers):
        if tale.random.random() < 0.5 or number < ready:
            tale.see(offer, pick, tale.moment + timedelta(seconds=tale.random.randint(1, 8)))
        if number < ready:
            tale.accept(offer, pick, tale.moment + timedelta(seconds=tale.random.randint(1, 8)))
