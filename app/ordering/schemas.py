"""Shapes of what is asked for and of what is shown, for pages and programs alike."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.kernel.schema import REQUIRED, Choice, Clock, Day, Flag, Many, Moment, Place, Shape, Text, Whole
from app.offices.schemas import OfficeOut
from app.ordering.choices import DAYS, PARTS
from app.people.choices import LANGUAGES
from app.people.schemas import Phone
from models.kinds import Sex, Urgency
from models.states import OrderStatus

WORDS_MOST = 500
OWN_WORDS = "own"
"""Instead of an item's code: the need is written down freely (微心愿)."""


class Needs(Shape):
    """What the person served says and needs besides the service itself."""

    words = Text(most=WORDS_MOST, load_default="")
    positions = Whole(least=1, most=50)
    languages = Many(Choice(LANGUAGES), most=8, load_default=list)
    sex_wish = Choice(Sex, allow_none=True, load_default=None)
    wants_same_volunteer = Flag(load_default=False)
    needs_wheelchair = Flag(load_default=False)


class OrderIn(Needs):
    """A new order: an `item` of the menu, or a `title` for something that is not on it; `as_soon`, or a window."""

    item = Text(most=40, attribute="item_code", load_default=None, allow_none=True)
    title = Text(most=60, load_default="")
    resident_id = Text(most=20, load_default=None, allow_none=True)
    on_behalf = Flag(load_default=False)
    contact_name = Text(most=40, load_default="")
    contact_phone = Phone()
    address_id = Text(most=20, load_default=None, allow_none=True)
    office_id = Text(most=20, load_default=None, allow_none=True)
    address = Text(most=160, load_default="")
    lat = Place(bound=90)
    lon = Place(bound=180)
    remember = Flag(load_default=False)
    access_notes = Text(most=400, load_default="")
    as_soon = Flag(load_default=False)
    window_from = Moment(load_default=None, allow_none=True)
    window_until = Moment(load_default=None, allow_none=True)
    duration_minutes = Whole(least=5, most=720)
    skills = Many(Text(most=40), most=20, load_default=list)


# ---------- one page of the wizard each ----------


class Who(Shape):
    """For oneself, for somebody ordered for before (their id), or for somebody else, named here."""

    who = Text(required=True, most=20)
    name = Text(most=40, load_default="")
    phone = Phone()

    @ma.validates_schema
    def named(self, data: dict[str, Any], **_: Any) -> None:
        if data["who"] == "other":
            missing = {name: [REQUIRED["required"]] for name in ("name", "phone") if not data.get(name)}
            if missing:
                raise ma.ValidationError(missing)


class What(Shape):
    item = Text(required=True, most=40)
    title = Text(most=60, load_default="")

    @ma.validates_schema
    def told(self, data: dict[str, Any], **_: Any) -> None:
        if data["item"] == OWN_WORDS and not data["title"]:
            raise ma.ValidationError({"title": [_l("请用一句话写下您需要什么。")]})


class Where(Shape):
    """`place` is a saved address's id, `order-` and an order's id, or `new` with community and house."""

    place = Text(most=30, load_default="new")
    office_id = Text(most=20, load_default=None)
    house = Text(most=100, load_default="")
    access_notes = Text(most=400, load_default="")
    remember = Flag(load_default=False)

    @ma.validates_schema
    def found(self, data: dict[str, Any], **_: Any) -> None:
        if data["place"] == "new":
            missing = {"office_id": _l("请选择社区。"), "house": _l("请写门牌号，让志愿者找得到。")}
            wrong = {name: [sentence] for name, sentence in missing.items() if not data[name]}
            if wrong:
                raise ma.ValidationError(wrong)


class When(Shape):
    day = Choice(DAYS, required=True)
    on = Day()
    part = Choice(PARTS)
    at = Clock()


class Words(Needs):
    """The sentence, the needs; `drop` takes a photo away again and `stay` comes back for another one."""

    drop = Text(most=60, load_default="")
    stay = Flag(load_default=False)


