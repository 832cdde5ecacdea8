"""Somebody without scripts at the questions of 点单, and the pictures they send."""

from io import BytesIO

from PIL import Image
from sqlalchemy import select

from models import Order, db
from tests.ordering.wishes import post


class Visitor:
    """Somebody with a browser that runs no scripts: fills in forms, follows redirects by hand."""

    def __init__(self, client):
        self.client = client

    def get(self, path):
        return self.client.get(path)

    def send(self, path, **fields):
        return post(self.client, path, **fields)

    def answer(self, step, **fields):
        return self.send(f"/orders/new/{step}", **fields)

    def go_to(self, step, world, **what):
        """Answer every page before this one."""
        answers = {
            "who": {"who": "me"},
            "what": {"item": "escort"},
            "where": {"place": "new", "office_id": world.ids["station"], "house": "3 幢 201", "remember": "1"},
            "when": {"day": "tomorrow", "part": "afternoon"},
            "words": {"words": "去市一医院"},
        }
        answers.update(what)
        for name, fields in answers.items():
            if name == step:
                return
            reply = self.answer(name, **fields)
            assert reply.status_code == 303, reply.text

    def submit(self, key="key-1"):
        return self.send("/orders/new/check", _key=key)


def only_order():
    return db.session.scalars(select(Order)).one()


def picture(kind="JPEG", size=(300, 200), **more):
    stream = BytesIO()
    Image.new("RGB", size, "tomato").save(stream, kind, **more)
    stream.seek(0)
    return stream
