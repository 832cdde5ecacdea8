"""The state machine as tables: statuses, moves, and which move leads from where to where. Stdlib only.

Each `*_MOVES` maps a move to (the statuses it may start from, the status it ends in). The one writer of a status is
`app.kernel.lifecycle.move`; the database repeats the statuses in CHECKs and the live ones in partial unique indexes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class OrderStatus(StrEnum):
    SUBMITTED = "submitted"  # 待审核
    RETURNED = "returned"  # 已退回
    REJECTED = "rejected"  # 已拒绝
    MERGED = "merged"  # 已合并
    TRANSFERRED = "transferred"  # 已转办
    OPEN = "open"  # 待派单
    OFFERING = "offering"  # 派单中
    STAFFED = "staffed"  # 已接单
    SERVING = "serving"  # 服务中
    SERVED = "served"  # 待评价
    RATED = "rated"  # 已评价
    CLOSED = "closed"  # 已办结
    UNFILLED = "unfilled"  # 无人接单
    CANCELLED = "cancelled"  # 已取消
    NO_SHOW = "no_show"  # 未到场
    REOPENED = "reopened"  # 已重开
    DISPUTED = "disputed"  # 申诉中


class OrderMove(StrEnum):
    RETURN = "return"
    RESUBMIT = "resubmit"
    REJECT = "reject"
    MERGE = "merge"
    TRANSFER = "transfer"
    RECEIVE = "receive"
    APPROVE = "approve"
    OFFER = "offer"
    WAIT = "wait"
    STAFF = "staff"
    UNSTAFF = "unstaff"
    GIVE_UP = "give_up"
    RETRY = "retry"
    START = "start"
    FINISH = "finish"
    RATE = "rate"
    CLOSE = "close"
    CANCEL = "cancel"
    MISS = "miss"
    REOPEN = "reopen"
    DISPUTE = "dispute"
    RESOLVE = "resolve"


class OfferStatus(StrEnum):
    SENT = "sent"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class OfferMove(StrEnum):
    SEE = "see"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


class AssignmentStatus(StrEnum):
    ACCEPTED = "accepted"
    ON_THE_WAY = "on_the_way"
    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    CONFIRMED = "confirmed"
    HANDED_BACK = "handed_back"  # by the volunteer, told in time
    CANCELLED = "cancelled"  # by the resident or the office
    NO_SHOW = "no_show"


class AssignmentMove(StrEnum):
    DEPART = "depart"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    CONFIRM = "confirm"
    HAND_BACK = "hand_back"
    CANCEL = "cancel"
    MISS = "miss"


Moves = Mapping[StrEnum, tuple[frozenset[StrEnum], StrEnum]]


def _table(*rows: tuple[StrEnum, tuple[StrEnum, ...], StrEnum]) -> Moves:
    return {move: (frozenset(before), after) for move, before, after in rows}


_S = OrderStatus
ORDER_MOVES: Moves = _table(
    (OrderMove.RETURN, (_S.SUBMITTED,), _S.RETURNED),
    (OrderMove.RESUBMIT, (_S.RETURNED,), _S.SUBMITTED),
    (OrderMove.REJECT, (_S.SUBMITTED, _S.RETURNED), _S.REJECTED),
    (OrderMove.MERGE, (_S.SUBMITTED, _S.RETURNED, _S.OPEN, _S.OFFERING, _S.UNFILLED), _S.MERGED),
    (OrderMove.TRANSFER, (_S.SUBMITTED, _S.OPEN, _S.UNFILLED), _S.TRANSFERRED),
    (OrderMove.RECEIVE, (_S.TRANSFERRED,), _S.SUBMITTED),
    (OrderMove.APPROVE, (_S.SUBMITTED, _S.REOPENED), _S.OPEN),
    (OrderMove.OFFER, (_S.OPEN,), _S.OFFERING),
    (OrderMove.WAIT, (_S.OFFERING,), _S.OPEN),
    (OrderMove.STAFF, (_S.OPEN, _S.OFFERING, _S.UNFILLED), _S.STAFFED),
    (OrderMove.UNSTAFF, (_S.STAFFED,), _S.OPEN),
    (OrderMove.GIVE_UP, (_S.OPEN, _S.OFFERING), _S.UNFILLED),
    (OrderMove.RETRY, (_S.UNFILLED,), _S.OPEN),
    (OrderMove.START, (_S.OPEN, _S.OFFERING, _S.STAFFED, _S.UNFILLED), _S.SERVING),
    (OrderMove.FINISH, (_S.SERVING,), _S.SERVED),
    (OrderMove.RATE, (_S.SERVED,), _S.RATED),
    (OrderMove.CLOSE, (_S.SERVED, _S.RATED, _S.NO_SHOW, _S.UNFILLED), _S.CLOSED),
    (
        OrderMove.CANCEL,
        (
            _S.SUBMITTED,
            _S.RETURNED,
            _S.OPEN,
            _S.OFFERING,
            _S.STAFFED,
            _S.UNFILLED,
            _S.REOPENED,
            _S.TRANSFERRED,
        ),
        _S.CANCELLED,
    ),
    (OrderMove.MISS, (_S.STAFFED, _S.SERVING), _S.NO_SHOW),
    (OrderMove.REOPEN, (_S.SERVED, _S.RATED, _S.CLOSED, _S.NO_SHOW, _S.DISPUTED), _S.REOPENED),
    (OrderMove.DISPUTE, (_S.SERVED, _S.RATED, _S.CLOSED, _S.NO_SHOW), _S.DISPUTED),
    (OrderMove.RESOLVE, (_S.DISPUTED,), _S.CLOSED),
)

_O = OfferStatus
_LIVE_OFFER = (_O.SENT, _O.SEEN)
OFFER_MOVES: Moves = _table(
    (OfferMove.SEE, (_O.SENT,), _O.SEEN),
    (OfferMove.ACCEPT, _LIVE_OFFER, _O.ACCEPTED),
    (OfferMove.DECLINE, _LIVE_OFFER, _O.DECLINED),
    (OfferMove.EXPIRE, _LIVE_OFFER, _O.EXPIRED),
    (OfferMove.WITHDRAW, _LIVE_OFFER, _O.WITHDRAWN),
)

_A = AssignmentStatus
ASSIGNMENT_MOVES: Moves = _table(
    (AssignmentMove.DEPART, (_A.ACCEPTED,), _A.ON_THE_WAY),
    (AssignmentMove.CHECK_IN, (_A.ACCEPTED, _A.ON_THE_WAY), _A.CHECKED_IN),
    (AssignmentMove.CHECK_OUT, (_A.CHECKED_IN,), _A.CHECKED_OUT),
    (AssignmentMove.CONFIRM, (_A.CHECKED_OUT,), _A.CONFIRMED),
    (AssignmentMove.HAND_BACK, (_A.ACCEPTED, _A.ON_THE_WAY), _A.HANDED_BACK),
    (AssignmentMove.CANCEL, (_A.ACCEPTED, _A.ON_THE_WAY), _A.CANCELLED),
    (AssignmentMove.MISS, (_A.ACCEPTED, _A.ON_THE_WAY), _A.NO_SHOW),
)

ORDER_SEEKING = frozenset({_S.OPEN, _S.OFFERING})
"""Still looking for volunteers."""
ORDER_CLAIMABLE = ORDER_SEEKING | {_S.UNFILLED}
ORDER_FINAL = frozenset({_S.REJECTED, _S.MERGED, _S.CANCELLED, _S.CLOSED})
ORDER_MAY_SLEEP = ORDER_FINAL | {_S.UNFILLED, _S.NO_SHOW, _S.DISPUTED}
"""Statuses that may go without a timer: only a person moves them on."""
ORDER_LIVE = frozenset(OrderStatus) - ORDER_FINAL
OFFER_LIVE = frozenset(_LIVE_OFFER)
ASSIGNMENT_HOLDING = frozenset({_A.ACCEPTED, _A.ON_THE_WAY, _A.CHECKED_IN, _A.CHECKED_OUT, _A.CONFIRMED})
"""Assignments that fill their position (past ones included)."""
ASSIGNMENT_BUSY = frozenset({_A.ACCEPTED, _A.ON_THE_WAY, _A.CHECKED_IN})
"""Assignments whose time is still taken: these may not overlap for one volunteer."""
ASSIGNMENT_TO_COME = frozenset({_A.ACCEPTED, _A.ON_THE_WAY})
"""Nobody has arrived: may still be handed back, taken off, or given to somebody else."""


class IllegalMove(Exception):
    """The table knows no such move from this status."""

    def __init__(self, before: str, move: str) -> None:
        super().__init__(f"no move {move!r} from {before!r}")
        self.before, self.move = before, move


def next_status(moves: Moves, before: str, move: StrEnum) -> StrEnum:
    """The status that `move` leads to from `before`; raises IllegalMove where the table has no such step."""
    allowed, after = moves[move]
    if before not in allowed:
        raise IllegalMove(before, move)
    return after


def moves_from(moves: Moves, status: str) -> frozenset[StrEnum]:
    """All moves that may start from a status; the same table draws the buttons."""
    return frozenset(move for move, (before, _) in moves.items() if status in before)
