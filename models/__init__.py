"""Tables, one file a noun. Knows nothing above it: no Flask routes, no services, no engine."""

from models.account import Account, AuthSession, RoleGrant
from models.alarm import Alarm, Checkup
from models.answer_model import AnswerModel
from models.api_key import ApiKey
from models.assignment import Assignment, Visit
from models.audit import AuditLink
from models.base import db
from models.dispatch_run import DispatchRun
from models.event import Event, IdempotencyKey
from models.follow_up import FollowUp
from models.hours import HoursEntry
from models.menu import ServiceCategory, ServiceItem, ServiceItemSkill, Skill
from models.notification import Notification
from models.offer import Offer, Reserve
from models.office import Office, OfficeSetting
from models.order import Order, OrderPhoto, OrderSkill, OrderSplit, Position
from models.outbox import Delivery, Outbox, Webhook
from models.rating import Rating
from models.resident import Resident, SavedAddress
from models.reveal import Reveal
from models.rights import Consent, Guardian
from models.saved_view import SavedView
from models.sign_in import FirstRunToken, KnownDevice, RecoveryCode, ResetCode, SecondFactor, TryCount
from models.subject_key import Erasure, LegalHold, SubjectKey
from models.volunteer import (
    Availability,
    AvailabilityException,
    Block,
    Credential,
    Portrait,
    Volunteer,
    VolunteerSkill,
)
from models.what_if import WhatIf

__all__ = [
    "Account",
    "Alarm",
    "AnswerModel",
    "ApiKey",
    "Assignment",
    "AuditLink",
    "AuthSession",
    "Availability",
    "AvailabilityException",
    "Block",
    "Checkup",
    "Consent",
    "Credential",
    "Delivery",
    "DispatchRun",
    "Erasure",
    "Event",
    "FirstRunToken",
    "FollowUp",
    "Guardian",
    "HoursEntry",
    "IdempotencyKey",
    "KnownDevice",
    "LegalHold",
    "Notification",
    "Offer",
    "Office",
    "OfficeSetting",
    "Order",
    "OrderPhoto",
    "OrderSkill",
    "OrderSplit",
    "Outbox",
    "Portrait",
    "Position",
    "Rating",
    "RecoveryCode",
    "Reserve",
    "ResetCode",
    "Resident",
    "Reveal",
    "RoleGrant",
    "SavedAddress",
    "SavedView",
    "SecondFactor",
    "ServiceCategory",
    "ServiceItem",
    "ServiceItemSkill",
    "Skill",
    "SubjectKey",
    "TryCount",
    "Visit",
    "Volunteer",
    "VolunteerSkill",
    "Webhook",
    "WhatIf",
    "db",
]
