"""What an office may set for itself. The nearest office up the tree that has set a name wins, else our default.

No law gives numbers: every default here is ours.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import Office, OfficeSetting, Order, db

DEFAULTS: dict[str, Any] = {
    "answer_minutes": {"urgent": 15, "normal": 240, "planned": 1440},  # how long an offer stands
    "auto_dispatch": True,  # runs make offers by themselves; off: the desk asks, with proposals to tick
    "undo_seconds": 10,  # so long a coordinator may undo an offer made by hand; the volunteer is told after it
    # Whom to ask how many at once and when the next: the defaults are dispatch/offering's, tuned in the simulator.
    "offering_mode": "offer",  # offer (one by one while time allows), wave, open (the list alone, 抢单), hand
    "offers_per_position": {"urgent": 12, "normal": 8, "planned": 8},  # asked and silent for one free position, at most
    "offers_most": 20,  # people asked for one order altogether
    "offer_target": {"urgent": 90, "normal": 80, "planned": 80},  # percent: the chance of being filled worked towards
    "offer_promise_minutes": {"urgent": 10, "normal": 40, "planned": 120},  # an order should be filled within this
    "offer_wave_minutes": {"urgent": 5, "normal": 15, "planned": 30},  # so long a wave is given
    "alerts_daily": 3,  # messages a volunteer gets in a local day, and in a local week
    "alerts_weekly": 8,
    "alerts_daily_on_duty": 6,  # in a day, to somebody on duty
    "alerts_quiet_from": "",  # hours without messages to anybody off duty; empty: only what volunteers set themselves
    "alerts_quiet_until": "",
    "digest_at": "",  # planned work is told once a day at this time, all in one message; empty: at once
    "digest_hours": 48,  # planned work that begins sooner is told at once
    "district_gap": 3,  # points a street's fill rate may trail the city's before its orders are tried harder
    "what_if_seconds": 60,  # so long the simulator may play an office's weeks again for one question
    "day_plan_at": "19:30",  # every evening tomorrow is planned at this time; empty: never
    "day_plan_answer_minutes": 720,  # how long an offer of a day plan stands
    "day_plan_publishes": False,  # the evening's plan goes out without a coordinator's look
    "review_minutes": 1440,  # a submitted order is looked at within this
    "returned_days": 14,  # a returned order nobody resubmits is cancelled
    "low_risk_approved_at_once": True,  # 秒批
    "redispatch_seconds": 60,  # an order nobody fits is tried again after this
    "escalate_minutes": {"urgent": 10, "normal": 120, "planned": 1440},  # unfilled: to the next office up
    "rating_ask_minutes": [120, 4320],  # 2 hours and 3 days after the service
    "auto_close_minutes": 10080,  # 7 days unrated
    "rating_hidden_days": 7,  # each side's word stays hidden until both spoke, or this long
    "check_in_radius_m": 300,
    "check_in_early_minutes": 60,
    "late_report_hours": 12,  # so long afterwards a phone that had no signal may still tell when somebody came or left
    "no_show_minutes": 30,  # nobody checked in this long after the start: alert
    "overdue_minutes": 60,  # nobody checked out this long after the end: alert
    "credit_over_planned": 1.25,  # at most this times the planned time is credited without a second look
    "credit_daily_minutes": 720,
    "credit_step_minutes": 1,  # credited time in steps of this; half a step or less is dropped
    "points_per_hour": 10,
    "claims_allowed": True,  # 抢单
    "exact_hours_before": 24,  # so long before the visit the volunteer learns the exact place and the phone
    "exact_hours_after": 24,  # so long after it they still see them
    "reveals_per_hour": 30,  # so many people's details one coordinator may look at
    "reveals_per_day": 200,
    "lookups_per_hour": 60,  # callers looked up by their number at the desk
    "reveal_alarm_times": 3,  # an alarm at this many times one's own usual day
    "reveal_alarm_least": 20,  # but not below so many looks a day
    "minor_until": 14,  # details of residents up to this age need a second person's yes; 0: of nobody
    "keep_order_days": 90,  # so long after its end an order keeps who, where and what was said
    "keep_account_days": 730,  # an account nobody uses is erased after this; its person is told a month before
    "keep_words_days": 365,  # what was said of a visit: words of ratings, reasons of a no, of leaving, of hours
    "keep_evidence_days": 180,  # how far from the door somebody checked in, and their note
    "keep_notice_days": 180,  # inbox lines
    "keep_look_days": 1095,  # who looked at whose details
    "weights": {  # the engine's dials; the whole city is dispatched together, so only its root sets them
        "unfilled": 100_000,
        "travel_per_minute": 6,
        "fairness": 2,
        "language": 60,
        "continuity": 60,
        "stability": 30,
    },
    "tiles": [],  # map tiles: {url, attribution}; none means outlines only
}


def setting(office: Office | str | None, name: str) -> Any:
    """The value that holds for an office: its own, else its nearest ancestor's, else the default."""
    default = DEFAULTS[name]
    if isinstance(office, str):
        office = db.session.get(Office, office)
    if office is None:
        return default
    rows = select(OfficeSetting.office_id, OfficeSetting.value).where(
        OfficeSetting.name == name, OfficeSetting.office_id.in_(office.lineage)
    )
    found = {row.office_id: row.value for row in db.session.execute(rows)}
    nearest = next((found[key] for key in reversed(office.lineage) if key in found), default)
    return {**default, **nearest} if isinstance(default, dict) and isinstance(nearest, dict) else nearest


def order_setting(order: Order, name: str) -> Any:
    """The value that holds for an order: its service item's own limit first. By-urgency settings give one number."""
    own = order.item.limits.get(name) if order.item is not None else None
    value = own if own is not None else setting(order.office, name)
    return value[order.urgency] if isinstance(value, dict) and order.urgency in value else value
