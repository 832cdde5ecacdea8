"""What became of the made-up orders: each fate takes a placed order to one state and leaves it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.demo.crew import Pick
from app.demo.tale import Tale
from models import AvailabilityException, db

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
        by = min(before, offer.expires_at)
        if tale.random.random() < 0.7:
            tale.see(offer, pick, _soon(tale, 0.3, 9, by))
        tale.accept(offer, pick, _soon(tale, 0.5, 25, by))


def _ask_in_vain(tale: Tale, unwilling: Sequence[Pick], before: datetime) -> None:
    for pick in unwilling:
        offer = tale.offer(pick, tale.moment + timedelta(seconds=tale.random.randint(1, 50)))
        lapses = offer.expires_at < tale.moment + (before - tale.moment) * 0.3
        if lapses and tale.random.random() < 0.4:
            tale.expire(offer)
        else:
            by = min(before, offer.expires_at)
            tale.see(offer, pick, _soon(tale, 0.3, 9, by))
            tale.decline(offer, pick, _soon(tale, 0.5, 20, by))


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
        tale.accept(offer, pick, _soon(tale, 0.5, 6, offer.expires_at))
        db.session.add(
            AvailabilityException(
                volunteer_id=pick.helper.id, is_available=True, reason="临时有空",
                starts_at=starts_at - timedelta(hours=1), ends_at=ends_at + timedelta(hours=1),
            )
        )  # fmt: skip
    _come(tale, now)


def served(tale: Tale, now: datetime) -> None:
    """Done, and waiting for a rating; asked for as often as was due by now."""
    staffed(tale, now)
    _come(tale, now)
    leaves = tale.plan.span[1] + _minutes(tale, -12, 8)
    for number, (assignment, helper) in enumerate(tale.assignments):
        tale.check_out(assignment, helper, leaves + timedelta(minutes=number))
    if tale.random.random() < 0.4:
        tale.volunteers_word(*tale.assignments[0], tale.moment + _minutes(tale, 5, 60))
    for minutes in (120, 4320):
        due = (tale.order.served_at or now) + timedelta(minutes=minutes, seconds=20)
        if due < now:
            tale.ask_for_rating(due)


def _rated(tale: Tale, now: datetime, stars: int) -> None:
    ends_at = tale.plan.span[1]
    said = min(ends_at + _minutes(tale, 10, 60 * tale.random.choice((1, 1, 4, 30, 70))), now - timedelta(minutes=10))
    served(tale, said)
    tale.rate(stars, said)


def content(tale: Tale, now: datetime) -> None:
    _rated(tale, now, stars=3)


def complained(tale: Tale, now: datetime) -> None:
    """A bad mark that nobody has looked into yet."""
    _rated(tale, now, stars=1)


def closed(tale: Tale, now: datetime) -> None:
    """Rated and closed; the few complaints were looked into, and so were hours on the desk's word."""
    (stars,) = tale.random.choices((3, 2, 1), (86, 9, 5))
    _rated(tale, now, stars)
    tale.follow_up(_soon(tale, 60, 900, now))
    tale.approve_hours(_soon(tale, 60, 900, now))


def closed_unrated(tale: Tale, now: datetime) -> None:
    served(tale, now)
    tale.close_unrated((tale.order.served_at or now) + timedelta(days=7, seconds=30))


def disputed(tale: Tale, now: datetime) -> None:
    closed(tale, now)
    tale.dispute(_soon(tale, 60, 600, now))


def reopened(tale: Tale, now: datetime) -> None:
    _rated(tale, now - timedelta(hours=3), stars=2)
    tale.reopen(_soon(tale, 60, 600, now))


def no_show(tale: Tale, now: datetime) -> None:
    open_(tale, now)
    recruit(tale, now)
    tale.miss(tale.plan.span[1] + tale.plan.slack + _minutes(tale, 10, 90))


def cancelled(tale: Tale, now: datetime) -> None:
    open_(tale, now)
    if tale.random.random() < 0.5:
        recruit(tale, now)
    tale.cancel(_soon(tale, 20, 600, min(tale.plan.span[0], now)))


def unfilled(tale: Tale, now: datetime) -> None:
    """Those who were asked could not, nobody else fitted, and the window went by."""
    open_(tale, now)
    _ask_in_vain(tale, tale.candidates()[:2], min(tale.plan.span[0], now))
    tale.give_up(tale.plan.span[1] + tale.plan.slack)


def pressed(tale: Tale, now: datetime) -> None:
    """Nobody has been found for hours: the institute has it on its list too."""
    open_(tale, now)
    tale.note_unplaced()
    tale.escalate(_soon(tale, 120, 125, now))


def submitted(tale: Tale, now: datetime) -> None:
    tale.place()


def returned(tale: Tale, now: datetime) -> None:
    tale.place()
    tale.send_back(_soon(tale, 10, 240, now))


def rejected(tale: Tale, now: datetime) -> None:
    tale.place()
    tale.reject(_soon(tale, 10, 400, now))


def transferred(tale: Tale, now: datetime) -> None:
    tale.place()
    tale.hand_on(_soon(tale, 10, 90, now))


def looking(tale: Tale, now: datetime) -> None:
    """Open, and nobody has been asked yet."""
    open_(tale, now)


def offering(tale: Tale, now: datetime) -> None:
    """Offers are out and stand for a while yet; on larger orders some have said yes already."""
    open_(tale, now - timedelta(minutes=4))
    picks = tale.candidates()[: tale.plan.positions]
    offers = [(tale.offer(pick, now - _minutes(tale, 3, 4)), pick) for pick in picks]
    ready = tale.random.randint(0, len(offers) - 1)
    for number, (offer, pick) in enumerate(offers):
        if tale.random.random() < 0.5 or number < ready:
            tale.see(offer, pick, tale.moment + timedelta(seconds=tale.random.randint(1, 8)))
        if number < ready:
            tale.accept(offer, pick, tale.moment + timedelta(seconds=tale.random.randint(1, 8)))
