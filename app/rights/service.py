"""The front desk of rights: what other slices may call."""

from app.rights.consents import agree, give, give_for, live, unasked, withdraw, withdrawn
from app.rights.guardians import end_guardian, guardian_of, is_minor, record_guardian, require_guardian
from app.rights.wording import WORDINGS

__all__ = [
    "WORDINGS", "agree", "end_guardian", "give", "give_for", "guardian_of", "is_minor", "live", "record_guardian",
    "require_guardian", "unasked", "withdraw", "withdrawn",
]  # fmt: skip
