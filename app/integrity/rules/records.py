"""What is kept for good: hours, ratings, keys and notices."""

from __future__ import annotations

from app.integrity.rule import Invariant

INVARIANTS = (
    Invariant(
        "hours_not_once",
        8,
        "Each visit that was finished is credited once, to whoever made it, and nothing else is.",
        """SELECT assignment.id FROM assignment LEFT JOIN hours_entry ON hours_entry.assignment_id = assignment.id
        AND hours_entry.kind = 'credit' GROUP BY assignment.id, assignment.status
        HAVING count(hours_entry.id) <> CASE WHEN assignment.status IN :done THEN 1 ELSE 0 END
        UNION ALL SELECT hours_entry.id FROM hours_entry JOIN assignment ON assignment.id = hours_entry.assignment_id
        WHERE hours_entry.volunteer_id <> assignment.volunteer_id""",
    ),
    Invariant(
        "hours_approved_by_oneself",
        8,
        "Nobody approves hours they entered, vouched for or earned, and what only words back somebody has approved.",
        """SELECT hours_entry.id FROM hours_entry JOIN volunteer ON volunteer.id = hours_entry.volunteer_id
        LEFT JOIN visit ON visit.assignment_id = hours_entry.assignment_id
        WHERE hours_entry.approved_by_id IN (hours_entry.entered_by_id, volunteer.account_id)
        OR (hours_entry.approved_by_id = visit.check_in_by_id AND visit.check_in_evidence = 'coordinator')
        OR (hours_entry.approved_by_id = visit.check_out_by_id AND visit.check_out_evidence = 'coordinator')
        OR (hours_entry.status = 'approved' AND hours_entry.approved_by_id IS NULL
            AND hours_entry.evidence NOT IN :proven)""",
    ),
    Invariant(
        "hours_undecided",
        8,
        "Hours that were approved or refused say when, and a visit never counts less than nothing or more than a day.",
        """SELECT id FROM hours_entry WHERE (decided_at IS NULL) <> (status = 'pending')
        UNION ALL SELECT assignment_id FROM hours_entry WHERE status = 'approved'
        GROUP BY assignment_id HAVING sum(minutes) NOT BETWEEN 0 AND 1440""",
    ),
    Invariant(
        "rating_out_of_place",
        9,
        "Each side rates a visit once, after it; only the volunteer speaks for the volunteer, never of themselves.",
        """SELECT rating.id FROM rating JOIN assignment ON assignment.id = rating.assignment_id
        JOIN volunteer ON volunteer.id = assignment.volunteer_id
        LEFT JOIN visit ON visit.assignment_id = rating.assignment_id
        WHERE visit.checked_out_at IS NULL OR rating.created_at < visit.checked_out_at
        OR rating.order_id <> assignment.order_id OR rating.visible_at < rating.created_at
        OR (rating.side = 'volunteer' AND rating.author_id <> volunteer.account_id)
        OR (rating.side = 'resident' AND rating.author_id = volunteer.account_id)
        UNION ALL SELECT min(id) FROM rating GROUP BY assignment_id, side HAVING count(*) > 1""",
    ),
    Invariant(
        "key_without_answer",
        10,
        "Every idempotency key kept the answer it stands for.",
        "SELECT key FROM idempotency_key WHERE result_id = ''",
    ),
    Invariant(
        "notice_not_in_outbox",
        7,
        "Every notice has its row in the outbox, as old as itself; only a line of several offers may wait longer.",
        """SELECT notification.id FROM notification LEFT JOIN outbox ON outbox.notification_id = notification.id
        WHERE outbox.notification_id IS NULL OR outbox.created_at < notification.created_at
        OR (outbox.created_at > notification.created_at AND notification.kind <> 'offer')""",
    ),
    Invariant(
        "letter_forgotten",
        7,
        "Every letter is waiting, delivered or given up, and one that was given up has an alarm that was raised.",
        """SELECT id FROM delivery WHERE (settled_at IS NULL) <> (state = 'waiting')
        UNION ALL SELECT delivery.id FROM delivery WHERE state = 'dead' AND NOT EXISTS (
            SELECT 1 FROM alarm WHERE alarm.code = 'outbox.dead_letter')""",
    ),
    Invariant(
        "event_not_in_chain",
        11,
        "Every event of the journal has its link in a chain, and the links of a chain are numbered without a gap.",
        """SELECT CAST(event.number AS VARCHAR(20)) FROM event
        LEFT JOIN audit_link ON audit_link.event_number = event.number
        WHERE audit_link.event_number IS NULL OR audit_link.chain <> coalesce(event.office_id, '')
        UNION ALL SELECT chain FROM audit_link GROUP BY chain HAVING count(*) <> max(seq) OR min(seq) <> 1""",
    ),
)
