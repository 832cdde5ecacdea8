"""What people choose from on forms about themselves, in the page's language."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.offices.queries import named
from app.people.queries import has_demo_accounts
from app.words import SPOKEN, spoken
from models import Credential, Skill, Volunteer, db
from models.kinds import PortraitFault, TravelMode

LANGUAGES = tuple(SPOKEN)


class VolunteerChoices:
    """The lists on a volunteer's profile page."""

    def modes(self) -> list[tuple[str, str]]:
        words = {
            TravelMode.WALK: _("步行"),
            TravelMode.BIKE: _("自行车"),
            TravelMode.EBIKE: _("电动车"),
            TravelMode.TRANSIT: _("公交地铁"),
            TravelMode.CAR: _("开车"),
        }
        return [(str(mode), word) for mode, word in words.items()]

    def skills(self) -> list[tuple[str, str]]:
        return [(skill.code, named(skill)) for skill in db.session.scalars(select(Skill).order_by(Skill.name))]

    def languages(self) -> list[tuple[str, str]]:
        return list(zip(LANGUAGES, spoken(LANGUAGES), strict=True))

    def credentials(self) -> list[tuple[str, str]]:
        """Kinds of papers the stations have seen; what others merely typed is theirs."""
        seen = select(Credential.kind).where(Credential.verified_at.is_not(None))
        kinds = db.session.scalars(seen.distinct().order_by(Credential.kind).limit(50))
        return [(kind, kind) for kind in kinds]

    def current(self, volunteer: Volunteer) -> dict[str, Any]:
        """The profile as form values."""
        return {
            "travel_mode": volunteer.travel_mode,
            "radius_m": volunteer.radius_m,
            "daily_limit": volunteer.daily_limit,
            "weekly_limit_minutes": volunteer.weekly_limit_minutes,
            "languages": volunteer.languages,
            "skills": [held.skill.code for held in volunteer.skills],
            "quiet_from": _clock(volunteer.quiet_from),
            "quiet_until": _clock(volunteer.quiet_until),
        }


volunteer_choices = VolunteerChoices()


def portrait_faults() -> list[tuple[str, str]]:
    """Why the station may remove somebody's picture."""
    words = {
        PortraitFault.UNCLEAR: _("看不清脸"),
        PortraitFault.NOT_ALONE: _("照片里还有别人"),
        PortraitFault.NOT_THEM: _("看不出是本人"),
        PortraitFault.UNFIT: _("不适合给居民看"),
    }
    return [(str(fault), word) for fault, word in words.items()]


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def demo_accounts() -> list[Any]:
    """The accounts of the demo city, where this server runs one; never in production."""
    if current_app.config["LINLI"].in_production or not has_demo_accounts():
        return []
    from app.demo.accounts import DEMO_ACCOUNTS

    return list(DEMO_ACCOUNTS)
