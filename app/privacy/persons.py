"""A person across their rows: account, resident's and volunteer's profile; what stands in the way of erasing them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select

from app.kernel.errors import NotFound
from models import (
    Account,
    Assignment,
    Erasure,
    LegalHold,
    Office,
    Order,
    Resident,
    RoleGrant,
    SubjectKey,
    Volunteer,
    db,
)
from models.kinds import BY_OFFICE, Role
from models.states import ASSIGNMENT_BUSY, ORDER_LIVE, OrderStatus

SERVED = frozenset({OrderStatus.SERVED, OrderStatus.RATED, OrderStatus.NO_SHOW})
ORDER_OPEN = ORDER_LIVE - SERVED
"""Orders somebody still counts on. What only waits for a rating or for its file to be closed does not keep anybody."""
STAFF = frozenset({Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.TEAM_LEADER})


@dataclass(frozen=True)
class Person:
    """At least one of account and resident is there; a volunteer always has an account."""

    account: Account | None
    resident: Resident | None
    volunteer: Volunteer | None

    @property
    def main(self) -> Account | Resident:
        row = self.account or self.resident
        if row is None:
            raise ValueError("a person without account and resident")
        return row

    @property
    def subject_id(self) -> str:
        """What the person is called in requests, holds and the list of erasures."""
        return self.main.id

    @property
    def subject_ids(self) -> list[str]:
        """Whose keys are theirs: the account's and the resident's."""
        return [row.id for row in (self.account, self.resident) if row is not None]

    @property
    def profile(self) -> Account | Resident | Volunteer:
        """The row the journal's line is about."""
        return self.volunteer or self.resident or self.main

    @property
    def office(self) -> Office | None:
        """Their community; None for an account without a profile."""
        profile = self.resident or self.volunteer
        return profile.office if profile is not None else None

    @property
    def name(self) -> str:
        return self.main.name

    @property
    def pseudonym(self) -> str:
        """What stands where the name stood: tells rows of one person from rows of another, and nothing else."""
        kind = "志愿者" if self.volunteer is not None else "居民"
        return f"{kind}#{self.subject_id[-4:]}"

    @property
    def is_erased(self) -> bool:
        """Their key is destroyed; a name says nothing, for anybody may call themselves what they like."""
        key = db.session.get(SubjectKey, self.subject_id)
        return key is not None and key.destroyed_at is not None


def find(subject_id: str) -> Person | None:
    """The person of an account's id, a resident's or a volunteer's."""
    account = db.session.get(Account, subject_id)
    if account is None:
        profile = db.session.get(Resident, subject_id) or db.session.get(Volunteer, subject_id)
        if profile is None:
            return None
        if profile.account_id is None:
            return Person(None, db.session.get(Resident, subject_id), None)
        account = db.session.get_one(Account, profile.account_id)
    resident = db.session.scalar(select(Resident).where(Resident.account_id == account.id))
    volunteer = db.session.scalar(select(Volunteer).where(Volunteer.account_id == account.id))
    return Person(account, resident, volunteer)


def person(subject_id: str) -> Person:
    """The same; raises NotFound."""
    found = find(subject_id)
    if found is None:
        raise NotFound()
    return found


def own_orders(who: Person) -> ColumnElement[bool]:
    """SQL: orders for this person, and those they asked for in person for somebody else."""
    mine: list[ColumnElement[bool]] = [Order.resident_id == who.resident.id] if who.resident is not None else []
    if who.account is not None:
        mine.append((Order.requester_id == who.account.id) & Order.channel.not_in(BY_OFFICE))
    return or_(*mine)


def open_orders(who: Person) -> list[Order]:
    found = select(Order).where(own_orders(who), Order.status.in_(ORDER_OPEN)).order_by(Order.id)
    return list(db.session.scalars(found))


def busy_assignments(who: Person) -> list[Assignment]:
    """Visits this volunteer has promised or is making."""
    if who.volunteer is None:
        return []
    held = Assignment.volunteer_id == who.volunteer.id, Assignment.status.in_(ASSIGNMENT_BUSY)
    return list(db.session.scalars(select(Assignment).where(*held).order_by(Assignment.id)))


def hold_on(who: Person) -> LegalHold | None:
    """The legal hold that stands now."""
    held = LegalHold.subject_id.in_(who.subject_ids), LegalHold.lifted_at.is_(None)
    return db.session.scalar(select(LegalHold).where(*held).limit(1))


def open_request(who: Person) -> Erasure | None:
    """Their request that is neither done nor taken back."""
    asked = Erasure.subject_id == who.subject_id, Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None)
    return db.session.scalar(select(Erasure).where(*asked))


def is_staff(who: Person) -> bool:
    if who.account is None:
        return False
    held = RoleGrant.account_id == who.account.id, RoleGrant.role.in_(STAFF)
    return db.session.scalar(select(RoleGrant.id).where(*held).limit(1)) is not None


def obstacles(who: Person) -> Iterator[str]:
    """What must be settled before this person can be erased, in plain words."""
    for order in open_orders(who):
        yield _("单子 %(number)s 还没结束，请先完成或取消。", number=order.number)
    if promised := len(busy_assignments(who)):
        yield _("还有 %(n)s 次答应了的上门服务，请先完成或退回。", n=promised)
    if is_staff(who):
        yield _("还担任工作职务，请先请管理员收回。")
    if hold_on(who) is not None:
        yield _("依法暂时不能删除，请向社区询问。")
