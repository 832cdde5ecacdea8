"""Proving who one is: phone and password, the code of the second factor, and the same again before something grave."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel import security_log
from app.kernel.access import Actor
from app.kernel.errors import CodeRequired, WrongSecret
from app.kernel.transaction import command
from app.notices.service import tell
from app.people import devices, guessing, passwords, second_factor
from app.people.phones import find_account, normalise
from models import Account, db
from models.kinds import NoticeKind


@dataclass(frozen=True)
class Proven:
    """Whose password was right, and whether a second factor was shown as well."""

    account_id: str
    second_factor: bool = False


def by_password(phone: str, password: str, code: str = "") -> Proven:
    """Phone, password and, where the account has one, the second factor's code.

    Raises WrongSecret (in the same time and words for an unknown phone), TooManyTries, or CodeRequired once the
    password was right and only the code is missing.
    """
    number = normalise(phone) or phone
    account = find_account(number)
    tried = guessing.attempt(number, account)
    right = passwords.fits(password[: passwords.MOST], account.password_hash if account else None)
    if account is None or not right or not account.is_active:
        tried.wrong(account.id if account else None)
        raise WrongSecret()
    tried.right()
    if passwords.is_outdated(account.password_hash):
        _rehash(account.id, passwords.hash_password(password))
    if not second_factor.is_on(account.id):
        return Proven(account.id)
    if not code:
        raise CodeRequired()
    by_code(account.id, code)
    return Proven(account.id, second_factor=True)


def by_code(account_id: str, code: str) -> None:
    """The second factor's code, after the password. Raises WrongSecret or TooManyTries."""
    tried = guessing.attempt(account_id, None, "code")
    if not second_factor.passes(account_id, code[:40]):
        tried.wrong(account_id)
        raise WrongSecret()
    tried.right()


def again(password: str, code: str = "", *, actor: Actor) -> bool:
    """The password (and code) of whoever is signed in, once more; True where a second factor was shown.

    Raises WrongSecret, CodeRequired or TooManyTries.
    """
    account = db.session.get(Account, str(actor.account_id))
    tried = guessing.attempt(str(actor.account_id), account)
    if account is None or not passwords.fits(password[: passwords.MOST], account.password_hash):
        tried.wrong(actor.account_id)
        raise WrongSecret()
    tried.right()
    if not second_factor.is_on(account.id):
        return False
    if not code:
        raise CodeRequired()
    by_code(account.id, code)
    return True


@command
def arrived(account_id: str, device: str) -> None:
    """Somebody has signed in at a browser: remember it, and tell them where it is a new one."""
    if devices.remember(account_id, device):
        tell(account_id, NoticeKind.SECURITY, code="new_device")
    security_log.note("account.sign_in", account=account_id)


@command
def _rehash(account_id: str, hashed: str) -> None:
    account = db.session.get(Account, account_id)
    if account is not None:
        account.password_hash = hashed
