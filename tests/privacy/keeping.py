"""An order that is over, and how long an office keeps it."""

from app.kernel.transaction import command
from app.ordering import service as ordering
from app.rating import service as rating
from app.serving import service as serving
from models import OfficeSetting, Order, db
from tests.factories import advance

WORDS = "金丝雀的话"


def closed_order(world, **more):
    """An order through its whole life, rated badly with words, and closed."""
    resident, helper = world.resident("王奶奶"), world.volunteer()
    order = world.open_order(resident, words=WORDS, title=WORDS, lat=30.271717, **more)
    ordering.note(order.id, WORDS, actor=world.coordinator(more.get("office")))
    held = serving.claim(order.id, actor=helper)
    advance(days=1)
    serving.check_in(held.id, actor=helper, code=order.start_code)
    advance(hours=2)
    serving.check_out(held.id, actor=helper, note=WORDS)
    rating.rate(order.id, actor=resident, stars=3, words="很好")
    rating.speak(held.id, actor=helper, stars=3)
    db.session.rollback()
    if db.session.get_one(Order, order.id).status != "closed":
        rating.close_if_settled(order.id)
    db.session.rollback()
    return order.id


def fresh(table, key):
    db.session.rollback()
    return db.session.get_one(table, key)


@command
def set_days(office_id, name, days):
    db.session.add(OfficeSetting(office_id=office_id, name=name, value=days))
