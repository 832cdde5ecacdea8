"""The ticking: late, twice, after a stop, with a row that fails."""

from __future__ import annotations

from datetime import timedelta

from app.dispatching import timers, wake
from app.kernel import clock
from app.kernel.clock import now
from app.kernel.transaction import command
from app.people import sessions
from app.serving import service as serving
from models import AuthSession, Event, IdempotencyKey, Order, db
from models.states import ORDER_LIVE
from tests.dispatching.helpers import dispatched, fresh, kinds, live, offers, one_at_a_time


def test_a_stopped_server_forgets_nothing(world):
    """Every clock of the loop runs out while nobody ticks; one tick after the start does all of it."""
    one_at_a_time(world)
    world.volunteer("甲", north_km=0.2)
    helper = world.volunteer("乙", north_km=0.3)
    offered = world.open_order(starts=now() + timedelta(days=5))
    dispatched()
    submitted = world.open_order(approve=False)
    lost = world.open_order(item="bathing", starts=now() + timedelta(hours=2))
    promised = world.open_order(item="errand", starts=now() + timedelta(hours=3), hours=1)
    serving.claim(promised.id, actor=helper)

    clock.advance(timedelta(days=2))
    db.session.expire_all()
    timers.tick()
    timers.tick()

    assert [one.status for one in offers(offered)] == ["expired"] and fresh(offered).status == "open"
    assert fresh(lost).status == "unfilled"
    assert kinds(submitted)[-1] == "order.late" and kinds(promised)[-1] == "order.late"
    overdue = db.session.query(Order).filter(Order.status.in_(ORDER_LIVE), Order.next_action_at <= now())
    assert overdue.all() == []


def test_ticking_twice_writes_nothing_twice(world):
    world.volunteer()
    order = world.open_order()
    dispatched()
    clock.advance(timedelta(hours=5))
    timers.tick()
    before = db.session.query(Event).count()
    timers.tick()
    timers.tick()
    assert db.session.query(Event).count() == before
    assert kinds(order).count("offer.expire") == 1


@command
def _break(order_id):
    """A row that its verb cannot handle: an item whose limits make no sense."""
    order = db.session.get(Order, order_id)
    order.item.limits = {"redispatch_seconds": "soon"}
    order.next_action_at = now()


def test_a_row_that_fails_is_left_alone_for_a_while_and_never_stops_the_others(world):
    broken, sound = world.open_order(item="errand"), world.open_order(item="escort")
    _break(broken.id)
    clock.advance(timedelta(minutes=2))

    assert timers.tick() is True

    assert fresh(broken).next_action_at > now()
    assert fresh(sound).next_action_at == now() + timedelta(seconds=60)


def test_the_sweep_forgets_sessions_and_keys_that_ran_out(world):
    sessions.issue(world.volunteer().account_id)
    _remember_key()
    timers.sweep()
    assert db.session.query(IdempotencyKey).count() == 1
    clock.advance(timedelta(days=120))
    timers.sweep()
    assert db.session.query(AuthSession).count() == 0
    assert db.session.query(IdempotencyKey).count() == 0


@command
def _remember_key():
    db.session.add(IdempotencyKey(actor_id="a", key="k", fingerprint="f", result_id="r", created_at=now()))


def test_what_happens_after_the_clock_was_set_back_is_not_taken_for_old(world):
    world.volunteer()
    with clock.fixed(now() + timedelta(hours=1)):
        dispatched()
    world.open_order(starts=now() + timedelta(hours=3))
    assert wake.overlooked()


def test_what_another_process_opened_is_found_within_a_second(world):
    assert wake.overlooked() is False
    world.volunteer()
    order = world.open_order()
    assert wake.overlooked() is True
    clock.advance(timedelta(seconds=1))
    dispatched()
    assert wake.overlooked() is False
    clock.advance(timedelta(seconds=1))
    serving.decline(live(order)[0].id, actor=_answering(order))
    assert wake.overlooked() is True


def _answering(order):
    from app.people.identity import actor_of

    return actor_of(live(order)[0].volunteer.account_id)
