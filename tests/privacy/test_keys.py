"""Master keys: kept apart, changed without touching what is sealed, asked for before production starts."""

import os
import stat

import pytest
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.kernel import keyring as kept
from app.privacy import rotation
from app.privacy.commands import privacy_commands
from app.privacy.key_commands import key_commands
from models import Account, Order, SubjectKey, db
from models.keyring import BadKeys, Keyring, keyring
from tests.privacy.sealing import CANARY, fresh

GOOD = {"secret_key": "0123456789abcdef0123456789abcdef", "environment": "production", "https": True}


def run(app, *words, group=key_commands):
    return app.test_cli_runner().invoke(group, list(words))


def with_a_file(app):
    """As outside tests: the keys stand in a file."""
    settings = app.config["LINLI"]
    kept.keep(keyring(), settings)
    return kept.path(settings)


def test_rotation_wraps_all_keys_anew_and_leaves_what_is_sealed(world, app):
    file = with_a_file(app)
    order_id = world.open_order(address=CANARY).id
    actor = world.resident()
    phone = fresh(Account, actor.account_id).phone
    before = fresh(Order, order_id).address_sealed
    db.session.rollback()
    said = run(app, "rotate")
    assert said.exit_code == 0, said.output
    assert keyring().current == "v2"
    assert rotation.in_use().keys() == {"v2"}
    assert fresh(Order, order_id).address_sealed == before
    assert fresh(Order, order_id).address == CANARY
    assert db.session.scalar(select(Account.id).where(Account.phone.equals(phone))) == actor.account_id
    db.session.rollback()
    assert run(app, "retire", "v1").exit_code == 0
    assert list(keyring().keys) == ["v2"]
    assert fresh(Order, order_id).address == CANARY
    assert db.session.scalar(select(Account.id).where(Account.phone.equals(phone))) == actor.account_id
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_while_a_rotation_runs_old_and_new_are_found(world, app):
    with_a_file(app)
    old = world.resident()
    old_phone = fresh(Account, old.account_id).phone
    db.session.rollback()
    kept.keep(keyring().with_new(), app.config["LINLI"])
    new = world.resident()
    new_phone = fresh(Account, new.account_id).phone
    for actor, phone in ((old, old_phone), (new, new_phone)):
        assert db.session.scalar(select(Account.id).where(Account.phone.equals(phone))) == actor.account_id
    db.session.rollback()
    assert rotation.in_use().keys() == {"v1", "v2"}
    db.session.rollback()
    assert run(app, "retire", "v1").exit_code == 1
    assert run(app, "rotate").exit_code == 0
    assert list(keyring().keys) == ["v2", "v1"], "it went on with the one that was begun"


def test_another_process_hears_of_it_at_once(world, app):
    with_a_file(app)
    order_id = world.open_order(address=CANARY).id
    db.session.rollback()
    other = create_app(app.config["LINLI"])
    assert run(app, "rotate").exit_code == 0
    with other.app_context():
        assert db.session.get_one(Order, order_id).address == CANARY
        db.session.remove()
        db.engine.dispose()


def test_keys_of_the_environment_are_told_not_written(site, tmp_path):
    ring = Keyring.fresh()
    other = create_app(
        Settings(database_url=str(db.engine.url), instance=tmp_path / "other", testing=True, data_keys=ring.text())
    )
    with other.app_context():
        said = run(other, "rotate").output
        assert said.splitlines()[-1].startswith("v2:") and ring.text() in said
        assert not kept.path(other.config["LINLI"]).exists()
        db.session.remove()
        db.engine.dispose()


def test_the_list_never_shows_a_key(world, app):
    world.open_order()
    db.session.rollback()
    said = run(app, "list").output
    assert said.startswith("v1  current")
    assert keyring().text().removeprefix("v1:") not in said


def test_a_key_that_is_missing_is_said(town, site):
    town.open_order()
    db.session.rollback()
    kept.keep(Keyring({"v7": b"7" * 32}), site.config["LINLI"])
    said = run(site, "list")
    assert said.exit_code == 1
    assert "v1  MISSING" in said.output


