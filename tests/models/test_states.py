"""The tables of moves: what may follow what, walked at random and held against the database's own checks."""

from hypothesis import given
from hypothesis import strategies as st

from models.kinds import event_of
from models.states import (
    ASSIGNMENT_BUSY,
    ASSIGNMENT_HOLDING,
    ASSIGNMENT_MOVES,
    OFFER_LIVE,
    OFFER_MOVES,
    ORDER_FINAL,
    ORDER_MAY_SLEEP,
    ORDER_MOVES,
    AssignmentStatus,
    IllegalMove,
    OfferStatus,
    OrderMove,
    OrderStatus,
    moves_from,
    next_status,
)

MACHINES = [
    (ORDER_MOVES, OrderStatus, OrderStatus.SUBMITTED),
    (OFFER_MOVES, OfferStatus, OfferStatus.SENT),
    (ASSIGNMENT_MOVES, AssignmentStatus, AssignmentStatus.ACCEPTED),
]


@given(st.sampled_from(MACHINES), st.lists(st.integers(0, 30), max_size=30))
def test_any_walk_along_the_table_stays_inside_it(machine, choices):
    moves, statuses, status = machine
    for choice in choices:
        allowed = sorted(moves_from(moves, status))
        if not allowed:
            break
        status = next_status(moves, status, allowed[choice % len(allowed)])
        assert status in set(statuses)


@given(st.sampled_from(MACHINES), st.data())
def test_a_move_the_table_does_not_know_is_refused(machine, data):
    moves, statuses, _ = machine
    status, move = data.draw(st.sampled_from(list(statuses))), data.draw(st.sampled_from(list(moves)))
    if move in moves_from(moves, status):
        assert next_status(moves, status, move) in set(statuses)
    else:
        try:
            next_status(moves, status, move)
        except IllegalMove as error:
            assert error.before == status
        else:
            raise AssertionError("an unknown move was taken")


def test_every_status_can_be_reached():
    for moves, statuses, start in MACHINES:
        seen, todo = {start}, [start]
        while todo:
            status = todo.pop()
            for move in moves_from(moves, status):
                after = next_status(moves, status, move)
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        assert seen == set(statuses)


def test_every_move_writes_a_kind_of_event():
    for moves, _, _ in MACHINES:
        for move in moves:
            assert event_of(move)


def test_an_order_passes_every_step_between_open_and_closed():
    path = [OrderMove.APPROVE, OrderMove.OFFER, OrderMove.STAFF, OrderMove.START, OrderMove.FINISH, OrderMove.RATE]
    status = OrderStatus.SUBMITTED
    for step in path:
        assert OrderMove.CLOSE not in moves_from(ORDER_MOVES, status) or status == OrderStatus.SERVED
        status = next_status(ORDER_MOVES, status, step)
    assert next_status(ORDER_MOVES, status, OrderMove.CLOSE) == OrderStatus.CLOSED


def test_only_orders_that_wait_for_a_person_may_go_without_a_timer():
    for status in ORDER_MAY_SLEEP:
        assert status in ORDER_FINAL or status in {OrderStatus.UNFILLED, OrderStatus.NO_SHOW, OrderStatus.DISPUTED}


def test_live_offers_can_end_in_every_way():
    ends = {OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.EXPIRED, OfferStatus.WITHDRAWN}
    for status in OFFER_LIVE:
        assert ends <= {next_status(OFFER_MOVES, status, move) for move in moves_from(OFFER_MOVES, status)}


def test_busy_assignments_hold_their_position():
    assert ASSIGNMENT_BUSY < ASSIGNMENT_HOLDING
