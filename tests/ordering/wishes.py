"""What residents of the small world ask for."""

from datetime import timedelta

from sqlalchemy import select

from app.kernel.clock import now
from models import Event, db
from tests.factories import csrf_of


def post(browser, page, path=None, **fields):
    """Open a page and send its form, as somebody without scripts would."""
    token = csrf_of(browser.get(page, follow_redirects=True).text)
    data = {"csrf_token": token, **fields}
    return browser.post(path or page, data=data, content_type="multipart/form-data")


def wish(world, **change):
    """An escort tomorrow at noon, two hours, at the station's community, unless told otherwise."""
    starts = now() + timedelta(days=1)
    usual = {
        "item_code": "escort",
        "office_id": world.ids["station"],
        "address": "3 幢 201",
        "window_from": starts,
        "window_until": starts + timedelta(hours=3),
    }
    return {**usual, **change}


def errand(world, **change):
    """Something of low risk."""
    return wish(world, item_code="errand", **change)


def free_form(world, **change):
    """Something that is not on the menu."""
    return wish(world, item_code=None, title="帮我把旧书搬下楼", **change)


def events_of(order):
    return db.session.scalars(select(Event).where(Event.order_id == order.id).order_by(Event.version)).all()
