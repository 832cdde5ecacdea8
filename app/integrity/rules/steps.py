"""Orders, offers and their journal: every step written down, allowed, and in its time."""

from __future__ import annotations

from typing import Any

from app.integrity.rule import Invariant
from models.states import (
    ASSIGNMENT_MOVES,
    OFFER_MOVES,
    ORDER_MOVES,
    AssignmentMove,
    IllegalMove,
    OfferMove,
    OrderMove,
    next_status,
)

_TABLES: dict[str, tuple[str, Any, Any]] = {
    "orders": ("order.", ORDER_MOVES, OrderMove),
    "offer": ("offer.", OFFER_MOVES, OfferMove),
    "assignment": ("assignment.", ASSIGNMENT_MOVES, AssignmentMove),
}


def _is_unknown(row: Any) -> bool:
    """Whether the table of moves has no such step."""
    _subject, subject_type, kind, before, after = row
    noun, table, moves = _TABLES[subject_type]
    try:
        return bool(next_status(table, before, moves(kind.removeprefix(noun))) != after)
    except (ValueError, KeyError, IllegalMove):
        return True


def _unlike_last_event(table: str, label: str) -> str:
    """Rows whose status is not where their last step led."""
    return f"""SELECT {label} FROM {table} LEFT JOIN event ON event.subject_type = '{table}'
        AND event.subject_id = {table}.id AND event.after IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM event AS later WHERE later.subject_type = '{table}'
            AND later.subject_id = {table}.id AND later.after IS NOT NULL AND later.version > event.version)
        WHERE event.after IS NULL OR event.after <> {table}.status"""


INVARIANTS = (
    Invariant(
        "journal_with_gaps",
        5,
        "An order's events are numbered 1, 2, 3 … up to its version, and the first is its placing.",
        """SELECT orders.number FROM orders LEFT JOIN event ON event.order_id = orders.id
        GROUP BY orders.id, orders.number, orders.version
        HAVING count(event.number) <> orders.version OR max(event.version) <> orders.version
        OR min(event.version) <> 1
        OR sum(CASE WHEN event.version = 1 AND event.kind = 'order.place' THEN 1 ELSE 0 END) <> 1""",
    ),
    Invariant(
        "step_not_in_the_table",
        5,
        "Every step that was taken stands in the table of moves.",
        """SELECT min(subject_id), subject_type, kind, before, after FROM event
        WHERE before IS NOT NULL AND subject_type IN ('orders', 'offer', 'assignment')
        GROUP BY subject_type, kind, before, after ORDER BY subject_type, kind, before, after""",
        keep=_is_unknown,
        most=1000,
    ),
    Invariant(
        "step_from_elsewhere",
        5,
        "Every step begins in the status in which the step before it ended.",
        """SELECT subject_id FROM (SELECT subject_id, before,
            lag(after) OVER (PARTITION BY subject_type, subject_id ORDER BY version) AS reached
            FROM event WHERE after IS NOT NULL AND order_id IS NOT NULL) AS steps
        WHERE coalesce(before, '') <> coalesce(reached, '')""",
    ),
    Invariant(
        "order_unlike_its_journal",
        5,
        "An order's status is the one its last step led to.",
        _unlike_last_event("orders", "orders.number"),
    ),
    Invariant(
        "offer_unlike_its_journal",
        5,
        "An offer's status is the one its last step led to.",
        _unlike_last_event("offer", "offer.id"),
    ),
    Invariant(
        "assignment_unlike_its_journal",
        5,
        "An assignment's status is the one its last step led to.",
        _unlike_last_event("assignment", "assignment.id"),
    ),
    Invariant(
        "time_running_backwards",
        5,
        "The times of an order's events never run backwards.",
        """SELECT order_id FROM (SELECT order_id, at,
            lag(at) OVER (PARTITION BY order_id ORDER BY version) AS earlier
            FROM event WHERE order_id IS NOT NULL) AS steps WHERE at < earlier""",
    ),
    Invariant(
        "offer_past_its_time",
        6,
        "Every offer ends within a minute of its deadline.",
        "SELECT id FROM offer WHERE status IN :live AND expires_at < :late",
        needs_ticking=True,
    ),
    Invariant(
        "answer_too_late",
        6,
        "No offer was accepted after its deadline, and each that ended says when.",
        """SELECT id FROM offer WHERE (status = 'accepted' AND answered_at >= expires_at)
        OR (answered_at IS NULL) <> (status IN :live)""",
    ),
    Invariant(
        "offer_for_nobody",
        6,
        "Offers are out for orders that are being offered, and only for those.",
        """SELECT offer.id FROM offer JOIN orders ON orders.id = offer.order_id
        WHERE offer.status IN :live AND orders.status <> 'offering'
        UNION ALL SELECT orders.number FROM orders WHERE orders.status = 'offering' AND NOT EXISTS (
            SELECT 1 FROM offer WHERE offer.order_id = orders.id AND offer.status IN :live)""",
    ),
    Invariant(
        "order_without_timer",
        16,
        "Every order that is not at rest says when something must next be done about it.",
        "SELECT number FROM orders WHERE next_action_at IS NULL AND status NOT IN :sleeping",
    ),
    Invariant(
        "order_overdue",
        16,
        "Nothing that is due about an order waits for more than a minute.",
        "SELECT number FROM orders WHERE next_action_at < :late AND status NOT IN :sleeping",
        needs_ticking=True,
    ),
    Invariant(
        "run_never_ended",
        16,
        "No dispatch run stays under way a minute after its lease is over.",
        "SELECT id FROM dispatch_run WHERE status = 'running' AND lease_until < :late",
        needs_ticking=True,
    ),
)
