"""A life with a canary in every field, and what is left of it."""

from app.kernel import pictures
from app.kernel.clock import now
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.people import service as people
from app.people import sessions
from app.rating import service as rating
from app.serving import service as serving
from models import Account, OrderPhoto, Resident, db
from tests.factories import advance
from tests.privacy.strings import everything_in

NAME = "金丝雀甲"
VOLUNTEER = "金丝雀乙"
CANARIES = (
    NAME, VOLUNTEER, "金丝雀巷 77 幢", "钥匙在金丝雀笼下", "金丝雀的话", "金丝雀备注", "金丝雀评价", "金丝雀回评",
    "金丝雀证书", "金丝雀标题", "金丝雀语", "13877770001", "13877770002", "30.271717", "120.171717",
)  # fmt: skip
SEALED = ("金丝雀巷 77 幢", "钥匙在金丝雀笼下", "金丝雀的话", "13877770001", "13877770002")
"""Those of them that are sealed; the others are plain until they are blanked."""


@command
def set_phone(table, key, phone):
    db.session.get_one(table, key).phone = phone


def lived(world):
    """A resident and a volunteer with a canary in every field, and one order through its whole life."""
    resident = world.resident(NAME, access_notes="钥匙在金丝雀笼下", birth_year=1940, priority_group="alone")
    helper = world.volunteer(VOLUNTEER, north_km=1.42, languages=["金丝雀语"], team="金丝雀乙队")
    for table, key, phone in (
        (Account, resident.account_id, "+8613877770001"),
        (Resident, resident.resident_id, "+8613877770001"),
        (Account, helper.account_id, "+8613877770002"),
    ):
        set_phone(table, key, phone)
    people.add_credential(actor=helper, kind="first_aid", number="金丝雀证书")
    place = {"address": "金丝雀巷 77 幢", "lat": 30.271717, "lon": 120.171717}
    ordering.save_address(actor=resident, office_id=world.ids["station"], **place)
    order = world.open_order(
        resident, title="金丝雀标题", words="金丝雀的话", contact_name=NAME, contact_phone="+8613877770001", **place
    )
    ordering.note(order.id, "金丝雀备注", actor=world.coordinator())
    held = serving.claim(order.id, actor=helper)
    advance(days=1)
    serving.check_in(held.id, actor=helper, code=order.start_code)
    advance(hours=2)
    serving.check_out(held.id, actor=helper, note="金丝雀备注")
    rating.rate(order.id, actor=resident, stars=3, words="金丝雀评价")
    rating.speak(held.id, actor=helper, stars=3, words="金丝雀回评")
    sessions.issue(resident.account_id)
    db.session.rollback()
    return resident, helper, order.id


def canaries_left(canaries=CANARIES):
    found = everything_in(db.engine)
    return [canary for canary in canaries if canary in found]


def kept_picture(order_id):
    """A picture of the order, its row and its file; gives the file."""
    folder = pictures.folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.jpg").write_bytes(b"picture")
    _name_picture(order_id)
    return folder / "a.jpg"


@command
def _name_picture(order_id):
    db.session.add(OrderPhoto(order_id=order_id, filename="a.jpg", width=1, height=1, created_at=now()))


@command
def entered_by_the_desk(world):
    """Somebody without an account, of the station; their id."""
    row = Resident(name=NAME, phone="+8613877770001", office_id=world.ids["station"], created_at=now())
    db.session.add(row)
    db.session.flush()
    return row.id
