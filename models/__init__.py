"""Tables, one file a noun. Knows nothing above it: no Flask routes, no services, no engine."""

from models.account import Account, AuthSession, Consent, RoleGrant
from models.assignment import Assignment, Visit
from models.base import db
from models.dispatch_run import DispatchRun
from models.event import Event, IdempotencyKey
from models.follow_up import FollowUp
from models.hours import HoursEntry
from models.menu import ServiceCategory, ServiceItem, ServiceItemSkill, Skill
from models.notification import Notification
from models.offer import Offer, Reserve
from models.office import Office, OfficeSetting
from models.order import Order, OrderPhoto, OrderSkill, Position
from models.rating import Rating
from models.resident import Resident, SavedAddress
from models.volunteer import (
    Availability,
    AvailabilityException,
    Block,
    Credential,
    Volunteer,
    VolunteerSkill,
)

__all__ = [
    "Account",
    "Assignment",
    "AuthSession",
    "Availability",
    "AvailabilityException",
    "Block",
    "Consent",
    "Credential",
    "DispatchRun",
    "Event",
    "FollowUp",
    "HoursEntry",
    "IdempotencyKey",
    "Notification",
    "Offer",
    "Office",
    "OfficeSetting",
    "Order",
    "OrderPhoto",
    "OrderSkill",
    "Position",
    "Rating",
    "Reserve",
    "Resident",
    "RoleGrant",
    "SavedAddress",
    "ServiceCategory",
    "ServiceItem",
    "ServiceItemSkill",
    "Skill",
    "Visit",
    "Volunteer",
    "VolunteerSkill",
    "db",
]
