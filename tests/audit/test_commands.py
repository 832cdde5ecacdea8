"""flask audit … from a terminal."""

from __future__ import annotations

import pytest

from app.audit import service
from models import db
from tests.audit.scenes import journal
from tests.audit.tampering import lift_guards


@pytest.fixture
def flask(site, town):
    """Runs one command; gives its exit code and what it said."""
    journal(town)
    db.session.rollback()

    def run(*words):
        done = site.test_cli_runner().invoke(args=["audit", *map(str, words)])
        return done.exit_code, done.output

    return run


def _forge(column="kind", value="x"):
    with db.engine.begin() as connection:
        lift_guards(connection)
        connection.exec_driver_sql(f"UPDATE event SET {column} = '{value}' WHERE number = 3")  # noqa: S608 - our own words


def test_verify_says_that_the_chains_hold(flask):
    code, said = flask("verify")
    assert code == 0
    assert "The chains hold." in said and "2 anchor lines" in said


def test_verify_names_what_is_broken_and_ends_with_1(flask):
    _forge()
    code, said = flask("verify")
    assert code == 1
    assert "row 3: the row, or the link before it, is not as it was written" in said
    assert "BROKEN: 1 faults." in said


def test_verify_with_a_key_of_another_machine_believes_no_line(flask):
    code, said = flask("verify", "--key", "A" * 43 + "=")
    assert code == 1
    assert "line 1 of the book: not signed by a trusted key" in said


def test_anchor_adds_a_line_or_refuses_what_is_broken(flask):
    code, said = flask("anchor")
    assert code == 0 and "anchored 1 heads that moved, in line 3" in said
    _forge()
    code, said = flask("anchor")
    assert code == 1 and "Nothing was anchored." in said
    assert len(service.read_book().lines) == 3


def test_export_writes_a_private_file_and_never_over_another(flask, tmp_path, town):
    target = tmp_path / "export.jsonl"
    assert flask("export", "--to", target)[0] == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert flask("export", "--to", target) == (1, f"Error: {target} is there already.\n")
    assert flask("export", "--to", tmp_path / "one.jsonl", "--office", town.ids["far"])[0] == 0
    assert flask("export", "--to", tmp_path / "none.jsonl", "--office", "nowhere")[0] == 1


def test_key_shows_the_public_half_and_hands_over(flask):
    code, said = flask("key")
    assert code == 0 and said.split()[0] == service.key().public
    code, fresh = flask("key", "--new")
    assert code == 0 and fresh.split()[0] != said.split()[0]
    assert flask("verify")[0] == 0
