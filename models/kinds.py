"""Closed lists of words that are not statuses: roles, channels, evidence, event kinds. Stdlib only."""

from __future__ import annotations

from enum import StrEnum

from models.states import AssignmentMove, OfferMove, OrderMove


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
    LOCATION = "location"  # where a volunteer stands when they check in
    HEALTH = "health"  # what an order says of health and disability


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
    ORDER_LATE = "order_late"
    VOLUNTEER_LEFT = "volunteer_left"
    VOLUNTEER_ON_THE_WAY = "volunteer_on_the_way"
    RATING_ASKED = "rating_asked"
    ESCALATED = "escalated"
    FOLLOW_UP = "follow_up"
    HOURS_CREDITED = "hours_credited"
    ALARM = "alarm"  # something needs an administrator: which, stands in particulars["code"]
    REVEAL_ASKED = "reveal_asked"  # a colleague needs a second person's yes to see a minor's details
    SECURITY = "security"  # something happened to one's own account: what, stands in particulars["code"]


class DeliveryState(StrEnum):
    """What has become of a letter to an endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; an administrator has been told and may send it again
    DROPPED = "dropped"  # the endpoint was removed


class Scope(StrEnum):
    """What an API key is for; app/people/scopes.py says which routes each opens."""

    BOARD_READ = "board:read"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    DISPATCH_READ = "dispatch:read"
    DISPATCH = "dispatch"
    VOLUNTEERS_READ = "volunteers:read"
    HOURS_READ = "hours:read"


class EventKind(StrEnum):
    """`noun.verb`. A move writes `order.<move>`, `offer.<move>` or `assignment.<move>`; the others change no status."""

    ORDER_PLACE = "order.place"
    ORDER_RETURN = "order.return"
    ORDER_RESUBMIT = "order.resubmit"
    ORDER_REJECT = "order.reject"
    ORDER_MERGE = "order.merge"
    ORDER_TRANSFER = "order.transfer"
    ORDER_RECEIVE = "order.receive"
    ORDER_APPROVE = "order.approve"
    ORDER_OFFER = "order.offer"
    ORDER_WAIT = "order.wait"
    ORDER_STAFF = "order.staff"
    ORDER_UNSTAFF = "order.unstaff"
    ORDER_GIVE_UP = "order.give_up"
    ORDER_RETRY = "order.retry"
    ORDER_START = "order.start"
    ORDER_FINISH = "order.finish"
    ORDER_RATE = "order.rate"
    ORDER_CLOSE = "order.close"
    ORDER_CANCEL = "order.cancel"
    ORDER_MISS = "order.miss"
    ORDER_REOPEN = "order.reopen"
    ORDER_DISPUTE = "order.dispute"
    ORDER_RESOLVE = "order.resolve"
    ORDER_AMEND = "order.amend"
    ORDER_ESCALATE = "order.escalate"
    ORDER_UNPLACED = "order.unplaced"
    ORDER_NOTE = "order.note"
    ORDER_LATE = "order.late"
    RATING_ASK = "rating.ask"
    RATING_GIVE = "rating.give"
    RATING_ADD = "rating.add"
    OFFER_MAKE = "offer.make"
    OFFER_SEE = "offer.see"
    OFFER_ACCEPT = "offer.accept"
    OFFER_DECLINE = "offer.decline"
    OFFER_EXPIRE = "offer.expire"
    OFFER_WITHDRAW = "offer.withdraw"
    RESERVE_KEEP = "reserve.keep"
    RESERVE_LEAVE = "reserve.leave"
    ASSIGNMENT_MAKE = "assignment.make"
    ASSIGNMENT_DEPART = "assignment.depart"
    ASSIGNMENT_CHECK_IN = "assignment.check_in"
    ASSIGNMENT_WRONG_CODE = "assignment.wrong_code"
    ASSIGNMENT_CHECK_OUT = "assignment.check_out"
    ASSIGNMENT_CONFIRM = "assignment.confirm"
    ASSIGNMENT_HAND_BACK = "assignment.hand_back"
    ASSIGNMENT_CANCEL = "assignment.cancel"
    ASSIGNMENT_MISS = "assignment.miss"
    HOURS_CREDIT = "hours.credit"
    HOURS_APPROVE = "hours.approve"
    HOURS_REFUSE = "hours.refuse"
    HOURS_CORRECT = "hours.correct"
    FOLLOW_UP_OPEN = "follow_up.open"
    FOLLOW_UP_RESOLVE = "follow_up.resolve"
    VOLUNTEER_REGISTER = "volunteer.register"
    VOLUNTEER_VERIFY = "volunteer.verify"
    VOLUNTEER_AMEND = "volunteer.amend"
    VOLUNTEER_DUTY = "volunteer.duty"
    RESIDENT_AMEND = "resident.amend"
    ACCOUNT_SIGN_UP = "account.sign_up"
    ACCOUNT_SIGN_IN = "account.sign_in"
    ACCOUNT_SIGN_OUT = "account.sign_out"
    ACCOUNT_SIGN_UP_AGAIN = "account.sign_up_again"
    ACCOUNT_PASSWORD = "account.password"
    ACCOUNT_RESET_CODE = "account.reset_code"
    ACCOUNT_FACTOR_ON = "account.factor_on"
    ACCOUNT_FACTOR_OFF = "account.factor_off"
    ACCOUNT_ACTIVITY = "account.activity"
    CONSENT_GIVE = "consent.give"
    CONSENT_WITHDRAW = "consent.withdraw"
    GUARDIAN_RECORD = "guardian.record"
    GUARDIAN_END = "guardian.end"
    DATA_EXPORT = "data.export"
    REVEAL_ASK = "reveal.ask"
    REVEAL_APPROVE = "reveal.approve"
    REVEAL_SHOW = "reveal.show"
    REVEAL_LOOKUP = "reveal.lookup"
    BLOCK_MAKE = "block.make"
    ROLE_GRANT = "role.grant"
    ROLE_REVOKE = "role.revoke"
    DISPATCH_RUN = "dispatch.run"
    OFFICE_SETTING = "office.setting"
    ERASURE_ASK = "erasure.ask"
    ERASURE_WITHDRAW = "erasure.withdraw"
    ERASURE_HOLD = "erasure.hold"
    ERASURE_LIFT = "erasure.lift"
    ERASURE_DO = "erasure.do"
    RETENTION_RUN = "retention.run"
    JOURNAL_REDACT = "journal.redact"  # names or words of earlier rows were blanked: which, stands in its particulars
    WEBHOOK_ADD = "webhook.add"
    WEBHOOK_AMEND = "webhook.amend"
    WEBHOOK_ROTATE = "webhook.rotate"
    WEBHOOK_REMOVE = "webhook.remove"
    DELIVERY_RESEND = "delivery.resend"
    API_KEY_ISSUE = "api_key.issue"
    API_KEY_REVOKE = "api_key.revoke"
    OFFICE_ADD = "office.add"


def event_of(move: OrderMove | OfferMove | AssignmentMove) -> EventKind:
    """The event kind that a move writes."""
    noun = {OrderMove: "order", OfferMove: "offer", AssignmentMove: "assignment"}[type(move)]
    return EventKind(f"{noun}.{move}")
