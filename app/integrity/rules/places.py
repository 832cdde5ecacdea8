"""Who holds which place: nobody twice, nobody too many, nobody against the rules."""

from __future__ import annotations

from app.integrity.rule import Invariant

_HELD = """
    FROM assignment AS held JOIN volunteer ON volunteer.id = held.volunteer_id
    JOIN orders ON orders.id = held.order_id LEFT JOIN service_item ON service_item.id = orders.item_id
    LEFT JOIN offer ON offer.id = held.offer_id
    WHERE held.status IN :holding
    AND NOT EXISTS (SELECT 1 FROM event WHERE event.subject_type = 'volunteer' AND event.subject_id = volunteer.id
        AND event.at >= held.accepted_at)
    AND NOT EXISTS (SELECT 1 FROM event WHERE event.order_id = orders.id AND event.kind = 'order.amend'
        AND event.at >= held.accepted_at)"""
"""Assignments that stand, while neither the person nor the need has been changed since the yes."""

INVARIANTS = (
    Invariant(
        "somebody_in_two_places",
        1,
        "No volunteer holds two places whose times overlap, unless one had ended before the other was taken.",
        """SELECT one.id FROM assignment AS one JOIN assignment AS other ON other.volunteer_id = one.volunteer_id
        AND other.id > one.id AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
        WHERE one.status IN :holding AND other.status IN :holding
        AND NOT (one.ended_at IS NOT NULL AND one.ended_at <= other.accepted_at)
        AND NOT (other.ended_at IS NOT NULL AND other.ended_at <= one.accepted_at)""",
    ),
    Invariant(
        "more_people_than_places",
        2,
        "No order has more people than places.",
        """SELECT orders.number FROM orders JOIN assignment ON assignment.order_id = orders.id
        WHERE assignment.status IN :holding
        GROUP BY orders.id, orders.number, orders.positions_wanted HAVING count(*) > orders.positions_wanted""",
    ),
    Invariant(
        "two_people_in_one_place",
        2,
        "A place is held by one person, and belongs to the order they said yes to.",
        """SELECT assignment.position_id FROM assignment JOIN position ON position.id = assignment.position_id
        WHERE assignment.status IN :holding GROUP BY assignment.position_id
        HAVING count(*) > 1 OR min(assignment.order_id) <> min(position.order_id)""",
    ),
    Invariant(
        "places_miscounted",
        2,
        "An order has as many places as it asks for people.",
        """SELECT orders.number FROM orders LEFT JOIN position ON position.order_id = orders.id
        GROUP BY orders.id, orders.number, orders.positions_wanted
        HAVING count(position.id) <> orders.positions_wanted""",
    ),
    Invariant(
        "somebody_twice_on_one_order",
        3,
        "Nobody holds two places of one order.",
        """SELECT order_id FROM assignment WHERE status IN :holding
        GROUP BY order_id, volunteer_id HAVING count(*) > 1""",
    ),
    Invariant(
        "yes_without_place",
        4,
        "An accepted offer has its assignment, and an assignment's offer was accepted.",
        """SELECT offer.id FROM offer LEFT JOIN assignment ON assignment.offer_id = offer.id
        WHERE offer.status = 'accepted' AND assignment.id IS NULL
        UNION ALL SELECT assignment.id FROM assignment JOIN offer ON offer.id = assignment.offer_id
        WHERE offer.status <> 'accepted' OR offer.order_id <> assignment.order_id
        OR offer.volunteer_id <> assignment.volunteer_id""",
    ),
    Invariant(
        "people_coming_for_nothing",
        15,
        "Nobody is still expected on an order that is over, sent back, or not looking any more.",
        """SELECT assignment.id FROM assignment JOIN orders ON orders.id = assignment.order_id
        WHERE assignment.status IN :busy AND orders.status NOT IN ('open', 'offering', 'staffed', 'serving')""",
    ),
    Invariant(
        "staffed_without_people",
        15,
        "A staffed order has all its people, or those it goes ahead with; one that seeks still has a free place.",
        """SELECT orders.number FROM orders LEFT JOIN assignment ON assignment.order_id = orders.id
        AND assignment.status IN :holding WHERE orders.status IN ('staffed', 'open', 'offering')
        GROUP BY orders.id, orders.number, orders.status, orders.positions_wanted
        HAVING (orders.status = 'staffed') <> (count(assignment.id) = orders.positions_wanted)
        AND NOT (orders.status = 'staffed' AND count(assignment.id) > 0 AND EXISTS (SELECT 1 FROM event
            WHERE event.order_id = orders.id AND event.kind = 'order.staff'
            AND CAST(event.particulars AS TEXT) LIKE '%"partly": true%'))""",
    ),
    Invariant(
        "visit_unlike_assignment",
        5,
        "Who has arrived has a visit that began, who is done one that ended, and nobody else has any.",
        """SELECT assignment.id FROM assignment LEFT JOIN visit ON visit.assignment_id = assignment.id
        WHERE (visit.id IS NOT NULL) <> (assignment.status IN ('checked_in', 'checked_out', 'confirmed'))
        OR (visit.checked_out_at IS NOT NULL) <> (assignment.status IN :done)
        OR visit.checked_out_at < visit.checked_in_at""",
    ),
    Invariant(
        "order_served_by_nobody",
        5,
        "Somebody is coming to a staffed order and at work on one being served, and somebody was on one that was.",
        """SELECT orders.number FROM orders WHERE (orders.status IN ('staffed', 'serving') AND NOT EXISTS (
            SELECT 1 FROM assignment WHERE assignment.order_id = orders.id AND assignment.status IN :busy))
        OR (orders.status IN ('served', 'rated') AND NOT EXISTS (
            SELECT 1 FROM assignment WHERE assignment.order_id = orders.id AND assignment.status IN :done))""",
    ),
    Invariant(
        "unverified_volunteer_sent",
        14,
        "Whoever holds a place was a verified, active volunteer when they took it, and not the person helped.",
        """SELECT held.id FROM assignment AS held JOIN volunteer ON volunteer.id = held.volunteer_id
        JOIN orders ON orders.id = held.order_id JOIN resident ON resident.id = orders.resident_id
        WHERE held.status IN :holding AND (NOT volunteer.is_verified OR volunteer.is_paused
            OR resident.account_id = volunteer.account_id)
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.subject_type = 'volunteer'
            AND event.subject_id = volunteer.id AND event.at >= held.accepted_at)""",
    ),
    Invariant(
        "unskilled_volunteer_sent",
        14,
        "Whoever holds a place had every skill asked for, unless a coordinator knowingly set that aside.",
        "SELECT held.id" + _HELD + """
        AND CAST(coalesce(offer.terms, '{}') AS TEXT) NOT LIKE '%"despite": [%"skills"%'
        AND EXISTS (SELECT 1 FROM order_skill WHERE order_skill.order_id = orders.id AND NOT EXISTS (
            SELECT 1 FROM volunteer_skill WHERE volunteer_skill.volunteer_id = volunteer.id
            AND volunteer_skill.skill_id = order_skill.skill_id AND volunteer_skill.verified_at IS NOT NULL))""",
    ),
    Invariant(
        "papers_missing",
        14,
        "Whoever holds a place has every paper asked for, seen by the office and valid on the day of the service.",
        "SELECT held.id" + _HELD + """
        AND EXISTS (SELECT 1 FROM json_each(orders.credentials) AS asked WHERE NOT EXISTS (
            SELECT 1 FROM credential WHERE credential.volunteer_id = volunteer.id AND credential.kind = asked.value
            AND credential.verified_at IS NOT NULL
            AND (credential.expires_on IS NULL OR credential.expires_on >= date(held.ends_at, '+8 hours'))))""",
        "SELECT held.id" + _HELD + """
        AND EXISTS (SELECT 1 FROM json_array_elements_text(orders.credentials) AS asked(kind) WHERE NOT EXISTS (
            SELECT 1 FROM credential WHERE credential.volunteer_id = volunteer.id AND credential.kind = asked.kind
            AND credential.verified_at IS NOT NULL AND (credential.expires_on IS NULL
                OR credential.expires_on >= CAST(held.ends_at AT TIME ZONE 'Asia/Shanghai' AS DATE))))""",
    ),
    Invariant(
        "too_young",
        14,
        "Whoever holds a place is of the age asked for in the year of the service.",
        "SELECT held.id" + _HELD + """
        AND coalesce(orders.minimum_age, service_item.minimum_age) IS NOT NULL AND (volunteer.birth_year IS NULL
        OR CAST(strftime('%Y', held.ends_at, '+8 hours') AS INTEGER) - volunteer.birth_year
            < coalesce(orders.minimum_age, service_item.minimum_age))""",
        "SELECT held.id" + _HELD + """
        AND coalesce(orders.minimum_age, service_item.minimum_age) IS NOT NULL AND (volunteer.birth_year IS NULL
        OR EXTRACT(YEAR FROM held.ends_at AT TIME ZONE 'Asia/Shanghai') - volunteer.birth_year
            < coalesce(orders.minimum_age, service_item.minimum_age))""",
    ),
    Invariant(
        "blocked_pair_met",
        14,
        "Nobody is sent to a person from whom they had been kept apart before they said yes.",
        """SELECT held.id FROM assignment AS held JOIN orders ON orders.id = held.order_id
        JOIN block ON block.volunteer_id = held.volunteer_id AND block.resident_id = orders.resident_id
        WHERE held.status IN :holding AND block.created_at < held.accepted_at""",
    ),
)  # fmt: skip
