"""The front desk of rights: what other slices may call."""

from app.rights.consents import agree, give, give_for, live, withdraw, withdrawn
from app.rights.guardians import end_guardian, guardian_of, is_minor, record_guardian, require_guardian

__all__ = [
    "agree", "end_guardian", "give", "give_for", "guardian_of", "is_minor", "live", "record_guardian",
    "require_guardian", "withdraw", "withdrawn",
]  # fmt: skip
