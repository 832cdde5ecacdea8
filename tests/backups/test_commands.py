"""flask backup | restore | drill from a terminal."""

from __future__ import annotations

import pytest

from app.backups import service
from models import db
from tests.audit.scenes import walk


@pytest.fixture
def flask(site, town):
    """Runs one command; gives its exit code and what it said."""
    order_id = town.open_order().id
    db.session.remove()

    def run(*words):
        done = site.test_cli_runner().invoke(args=[*map(str, words)])
        return done.exit_code, done.output

    run.order_id = order_id
    return run


def test_from_a_backup_over_a_drill_to_a_restore(flask):
    code, said = flask("backup")
    assert code == 0 and " MB" in said
    (taken,) = service.all_backups()
    assert str(taken) in flask("backup", "--list")[1]
    walk(flask.order_id)
    db.session.remove()
    code, said = flask("drill")
    assert code == 0
    assert "2 journal rows written since" in said and "RTO" in said and "All invariants hold." in said
    code, said = flask("restore", taken)
    assert code == 1 and "--over puts it aside" in said
    code, said = flask("restore", taken, "--over")
    assert code == 0
    assert "The chains hold." in said and "is kept as" in said and "Restored." in said


def test_what_is_refused_is_said_in_one_line(flask, tmp_path):
    code, said = flask("drill")
    assert code == 1 and said.startswith("Error: there is no backup in")
    code, said = flask("restore", tmp_path, "--over")
    assert code == 1 and "is no backup" in said
    assert "Traceback" not in said
