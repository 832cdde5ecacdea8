"""A restore keeps the forgotten forgotten: the list, and pictures."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.backups import drilling, restoring, service
from app.backups.errors import BackupError
from app.kernel import pictures
from app.kernel.clock import now
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.people import portraits
from app.privacy import erased_list, erasure
from models import OrderPhoto, Portrait, Resident, db
from tests.ordering.visitor import picture


@pytest.fixture
def new_machine(taken, tmp_path, change):
    """An instance folder with nothing in it but the audit key, and an empty database. Gives `restore(**how)`."""
    store, key = service.store(service.settings().url()), audit.key().public
    empty = store.scratch("newmachine")
    change(instance=tmp_path / "new", database_url=empty, backup_folder=service.folder())
    yield lambda **how: restoring.restore(taken, trusted=(key,), **how)
    store.drop(empty)


def _picture(name, order_id):
    pictures.folder().mkdir(parents=True, exist_ok=True)
    (pictures.folder() / name).write_bytes(b"picture")

    @command
    def keep():
        db.session.add(OrderPhoto(order_id=order_id, filename=name, width=1, height=1, created_at=now()))

    keep()


def _face(volunteer):
    """A volunteer's own picture; its file's name."""
    portraits.put_portrait(picture(), actor=volunteer)
    return db.session.scalar(select(Portrait.filename))


def test_whoever_was_erased_since_is_erased_again(orders, world):
    person = world.resident("刘奶奶")
    taken = service.backup()
    erasure.erase(str(person.account_id))
    assert erased_list.read() == [person.account_id]
    outcome = restoring.restore(taken, over=True)
    assert outcome.erased == 1
    resident = db.session.get(Resident, person.resident_id)
    assert resident.name != "刘奶奶" and resident.phone == ""
    assert outcome.audit.ok


def test_an_erasure_that_was_taken_back_is_not_done_by_a_restore(orders, world):
    person = world.resident("刘奶奶")
    erasure.ask(actor=person)
    taken = service.backup()
    erased_list.add(person.account_id)  # by an older Linli, whose line came before a commit that failed
    erasure.withdraw(person.account_id, actor=person)
    assert restoring.restore(taken, over=True).erased == 0
    assert db.session.get(Resident, person.resident_id).name == "刘奶奶"


def test_somebody_whose_line_was_lost_in_a_crash_is_erased_again_all_the_same(orders, world):
    person = world.resident("刘奶奶")
    taken = service.backup()
    kept = erased_list.path().read_text()
    erasure.erase(str(person.account_id))
    erased_list.path().write_text(kept)
    assert restoring.restore(taken, over=True).erased == 1, "the database that is replaced knew of it"
    assert erased_list.read() == [person.account_id]


def test_on_a_new_machine_the_list_is_brought_along_or_done_without_on_purpose(new_machine):
    with pytest.raises(BackupError, match=r"no list of erasures at .*erasures.jsonl.*--no-erasures"):
        new_machine()
    assert service.store(service.settings().url()).is_empty(), "nothing has been put there"
    assert new_machine(no_erasures=True).ok


def test_a_list_that_was_brought_along_is_enough_though_nobody_is_on_it(taken, new_machine, tmp_path):
    (tmp_path / "new").mkdir(exist_ok=True)
    shutil.copy(tmp_path / "erasures.jsonl", tmp_path / "new" / "erasures.jsonl")
    assert erased_list.is_there() and erased_list.read() == []
    assert new_machine().ok


def test_an_empty_file_is_no_list(new_machine):
    erased_list.path().parent.mkdir(exist_ok=True)
    erased_list.path().touch()
    with pytest.raises(BackupError, match="no list"):
        new_machine()


def test_a_list_begun_on_the_new_machine_is_not_taken_for_the_old_ones(new_machine):
    erased_list.path().parent.mkdir(exist_ok=True)
    erased_list.path().write_text('{"city": "citysomewhereelse001"}\n')
    with pytest.raises(BackupError, match="of another database"):
        new_machine()
    assert new_machine(no_erasures=True).ok


def test_an_older_copy_of_the_list_is_refused(orders, world, change, tmp_path):
    erased_list.complete()
    older = erased_list.path().read_text()
    erasure.erase(str(world.resident("刘奶奶").account_id))
    taken, store, key = service.backup(), service.store(service.settings().url()), audit.key().public
    empty = store.scratch("newmachine")
    change(instance=tmp_path / "new", database_url=empty, backup_folder=service.folder())
    erased_list.path().parent.mkdir()
    erased_list.path().write_text(older)
    try:
        with pytest.raises(BackupError, match="older copy"):
            restoring.restore(taken, trusted=(key,))
    finally:
        store.drop(empty)


def test_a_drill_needs_no_list_for_the_database_is_here(taken, world):
    erasure.erase(str(world.resident("刘奶奶").account_id))
    erased_list.path().unlink()
    assert drilling.drill().ok
    assert len(erased_list.read()) == 1, "and it has been written anew"


def test_photos_come_back_that_a_row_names(orders, world):
    _picture("aa.jpg", orders[0])
    face = _face(world.volunteer())
    (pictures.folder() / "of-nobody.jpg").write_bytes(b"picture")
    taken = service.backup()
    for file in pictures.files():
        file.unlink()
    restoring.restore(taken, over=True)
    assert {file.name for file in pictures.files()} == {"aa.jpg", face}
    assert (pictures.folder() / "aa.jpg").read_bytes() == b"picture"


def test_photos_of_people_erased_since_do_not_come_back_for_a_moment(orders, world):
    person = world.resident("刘奶奶")
    order = world.open_order(person)
    ordering.cancel(order.id, "不用了", actor=person)
    _picture("hers.jpg", order.id)
    taken = service.backup()
    erasure.erase(str(person.account_id))
    assert not (pictures.folder() / "hers.jpg").exists()
    assert restoring.restore(taken, over=True).erased == 1
    assert not (pictures.folder() / "hers.jpg").exists()