def test_export_writes_once_for_its_owner_only(site, tmp_path):
    file = tmp_path / "keys"
    assert run(site, "export", str(file)).exit_code == 0
    assert Keyring.parse(file.read_text()).keys == keyring().keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(site, "export", str(file)).exit_code == 1


def test_the_current_key_and_strangers_are_not_retired(site):
    for version in ("v1", "v9"):
        assert run(site, "retire", version).exit_code == 1


# ---------- starting ----------


def test_production_does_not_start_without_keys(tmp_path):
    with pytest.raises(BadKeys, match="DATA_KEYS"):
        kept.load(Settings(instance=tmp_path, **GOOD))
    assert not list(tmp_path.iterdir())


def test_production_starts_with_keys_from_either_place(tmp_path):
    ring = Keyring.fresh()
    assert kept.load(Settings(instance=tmp_path, data_keys=ring.text(), **GOOD)).keys == ring.keys
    kept.keep(ring, Settings(instance=tmp_path))
    assert kept.load(Settings(instance=tmp_path, **GOOD)).keys == ring.keys


def test_development_makes_a_file_once_for_its_owner_only(tmp_path):
    settings = Settings(instance=tmp_path / "new")
    first = kept.load(settings)
    assert kept.load(settings).keys == first.keys
    assert stat.S_IMODE(kept.path(settings).stat().st_mode) == 0o600
    kept.keep(Keyring.fresh(), settings, first=True)
    assert kept.load(settings).keys == first.keys, "a second first one yields"
    assert [file.name for file in settings.instance.iterdir()] == ["data_keys"]


@pytest.mark.parametrize(
    "text", ["", "v1:", "v1:short", "v1", "1:QUJD", "v1:!!!", "v1:" + "A" * 44, "v1:QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUI="]
)
def test_what_is_no_key_is_refused_and_not_quoted(text):
    with pytest.raises(BadKeys) as refused:
        Keyring.parse(text)
    assert "QUJDQ" not in str(refused.value) and "AAAAAAAAAAAA" not in str(refused.value)


def test_a_setting_does_not_show_the_keys():
    assert "c2VjcmV0" not in repr(Settings(data_keys="v1:c2VjcmV0"))


def test_an_unknown_person_is_not_erased_by_the_command(site):
    said = run(site, "erase", "nobody", "--yes", group=privacy_commands)
    assert (said.exit_code, "nobody has this id" in said.output) == (1, True)


def test_a_person_is_erased_by_the_command(town, site):
    actor = town.resident("金丝雀甲")
    said = run(site, "erase", actor.account_id, "--yes", group=privacy_commands)
    assert said.exit_code == 0, said.output
    assert fresh(Account, actor.account_id).phone == ""
    assert db.session.get_one(SubjectKey, actor.account_id).wrapped is None
    assert run(site, "reapply", group=privacy_commands).output.startswith("0 of 1")
    assert run(site, "scrub", group=privacy_commands).exit_code == 0


def test_a_hold_by_the_command_stops_the_command(town, site):
    actor = town.resident("金丝雀甲")
    assert run(site, "hold", actor.account_id, "--reason", "民诉案", group=privacy_commands).exit_code == 0
    assert run(site, "erase", actor.account_id, "--yes", group=privacy_commands).exit_code == 1
    assert run(site, "hold", actor.account_id, group=privacy_commands).exit_code == 0
    assert run(site, "erase", actor.account_id, "--yes", group=privacy_commands).exit_code == 0


def test_a_new_key_file_and_its_name_are_on_the_disk_before_anything_is_sealed_with_it(site, monkeypatch):
    """Without the folder's own fsync a power cut could leave the old name beside words sealed with the new."""
    settings, synced = site.config["LINLI"], []
    write = os.fsync

    def noted(descriptor):
        synced.append((os.readlink(f"/proc/self/fd/{descriptor}"), kept.path(settings).exists()))
        write(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    for first in (True, False):
        synced.clear()
        kept.keep(keyring(), settings, first=first)
        files = [path for path, _there in synced]
        assert files[0].endswith(".new"), "the content first"
        assert synced[-1] == (str(kept.path(settings).parent), True), "then the folder, once the name stands in it"
