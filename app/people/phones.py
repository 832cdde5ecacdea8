"""Phone numbers: typed in any common way, kept in E.164, shown short or masked, and whose account one is."""

from __future__ import annotations

import phonenumbers
from sqlalchemy import select

from models import Account, db

HOME_REGION = "CN"


def normalise(typed: str) -> str | None:
    """`138 0000 0000` or `+86 …` as `+8613800000000`; None when it cannot be a phone number."""
    try:
        number = phonenumbers.parse(typed, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(phone: str) -> str:
    """As people here dial it."""
    return phone.removeprefix("+86")


def masked(phone: str) -> str:
    """138****0000: enough to recognise one's own, not enough to call."""
    shown = national(phone)
    return f"{shown[:3]}****{shown[-4:]}" if len(shown) >= 9 else "****"


def find_account(phone: str | None) -> Account | None:
    """The account that signs in with this number (E.164); None for none."""
    return db.session.scalar(select(Account).where(Account.phone.equals(phone))) if phone else None
