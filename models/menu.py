"""The menu (菜单): skills, service categories, service items. Data, not code."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Identified, one_of
from models.kinds import Risk, Urgency


class Skill(Identified, Base):
    __tablename__ = "skill"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="")


class ServiceCategory(Identified, Base):
    __tablename__ = "service_category"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    position: Mapped[int] = mapped_column(default=0)

    items: Mapped[list[ServiceItem]] = relationship(back_populates="category", order_by="ServiceItem.position")


class ServiceItem(Identified, Base):
    """A standing kind of service. `limits` overrides time limits of the office's settings by name."""

    __tablename__ = "service_item"
    __table_args__ = (
        one_of("risk", Risk),
        one_of("urgency", Urgency),
        CheckConstraint("duration_minutes BETWEEN 5 AND 720", name="duration_sane"),
        CheckConstraint("positions BETWEEN 1 AND 50", name="positions_sane"),
    )

    category_id: Mapped[str] = mapped_column(Id, ForeignKey("service_category.id"), index=True)
    office_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"), index=True)  # None: every office
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    description: Mapped[str] = mapped_column(String(400), default="")
    description_en: Mapped[str] = mapped_column(String(400), default="")
    duration_minutes: Mapped[int]
    positions: Mapped[int] = mapped_column(default=1)
    credentials: Mapped[list[str]] = mapped_column(JSON, default=list)
    minimum_age: Mapped[int | None]
    risk: Mapped[str] = mapped_column(String(10), default=Risk.NORMAL)
    risk_note: Mapped[str] = mapped_column(String(200), default="")
    urgency: Mapped[str] = mapped_column(String(10), default=Urgency.NORMAL)
    approves_at_once: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int] = mapped_column(default=3)
    limits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    category: Mapped[ServiceCategory] = relationship(back_populates="items", lazy="joined")
    skills: Mapped[list[ServiceItemSkill]] = relationship(cascade="all, delete-orphan")


class ServiceItemSkill(Identified, Base):
    __tablename__ = "service_item_skill"
    __table_args__ = (UniqueConstraint("item_id", "skill_id"),)

    item_id: Mapped[str] = mapped_column(Id, ForeignKey("service_item.id"))
    skill_id: Mapped[str] = mapped_column(Id, ForeignKey("skill.id"))

    skill: Mapped[Skill] = relationship(lazy="joined")
