"""Shapes of what people tell about themselves."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.kernel.schema import REQUIRED, Choice, Clock, Day, Flag, Many, Moment, Place, Shape, Text, Whole, is_plain
from app.language import LANGUAGES
from app.people.passwords import LEAST, MOST
from app.people.phones import normalise
from models.kinds import PortraitFault, Sex, TravelMode

TEXT_SIZES = ("standard", "elder", "max")
CELL = re.compile(r"^([01]?\d|2[0-3])-([0-6])$")


class Phone(fields.String):
    """A phone number in any common writing; loads as E.164."""

    default_error_messages = {**REQUIRED, "invalid": _l("手机号不对，请检查一下，例如 138 0000 0000。")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        phone = normalise(str(super()._deserialize(value, attr, data, **kwargs)))
        if phone is None:
            raise self.make_error("invalid")
        return phone


class Secret(fields.String):
    """A password as it was typed: of anything at all, never trimmed."""

    default_error_messages = {**REQUIRED, "invalid": _l("请用文字填写。")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        password = str(super()._deserialize(value, attr, data, **kwargs))
        if len(password) > MOST or not is_plain(password):
            raise ma.ValidationError(_l("密码最多 %(most)s 位，不能有特殊控制字符。", most=MOST))
        return password


class NewSecret(Secret):
    """A new password: long enough."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        password = super()._deserialize(value, attr, data, **kwargs)
        if len(password) < LEAST:
            raise ma.ValidationError(_l("密码至少 %(least)s 位，可以用一句好记的话。", least=LEAST))
        return password


class SignInPage(Shape):
    """The first page of signing in."""

    phone = Text(required=True, most=40)
    password = Secret(required=True)


class SignIn(SignInPage):
    """Phone and password; `code` of the second factor where the account has one."""

    code = Text(most=40, load_default="")


class Proof(Shape):
    """The password once more, and the second factor's code where there is one."""

    password = Secret(required=True)
    code = Text(most=40, load_default="")


class FactorCode(Shape):
    code = Text(required=True, most=40)


class SignUp(Shape):
    role = Choice(["resident", "volunteer"], required=True)
    name = Text(required=True, most=40)
    phone = Phone(required=True)
    password = NewSecret(required=True)
    office_id = Text(required=True, most=20)
    consent = Flag(required=True)

    @ma.validates("consent")
    def agreed(self, value: bool, **_: Any) -> None:
        if not value:
            raise ma.ValidationError(_l("需要您同意后才能注册。"))


class NewPassword(Shape):
    """Changing one's password: the one now, and the new one."""

    password_now = Secret(required=True)
    code = Text(most=40, load_default="")
    password = NewSecret(required=True)


class PhoneOnly(Shape):
    phone = Phone(required=True)


class Reset(Shape):
    """A new password with a code from the desk."""

    phone = Phone(required=True)
    code = Text(required=True, most=20)
    password = NewSecret(required=True)


class FirstRun(Shape):
    """The first office and its administrator, with the token the set-up printed."""

    token = Text(required=True, most=100)
    office = Text(required=True, most=80)
    office_phone = Text(most=30, load_default="")
    lat = Place(bound=90, required=True)
    lon = Place(bound=180, required=True)
    name = Text(required=True, most=40)
    phone = Phone(required=True)
    password = NewSecret(required=True)


class SignedUp(Shape):
    """The next step after signing up: `sign_in`, for everybody."""

    then = Text(most=20)


class Appointment(Shape):
    """Giving somebody a role in an office."""

    phone = Phone(required=True)
    role = Choice(["coordinator", "supervisor", "team_leader"], required=True)


class Preferences(Shape):
    language = Choice(LANGUAGES)
    text_size = Choice(TEXT_SIZES)
    name = Text(most=40, least=1)


class VolunteerProfile(Shape):
    """What a volunteer sets; fields left out stay as they are."""

    travel_mode = Choice(TravelMode)
    radius_m = Whole(least=100, most=50_000)
    daily_limit = Whole(least=1, most=12)
    weekly_limit_minutes = Whole(least=30, most=6000)
    languages = Many(Text(most=20), most=12)
    sex = Choice(Sex)
    birth_year = Whole(least=1900, most=2020)
    quiet_from = Clock(allow_none=True)
    quiet_until = Clock(allow_none=True)
    is_paused = Flag()
    lat = Place(bound=90)
    lon = Place(bound=180)
    skills = Many(Text(most=40), most=40)


class PortraitRemoval(Shape):
    """Why the station removes somebody's picture."""

    reason = Choice(PortraitFault, required=True)


class PortraitSeen(Shape):
    """Which picture was on the page when a volunteer was verified."""

    portrait_id = Text(most=20, load_default=None)


class NewCredential(Shape):
    kind = Text(required=True, most=40)
    number = Text(most=60, load_default="")
    expires_on = Day(load_default=None, allow_none=True)


class Grid(Shape):
    """The weekly grid: each ticked box is `hour-weekday`, Monday 0."""

    cells = Many(Text(most=5), most=168, load_default=list)

    @ma.validates("cells")
    def known(self, value: list[str], **_: Any) -> None:
        if not all(CELL.match(cell) for cell in value):
            raise ma.ValidationError(_l("请从表格里选时间。"))


class Span(Shape):
    """A stretch of time off, or of extra time."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    is_available = Flag(load_default=False)
    reason = Text(most=100, load_default="")

    @ma.validates_schema
    def forward(self, data: dict[str, Any], **_: Any) -> None:
        if data["starts_at"] >= data["ends_at"]:
            raise ma.ValidationError({"ends_at": [_l("结束要晚于开始。")]})


class Duty(Shape):
    on = Flag(required=True)
    hours = Whole(least=1, most=12, load_default=4)


class Slot(Shape):
    weekday = Whole(most=6)
    from_minute = Whole(most=1439)
    until_minute = Whole(most=1440)


class CredentialOut(Shape):
    id = Text(most=20)
    kind = Text(most=40)
    expires_on = Day(allow_none=True)
    verified_at = Moment(allow_none=True)


class VolunteerOut(Shape):
    """A volunteer's own profile."""

    id = Text(most=20)
    office_id = Text(most=20)
    name = Text(most=40)
    travel_mode = Text(most=10)
    radius_m = Whole()
    daily_limit = Whole(allow_none=True)
    weekly_limit_minutes = Whole(allow_none=True)
    languages = Many(Text(most=20))
    is_verified = Flag()
    is_paused = Flag()
    on_duty_until = Moment(allow_none=True)
    skills = fields.Function(lambda volunteer: sorted(held.skill.code for held in volunteer.skills))
    credentials = Many(fields.Nested(CredentialOut))
    availability = Many(fields.Nested(Slot), most=200)


class GrantOut(Shape):
    role = Text(most=20)
    office_id = Text(most=20)


class Me(Shape):
    """Who the caller is."""

    account_id = Text(most=20)
    name = Text(most=40)
    resident_id = Text(most=20, allow_none=True)
    volunteer_id = Text(most=20, allow_none=True)
    language = Text(most=8)
    grants = Many(fields.Nested(GrantOut))


class Token(Shape):
    token = Text(most=100)
    expires_in = Whole()
