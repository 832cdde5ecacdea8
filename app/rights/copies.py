"""A copy of what is held about oneself: one list of tables, read by the page, the file and the API alike.

Left out, because it is somebody else's or nobody's to have: other people's names, numbers and doors, ratings still
hidden, hashes of passwords and tokens. What a coordinator wrote down at the desk is the resident's and not theirs.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.kernel import pictures
from app.kernel.access import Actor
from app.kernel.clock import local, now
from app.kernel.journal import record
from app.kernel.locks import locked
from app.kernel.transaction import command
from models import (
    Account,
    Assignment,
    Availability,
    AvailabilityException,
    Consent,
    Credential,
    Guardian,
    HoursEntry,
    Notification,
    Offer,
    Order,
    Portrait,
    Rating,
    Resident,
    RoleGrant,
    SavedAddress,
    SavedView,
    Volunteer,
    db,
)
from models.kinds import BY_OFFICE, EventKind

MOST_ROWS = 20_000
"""Of one table; nobody has more, and a file must end somewhere."""


@dataclass(frozen=True)
class Part:
    """One table of the copy: its name for programs, its title for people, the rows that are theirs."""

    name: str
    title: str
    rows: list[dict[str, Any]]


Table = tuple[str, str, str, Select[Any]]
"""Its name, its title, the columns copied, the rows that are theirs."""


def _tables(actor: Actor) -> Iterator[Table]:
    who, resident, volunteer = actor.account_id, actor.resident_id, actor.volunteer_id
    yield from _of_the_account(who)
    yield from _of_the_resident(resident)
    yield from _orders(who, resident)
    yield from _of_the_volunteer(volunteer)
    yield from _work(volunteer)


def _of_the_account(who: str | None) -> Iterator[Table]:
    yield (
        "account",
        _("账号"),
        "name phone language text_size created_at signed_in_at",
        select(Account).filter_by(id=who),
    )
    yield "saved_views", _("存下的筛选"), "name wanted created_at", select(SavedView).filter_by(account_id=who)
    yield "roles", _("角色"), "role office_id created_at", select(RoleGrant).filter_by(account_id=who)
    yield (
        "consents", _("同意"), "purpose channel wording_version wording_sha256 given_at withdrawn_at",
        select(Consent).filter_by(account_id=who),
    )  # fmt: skip
    yield "guardians", _("监护人"), "name relation recorded_at ended_at", select(Guardian).filter_by(account_id=who)
    yield "notices", _("消息"), "kind order_id created_at read_at", select(Notification).filter_by(account_id=who)


def _of_the_resident(resident: str | None) -> Iterator[Table]:
    yield (
        "resident", _("居民资料"), "name phone birth_year priority_group access_notes created_at",
        select(Resident).filter_by(id=resident),
    )  # fmt: skip
    yield (
        "addresses", _("常用地址"), "label address lat lon created_at removed_at",
        select(SavedAddress).filter_by(resident_id=resident),
    )  # fmt: skip


def _orders(who: str | None, resident: str | None) -> Iterator[Table]:
    """What was asked for oneself, with where and who; for others without; and what was said of the service."""
    told = "number title status words window_from window_until duration_minutes positions_wanted urgency channel "
    told += "created_at served_at closed_at"
    where_and_who = " contact_name contact_phone address access_notes lat lon"
    own = select(Order).where(Order.resident_id == resident).order_by(Order.created_at)
    yield "orders", _("单子"), told + where_and_who, own
    asked = Order.requester_id == who, Order.channel.not_in(BY_OFFICE)
    others = select(Order).where(*asked, Order.resident_id.is_distinct_from(resident)).order_by(Order.created_at)
    yield "orders_for_others", _("替别人点的单"), told, others
    given = select(Rating).where(Rating.author_id == who).order_by(Rating.created_at)
    yield "ratings_given", _("给出的评价"), "order_id side stars outcome tags words created_at", given


def _of_the_volunteer(volunteer: str | None) -> Iterator[Table]:
    yield (
        "volunteer", _("志愿者资料"),
        "name team sex birth_year lat lon travel_mode radius_m daily_limit weekly_limit_minutes languages is_verified "
        "is_paused created_at",
        select(Volunteer).filter_by(id=volunteer),
    )  # fmt: skip
    yield (
        "credentials",
        _("证书"),
        "kind number expires_on verified_at",
        select(Credential).filter_by(volunteer_id=volunteer),
    )
    yield (
        "availability", _("每周有空"), "weekday from_minute until_minute",
        select(Availability).filter_by(volunteer_id=volunteer),
    )  # fmt: skip
    yield (
        "exceptions", _("例外的时间"), "starts_at ends_at is_available reason",
        select(AvailabilityException).filter_by(volunteer_id=volunteer),
    )  # fmt: skip


def _work(volunteer: str | None) -> Iterator[Table]:
    """What the volunteer was asked (with what the answer model may look at), did, was told of it and credited with."""
    yield (
        "offers", _("收到的邀请"),
        "order_id status origin starts_at ends_at distance_m travel_minutes decline_reason sent_at seen_at answered_at "
        "features",
        select(Offer).filter_by(volunteer_id=volunteer).order_by(Offer.sent_at),
    )  # fmt: skip
    yield (
        "services", _("接过的单"), "order_id status starts_at ends_at accepted_at ended_at reason",
        select(Assignment).filter_by(volunteer_id=volunteer).order_by(Assignment.starts_at),
    )  # fmt: skip
    received = (
        select(Rating).join(Assignment, Rating.assignment_id == Assignment.id)
        .where(Assignment.volunteer_id == volunteer, Rating.side == "resident", Rating.visible_at <= now())
    )  # fmt: skip
    yield "ratings_received", _("收到的评价"), "stars outcome tags words created_at", received
    yield (
        "hours", _("服务时长"), "assignment_id kind status minutes evidence reason created_at decided_at",
        select(HoursEntry).filter_by(volunteer_id=volunteer).order_by(HoursEntry.created_at),
    )  # fmt: skip


def _portrait(volunteer: str | None) -> list[Part]:
    """Their picture, whole: it is small, and a copy without it would be none."""
    row = db.session.scalar(select(Portrait).filter_by(volunteer_id=volunteer))
    file = pictures.path(row.filename) if row is not None else None
    if row is None or file is None or not file.is_file():
        return []
    held = {"created_at": row.created_at, "seen_at": row.seen_at, "picture": b64encode(file.read_bytes()).decode()}
    return [Part("portrait", _("头像"), [held])]


def parts(actor: Actor) -> list[Part]:
    """Everything held about the actor, table by table; empty tables are left out."""
    found = []
    for name, title, listed, rows in _tables(actor):
        columns = tuple(listed.split())
        held = [{c: getattr(row, c) for c in columns} for row in db.session.scalars(rows.limit(MOST_ROWS))]
        if held:
            found.append(Part(name, title, held))
    return [*found, *_portrait(actor.volunteer_id)]


def as_json(actor: Actor) -> dict[str, Any]:
    """The same for programs."""
    held = {part.name: [{c: _plain(value) for c, value in row.items()} for row in part.rows] for part in parts(actor)}
    return {"made_at": _plain(now()), "parts": held}


@command
def note_copy(*, actor: Actor) -> None:
    """Write down that a copy was taken: whoever gets at an account must not empty it unseen."""
    record(locked(Account, str(actor.account_id)), EventKind.DATA_EXPORT, actor=actor)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
