"""Volunteers: what they can do, when they can, how far they go, and whom they must not meet."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Account
from models.base import Base, Id, Identified, UTCDateTime, one_of
from models.kinds import BlockKind, Sex, TravelMode
from models.menu import Skill
from models.office import Office


class Volunteer(Identified, Base):
    """A volunteer's profile. `version` grows with every change that dispatch must know of."""

    __tablename__ = "volunteer"
    __table_args__ = (
        one_of("travel_mode", TravelMode),
        CheckConstraint(f"sex IS NULL OR sex IN ('{Sex.FEMALE}', '{Sex.MALE}')", name="sex_known"),
        CheckConstraint("radius_m BETWEEN 100 AND 100000", name="radius_sane"),
    )

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), unique=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    team: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(40))
    sex: Mapped[str | None] = mapped_column(String(10))
    birth_year: Mapped[int | None]
    lat: Mapped[float]
    lon: Mapped[float]
    travel_mode: Mapped[str] = mapped_column(String(10), default=TravelMode.EBIKE)
    radius_m: Mapped[int] = mapped_column(default=3000)
    daily_limit: Mapped[int | None] = mapped_column(default=3)
    weekly_limit_minutes: Mapped[int | None] = mapped_column(default=600)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_verified: Mapped[bool] = mapped_column(default=False)
    is_paused: Mapped[bool] = mapped_column(default=False)
    on_duty_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    quiet_from: Mapped[int | None]  # minutes after local midnight
    quiet_until: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    account: Mapped[Account] = relationship()
    office: Mapped[Office] = relationship()
    skills: Mapped[list[VolunteerSkill]] = relationship(back_populates="volunteer", cascade="all, delete-orphan")
    credentials: Mapped[list[Credential]] = relationship(back_populates="volunteer", cascade="all, delete-orphan")
    availability: Mapped[list[Availability]] = relationship(cascade="all, delete-orphan")
    exceptions: Mapped[list[AvailabilityException]] = relationship(cascade="all, delete-orphan")
    portrait: Mapped[Portrait | None] = relationship(back_populates="volunteer", cascade="all, delete-orphan")


class VolunteerSkill(Identified, Base):
    __tablename__ = "volunteer_skill"
    __table_args__ = (UniqueConstraint("volunteer_id", "skill_id"),)

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"))
    skill_id: Mapped[str] = mapped_column(Id, ForeignKey("skill.id"), index=True)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    volunteer: Mapped[Volunteer] = relationship(back_populates="skills")
    skill: Mapped[Skill] = relationship(lazy="joined")


class Credential(Identified, Base):
    """A qualification with an end: `expires_on` is the last day on which it counts (None: no end)."""

    __tablename__ = "credential"

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(60), default="")
    expires_on: Mapped[date | None]
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    volunteer: Mapped[Volunteer] = relationship(back_populates="credentials")


class Portrait(Identified, Base):
    """What a volunteer looks like, for whoever opens the door to them; a square picture kept outside the web root.

    `seen_at` is when the station looked at it and found that it shows them: before that nobody served sees it.
    """

    __tablename__ = "portrait"

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"), unique=True)
    filename: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    volunteer: Mapped[Volunteer] = relationship(back_populates="portrait")


class Availability(Identified, Base):
    """A weekly slot in local time: weekday 0 is Monday, minutes after midnight, half-open."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_sane"),
        CheckConstraint("0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440", name="slot_sane"),
    )

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"), index=True)
    weekday: Mapped[int]
    from_minute: Mapped[int]
    until_minute: Mapped[int]


class AvailabilityException(Identified, Base):
    """A stretch of time that departs from the weekly grid: free although not in it, or away although in it."""

    __tablename__ = "availability_exception"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="span_sane"),)

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    is_available: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(100), default="")


class Block(Identified, Base):
    """These two are never brought together again, whoever of them asked for it."""

    __tablename__ = "block"
    __table_args__ = (one_of("kind", BlockKind), UniqueConstraint("volunteer_id", "resident_id", "kind"))

    volunteer_id: Mapped[str] = mapped_column(Id, ForeignKey("volunteer.id"))
    resident_id: Mapped[str] = mapped_column(Id, ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
