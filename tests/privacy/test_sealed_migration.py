"""Migration 0006 seals what is there, and opens it again on the way back."""

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.config import ROOT
from models import Account, Order, Resident, SavedAddress, SubjectKey, db
from tests.privacy.erasing import SEALED, lived
from tests.privacy.strings import everything_in

FOLDER = str(ROOT / "migrations")


def test_rows_are_opened_going_down_and_sealed_going_up(world):
    resident, helper, order_id = lived(world)
    number = len(db.session.scalars(db.select(SubjectKey.subject_id)).all())
    _leave()
    downgrade(directory=FOLDER, revision="0005")
    found = everything_in(db.engine)
    assert [canary for canary in SEALED if canary not in found] == []
    with db.engine.connect() as connection:
        row = connection.execute(text("SELECT address, words, contact_phone FROM orders")).one()
        assert tuple(row) == ("金丝雀巷 77 幢", "金丝雀的话", "+8613877770001")
    upgrade(directory=FOLDER)
    found = everything_in(db.engine)
    assert [canary for canary in SEALED if canary in found] == []
    order = db.session.get_one(Order, order_id)
    assert (order.address, order.words, order.contact_phone) == ("金丝雀巷 77 幢", "金丝雀的话", "+8613877770001")
    assert db.session.get_one(Resident, resident.resident_id).access_notes == "钥匙在金丝雀笼下"
    assert db.session.scalars(db.select(SavedAddress)).one().address == "金丝雀巷 77 幢"
    for phone, actor in (("+8613877770001", resident), ("+8613877770002", helper)):
        assert db.session.scalar(db.select(Account.id).where(Account.phone.equals(phone))) == actor.account_id
    assert len(db.session.scalars(db.select(SubjectKey.subject_id)).all()) == number


def test_somebody_who_was_erased_stays_erased_on_the_way(world):
    from app.privacy import erasure

    resident, helper, _order_id = lived(world)
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    _leave()
    downgrade(directory=FOLDER, revision="0005")
    upgrade(directory=FOLDER)
    found = everything_in(db.engine)
    assert [canary for canary in SEALED if canary in found] == []


def _leave():
    db.session.remove()
    db.engine.dispose()
