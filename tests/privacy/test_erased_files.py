"""Files and backups, and the list by which a restored backup is erased again."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app.audit.service import check
from app.kernel.clock import now
from app.privacy import erased_list, erasure, persons
from app.privacy.commands import privacy_commands
from app.serving import service as serving
from models import Order, db
from tests.privacy.erasing import CANARIES, NAME, SEALED, VOLUNTEER, canaries_left, lived
from tests.privacy.strings import files_of


def test_the_files_of_sqlite_never_hold_a_sealed_word(town):
    lived(town)
    content = files_of(str(db.engine.url))
    assert NAME.encode() in content, "the search finds nothing at all"
    assert [canary for canary in SEALED if canary.encode() in content] == []


def test_no_canary_is_left_in_the_files_of_sqlite(town):
    resident, helper, _order_id = lived(town)
    url = str(db.engine.url)
    assert NAME.encode() in files_of(url)
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    from app.privacy.scrubbing import scrub

    assert scrub()
    found = files_of(url)
    assert [canary for canary in CANARIES if canary.encode() in found] == []


def test_a_backup_from_before_holds_no_sealed_canary_and_no_key_that_still_stands(town, tmp_path):
    lived(town)
    file = Path(str(db.engine.url).removeprefix("sqlite:///"))
    with sqlite3.connect(file) as source, sqlite3.connect(tmp_path / "backup.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    content = (tmp_path / "backup.db").read_bytes()
    assert [canary for canary in SEALED if canary.encode() in content] == []


def test_a_restored_backup_is_erased_again_from_the_list(town, tmp_path):
    resident, helper, _order_id = lived(town)
    file = Path(str(db.engine.url).removeprefix("sqlite:///"))
    db.session.remove()
    db.engine.dispose()
    shutil.copy(file, tmp_path / "backup.db")
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    assert erased_list.read() == [resident.account_id, helper.account_id]
    assert NAME not in erased_list.path().read_text("utf-8")
    db.session.remove()
    db.engine.dispose()
    for leftover in file.parent.glob(f"{file.name}*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", file)
    assert NAME in canaries_left()
    assert erasure.reapply() == 2
    assert canaries_left() == []
    assert erasure.reapply() == 0
    assert check().ok


def test_reapplying_ends_what_was_open_again(world):
    resident = world.resident(NAME)
    order = world.open_order(resident, contact_name=NAME)
    helper = world.volunteer(VOLUNTEER)
    serving.claim(order.id, actor=helper)
    other = world.open_order(resident, contact_name=NAME, starts=now() + timedelta(days=3))
    assert erasure.reapply([helper.account_id, resident.account_id]) == 2
    assert {db.session.get_one(Order, one).status for one in (order.id, other.id)} == {"cancelled"}
    assert canaries_left() == []


def test_a_line_cut_short_is_passed_over_and_spoils_no_other(site):
    erased_list.add("one")
    with erased_list.path().open("a") as file:
        file.write('{"subject": "tw')
    assert erased_list.read() == ["one"]
    erased_list.add("three")
    assert erased_list.read() == ["one", "three"]


def test_an_erasure_that_was_not_committed_is_not_on_the_list(town):
    """The disk is full at the very commit: nothing was erased, so nothing may be erased after a restore."""
    resident = town.resident(NAME)
    erasure.ask(actor=resident)

    def full(_connection):
        raise OSError("no room")

    db.session.remove()
    event.listen(db.engine, "commit", full)
    try:
        with pytest.raises(OSError, match="no room"):
            erasure.erase(resident.account_id)
    finally:
        event.remove(db.engine, "commit", full)
    assert not persons.person(resident.account_id).is_erased
    assert erased_list.read() == []
    erasure.withdraw(resident.account_id, actor=resident)
    assert erasure.reapply() == 0


def test_a_line_that_a_crash_swallowed_is_written_by_the_next_night(world):
    resident, helper = world.resident(NAME), world.volunteer(VOLUNTEER)
    lonely = world.resident("别人")
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    erased_list.path().unlink()
    assert erasure.erase_due(dry_run=True) == 0 and not erased_list.is_there()
    erasure.erase_due()
    assert set(erased_list.read()) == {resident.account_id, helper.account_id}
    erasure.erase_due()
    assert len(erased_list.path().read_text().splitlines()) == 3, "two people and the city, once each"
    assert not persons.person(lonely.account_id).is_erased


def test_reapplying_by_hand_without_a_list_is_refused_not_passed_over(site, town):
    said = site.test_cli_runner().invoke(privacy_commands, ["reapply"])
    assert said.exit_code == 1 and "there is no list of erasures" in said.output
    resident = town.resident(NAME)
    erasure.erase(resident.account_id)
    said = site.test_cli_runner().invoke(privacy_commands, ["reapply"])
    assert said.exit_code == 0 and "0 of 1 people" in said.output
