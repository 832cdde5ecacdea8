"""What an order demands of volunteers and of the queue: how many, with which skills, how early in line."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel.errors import Invalid
from models import Order, OrderSkill, Resident, ServiceItem, Skill, db
from models.kinds import Risk

USUAL_PRIORITY = 3


def priority_of(item: ServiceItem | None, resident: Resident) -> int:
    """The item's own, one more for the groups that come first (一老一小、一残一困)."""
    return (item.priority if item is not None else USUAL_PRIORITY) + bool(resident.priority_group)


def positions_range(item: ServiceItem | None) -> tuple[int, int]:
    """How few and how many volunteers may be asked for: never fewer than a risky item needs."""
    if item is None:
        return 1, 20
    return (item.positions if item.risk == Risk.HIGH else 1), 50


def positions_of(wanted: int | None, item: ServiceItem | None) -> int:
    least, most = positions_range(item)
    number = wanted if wanted is not None else (item.positions if item is not None else 1)
    if not least <= number <= most:
        raise Invalid({"positions": [_("请填 %(least)s 到 %(most)s 之间的人数。", least=least, most=most)]})
    return number


def set_item(order: Order, item: ServiceItem | None, extra_skills: Sequence[str] = ()) -> None:
    """Take over what an item demands (skills, credentials, age), and any skills asked for beyond it."""
    held = {row.skill_id: row for row in order.skills}
    wanted = {row.skill_id for row in item.skills} if item is not None else set()
    wanted |= skill_ids(extra_skills)
    order.item = item
    order.credentials = list(item.credentials) if item is not None else []
    order.minimum_age = item.minimum_age if item is not None else None
    order.skills = [held.get(key) or OrderSkill(skill_id=key) for key in sorted(wanted)]


def skill_ids(codes: Sequence[str]) -> set[str]:
    """The ids of skills by their codes; Invalid for an unknown one."""
    asked = select(Skill.code, Skill.id).where(Skill.code.in_(codes))
    known = {row.code: row.id for row in db.session.execute(asked)} if codes else {}
    if unknown := sorted(set(codes) - set(known)):
        raise Invalid({"skills": [_("没有这项技能：%(code)s", code=unknown[0])]})
    return set(known.values())
