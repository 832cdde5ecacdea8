"""Looking at sealed rows in tests."""

from app.kernel.transaction import command
from models import db

CANARY = "西湖区金丝雀巷 77 幢 707"


@command
def set_on(table, key, **fields):
    row = db.session.get_one(table, key)
    for name, value in fields.items():
        setattr(row, name, value)


def fresh(table, key):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(table, key)
