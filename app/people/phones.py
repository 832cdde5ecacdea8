"""Phone numbers: typed in any common way, kept in E.164, shown short or masked."""

from __future__ import annotations

import phonenumbers

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
