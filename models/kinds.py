"""Closed lists of words that are not statuses: roles, channels, evidence, notices. Stdlib only."""

from __future__ import annotations

from enum import StrEnum

from models.event_kinds import EventKind, event_of

__all__ = [
    "BY_OFFICE",
    "BlockKind",
    "Channel",
    "ConsentChannel",
    "DeliveryState",
    "EventKind",
    "Evidence",
    "HoursKind",
    "HoursStatus",
    "LookReason",
    "LookWay",
    "NoticeKind",
    "OfferOrigin",
    "OfficeLevel",
    "Outcome",
    "PlanStage",
    "Purpose",
    "Risk",
    "Role",
    "RunMode",
    "RunStatus",
    "Scope",
    "SessionKind",
    "Sex",
    "Side",
    "TravelMode",
    "Urgency",
    "event_of",
]


class Role(StrEnum):
    RESIDENT = "resident"
    VOLUNTEER = "volunteer"
    TEAM_LEADER = "team_leader"
    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class SessionKind(StrEnum):
    """Who holds a session's token: a browser in a cookie, or a program that sends it along."""

    BROWSER = "browser"
    PROGRAM = "program"


class OfficeLevel(StrEnum):
    CITY = "city"
    DISTRICT = "district"  # 实践中心 centre
    STREET = "street"  # 实践所 institute
    COMMUNITY = "community"  # 实践站 station


class Channel(StrEnum):
    """Where an order came from."""

    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    PROXY = "proxy"
    API = "api"


BY_OFFICE = frozenset({Channel.PHONE, Channel.COUNTER})
"""Channels in which a coordinator writes down somebody else's need."""


class Urgency(StrEnum):
    """How soon an offer must be answered; the limits are settings."""

    URGENT = "urgent"
    NORMAL = "normal"
    PLANNED = "planned"


class Risk(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class TravelMode(StrEnum):
    WALK = "walk"
    BIKE = "bike"
    EBIKE = "ebike"
    TRANSIT = "transit"
    CAR = "car"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Evidence(StrEnum):
    """How a check-in or an hours entry is backed, strongest first."""

    RESIDENT_CODE = "resident_code"
    PLACE = "place"
    COORDINATOR = "coordinator"
    SELF = "self"


class Side(StrEnum):
    """Whose word a rating is."""

    RESIDENT = "resident"
    VOLUNTEER = "volunteer"


class Outcome(StrEnum):
    """What the resident says came of it."""

    DONE = "done"
    HALF_DONE = "half_done"
    NOT_DONE = "not_done"
    NO_LONGER_NEEDED = "no_longer_needed"


class OfferOrigin(StrEnum):
    DISPATCH = "dispatch"
    HAND = "hand"
    RESERVE = "reserve"
    CLAIM = "claim"


class HoursKind(StrEnum):
    CREDIT = "credit"
    CORRECTION = "correction"


class HoursStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class RunStatus(StrEnum):
    RUNNING = "running"
    APPLIED = "applied"
    FAILED = "failed"


class RunMode(StrEnum):
    """An instant run makes its offers at once; a day plan is looked at first."""

    INSTANT = "instant"
    DAY = "day"


class PlanStage(StrEnum):
    """What has become of a day plan that was worked out."""

    PREVIEW = "preview"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"


class BlockKind(StrEnum):
    BY_RESIDENT = "by_resident"
    BY_VOLUNTEER = "by_volunteer"


class LookWay(StrEnum):
    """How somebody's details came to be looked at."""

    ONE = "one"  # one person's, with a reason
    BULK = "bulk"  # one of a list that was asked for at once
    LOOKUP = "lookup"  # a caller found by their number


class LookReason(StrEnum):
    """Why somebody at the desk needs to know who or where; told to whom it is about."""

    CALL = "call"  # to ring them about this order
    VISIT = "visit"  # to find the door
    VERIFY = "verify"  # to verify the need
    LATE = "late"  # nobody came, or nobody left
    SAFETY = "safety"  # somebody may be in danger
    COMPLAINT = "complaint"  # to look into a complaint
    CALLER = "caller"  # they are on the telephone
    OTHER = "other"  # said in words


class Purpose(StrEnum):
    """What somebody agrees that their data are used for, each by itself."""

    SERVICE = "service"  # name, phone and address, to arrange help
    PHOTOS = "photos"  # pictures of what is to be done
    PORTRAIT = "portrait"  # a volunteer's picture, for those who open the door to them
    LOCATION = "location"  # where a volunteer stands when they check in
    HEALTH = "health"  # what an order says of health and disability


class PortraitFault(StrEnum):
    """Why the station removes a volunteer's picture."""

    UNCLEAR = "unclear"  # the face cannot be made out
    NOT_ALONE = "not_alone"  # somebody else is in it
    NOT_THEM = "not_them"  # it shows another person, or nobody
    UNFIT = "unfit"  # nothing to show to people who open their doors


class ConsentChannel(StrEnum):
    """How it was given."""

    WEB = "web"
    USE = "use"  # by doing it, under words that say so
    PHONE = "phone"  # to a coordinator, who wrote it down
    COUNTER = "counter"


class NoticeKind(StrEnum):
    """What an inbox line tells; the sentence stands in app/notices/sentences.py."""

    OFFER = "offer"
    OFFER_TAKEN = "offer_taken"
    OFFER_WITHDRAWN = "offer_withdrawn"
    RESERVE_ASKED = "reserve_asked"
    ORDER_RETURNED = "order_returned"
    ORDER_REJECTED = "order_rejected"
    ORDER_APPROVED = "order_approved"
    ORDER_STAFFED = "order_staffed"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_MERGED = "order_merged"
    ORDER_UNFILLED = "order_unfilled"
    ORDER_CHANGED = "order_changed"  # the station arranged it anew: other people, another time, or two orders of one
    ORDER_LATE = "order_late"
    VOLUNTEER_LEFT = "volunteer_left"
    VOLUNTEER_ON_THE_WAY = "volunteer_on_the_way"
    RATING_ASKED = "rating_asked"
    ESCALATED = "escalated"
    FOLLOW_UP = "follow_up"
    HOURS_CREDITED = "hours_credited"
    ALARM = "alarm"  # something needs an administrator: which, stands in particulars["code"]
    REVEAL_ASKED = "reveal_asked"  # a colleague needs a second person's yes to see a minor's details
    SAFETY = "safety"  # a volunteer on the way or at work called for help
    PRACTICE = "practice"  # a try of what an offer is like, asked for by the volunteer
    PORTRAIT = "portrait"  # the station removed one's picture: why, stands in particulars["code"]
    SECURITY = "security"  # something happened to one's own account: what, stands in particulars["code"]


class DeliveryState(StrEnum):
    """What has become of a letter to an endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; an administrator has been told and may send it again
    DROPPED = "dropped"  # the endpoint was removed, or a trial letter got no answer


class Scope(StrEnum):
    """What an API key is for; app/people/scopes.py says which routes each opens."""

    BOARD_READ = "board:read"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    DISPATCH_READ = "dispatch:read"
    DISPATCH = "dispatch"
    VOLUNTEERS_READ = "volunteers:read"
    HOURS_READ = "hours:read"
    SCREEN = "screen"  # no part of the API: the pages of a screen on the wall (app/people/wall_pass.py)
