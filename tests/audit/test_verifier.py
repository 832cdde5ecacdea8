"""The file an outsider runs: it shares no code with the app, and finds the same."""

from __future__ import annotations

import json
import subprocess
import sys
from random import Random

import pytest

from app.audit import exporting, service
from app.config import ROOT
from models import db
from tests.audit.scenes import journal
from tests.audit.tampering import WAYS, Tamperer, lift_guards

VERIFIER = ROOT / "deploy" / "verify_audit.py"
HOLDS, BROKEN, USAGE, INCOMPLETE = 0, 1, 2, 3


def _run(*arguments, bare=False):
    """In an empty place, as an outsider would; `bare`: without any package installed."""
    command = [sys.executable, *(["-I", "-S"] if bare else []), str(VERIFIER), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def _export(folder, name="export.jsonl", **more):
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in exporting.lines(**more)), encoding="ascii")
    return path


@pytest.fixture
def scene(town, tmp_path):
    journal(town)
    return tmp_path, ["--anchors", service.book().path, "--key", service.key().public]


def test_an_untouched_export_holds(scene):
    folder, anchors = scene
    code, said = _run(_export(folder, words=True), *anchors)
    assert code == HOLDS, said
    assert said.strip().endswith("HOLDS")
    assert "2 rows with blanked words" in said


def test_it_says_what_it_could_not_check(scene):
    folder, anchors = scene
    path = _export(folder)
    code, said = _run(path)
    assert code == INCOMPLETE
    assert "names and words" in said and "cut tail" in said
    code, said = _run(_export(folder, "words.jsonl", words=True), *anchors[:2])
    assert code == INCOMPLETE and "no --key was given" in said


def test_without_the_package_it_checks_the_chain_and_says_that_signatures_are_open(scene):
    folder, anchors = scene
    code, said = _run(_export(folder, words=True), *anchors, bare=True)
    assert code == INCOMPLETE
    assert "SIGNATURES" in said and "cryptography" in said and "WRONG" not in said


def test_an_export_without_words_holds_no_word_and_no_name(scene):
    folder, _ = scene
    text = _export(folder).read_text()
    assert "words_salt" not in text and '"words":[' not in text
    assert "下午来" not in json.dumps([json.loads(line) for line in text.splitlines()], ensure_ascii=False)
    assert "下午来" in json.dumps(
        [json.loads(line) for line in _export(folder, "w.jsonl", words=True).read_text().splitlines()],
        ensure_ascii=False,
    )


def test_one_office_can_be_checked_alone(scene, town):
    folder, anchors = scene
    path = _export(folder, office_id=town.ids["station"], words=True)
    code, said = _run(path, *anchors)
    assert code == HOLDS, said
    assert "in 1 chains" in said


@pytest.mark.parametrize("way", sorted(set(WAYS), key=lambda way: way.__name__), ids=lambda way: way.__name__)
def test_it_finds_what_the_app_finds(scene, way):
    folder, anchors = scene
    book = service.read_book()
    with db.engine.connect() as connection:
        file = connection.connection.dbapi_connection  # a PRAGMA that counts only outside transactions
        file.execute("PRAGMA foreign_keys = OFF")
        lift_guards(connection)
        done = way(Tamperer(connection, Random(f"outside {way.__name__}"), book.latest))
        connection.commit()
        file.execute("PRAGMA foreign_keys = ON")
    db.session.remove()
    code, said = _run(_export(folder, words=True), *anchors)
    assert code == (HOLDS if done == "insert a journal row" else BROKEN), (done, said)


def test_an_export_that_breaks_off_or_was_edited_is_refused(scene):
    folder, anchors = scene
    path = _export(folder, words=True)
    lines = path.read_text().splitlines(keepends=True)
    for left in (
        lines[:-1],
        lines[1:],
        [*lines[:3], *lines[4:]],
        [*lines, lines[2]],
        [*lines[:3], "{\n", *lines[3:]],
        [],
    ):
        path.write_text("".join(left))
        code, said = _run(path, *anchors)
        assert code == BROKEN, said


def test_anchors_signed_by_another_key_are_refused(scene):
    folder, anchors = scene
    path = _export(folder, words=True)
    code, said = _run(path, *anchors[:3], "A" * 43 + "=")
    assert code == BROKEN and "not signed by a trusted key" in said


def test_wrong_usage_has_a_code_of_its_own():
    assert _run("--nothing")[0] == USAGE