class Intake(Needs):
    """Everything a coordinator writes down during a telephone call, on one screen."""

    phone = Phone(required=True)
    resident_id = Text(most=20, load_default=None)
    name = Text(most=40, load_default="")
    item = Text(most=80, required=True)
    place = Text(most=30, load_default="new")
    community = Text(most=120, load_default="")
    house = Text(most=100, load_default="")
    access_notes = Text(most=400, load_default="")
    day = Choice(DAYS, required=True)
    on = Day()
    part = Choice(PARTS)
    at = Clock()
    despite = Flag(load_default=False)
    consent = Flag(load_default=False)


class AddressIn(Shape):
    label = Text(most=30, load_default="")
    office_id = Text(required=True, most=20)
    house = Text(required=True, most=100)


class Amendment(Shape):
    """What may be changed on a placed order; times as people say them."""

    words = Text(most=WORDS_MOST, load_default="")
    access_notes = Text(most=400, load_default="")
    contact_phone = Phone()
    day = Choice(DAYS)
    on = Day()
    part = Choice(PARTS)
    at = Clock()


# ---------- what the desk does ----------


class Nothing(Shape):
    """A step that needs no words."""


class ReviewReason(Shape):
    reason = Text(required=True, least=2, most=400)


class Cancellation(Shape):
    reason = Text(required=True, most=100)
    words = Text(most=200, load_default="")


class Merging(Shape):
    into = Text(required=True, most=20)


class Transferring(ReviewReason):
    office_id = Text(required=True, most=20)


class Classifying(Shape):
    item = Text(required=True, most=40)


class Note(Shape):
    words = Text(required=True, least=1, most=400)


class Splitting(Shape):
    """How many people go into the new order; or after how many minutes the first one ends."""

    by = Choice(("people", "minutes"), required=True)
    number = Whole(least=1, most=720, required=True)


class Extension(Shape):
    """How much later a service may end."""

    minutes = Whole(least=1, most=240, required=True)


# ---------- what is shown ----------


class PageQuery(Shape):
    page = Whole(least=1, most=100_000, load_default=1)
    size = Whole(least=1, most=100, load_default=20)
    status = Choice(OrderStatus, load_default=None)
    mine = Flag(load_default=False)


class PhotoOut(Shape):
    id = Text(most=20)
    width = Whole()
    height = Whole()


class OrderBrief(Shape):
    """An order as lists show it: nothing that tells who or where exactly."""

    id = Text(most=20)
    number = Text(most=20)
    version = Whole()
    status = Choice(OrderStatus)
    title = Text(most=60)
    item = fields.Pluck("app.offices.schemas.ItemOut", "code", allow_none=True)
    office = fields.Nested(OfficeOut)
    window_from = Moment()
    window_until = Moment()
    duration_minutes = Whole()
    positions_wanted = Whole()
    positions_taken = Whole()
    urgency = Choice(Urgency)
    is_now = Flag()
    created_at = Moment()


class OrderOut(OrderBrief):
    """An order as this caller may see it: fields that are not for them are absent."""

    skills = Many(Text(most=40))
    languages = Many(Text(most=20))
    sex_wish = Text(most=10, allow_none=True)
    opened_at = Moment(allow_none=True)
    staffed_at = Moment(allow_none=True)
    served_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)
    channel = Text(most=10)
    words = Text(most=1000)
    address = Text(most=200)
    lat = Place(bound=90)
    lon = Place(bound=180)
    access_notes = Text(most=400)
    contact_name = Text(most=40)
    contact_phone = Text(most=20)
    needs_wheelchair = Flag()
    wants_same_volunteer = Flag()
    photos = fields.List(fields.Nested(PhotoOut))
    reason = Text(most=400)
    start_code = Text(most=8)
    masked = Many(Text(most=40), metadata={"description": "fields that are masked or coarse, not the value itself"})


class OrderPage(Shape):
    orders = fields.List(fields.Nested(OrderBrief))
    page = Whole()
    pages = Whole()
    total = Whole()


class EventOut(Shape):
    """One step. Who took it is told only to the desk."""

    version = Whole()
    at = Moment()
    kind = Text(most=40)
    before = Text(most=20, allow_none=True)
    after = Text(most=20, allow_none=True)
    actor_name = Text(most=40)
    particulars = fields.Dict()
