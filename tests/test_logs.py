"""The log: one line of JSON for each thing, with who and whence, and nothing that a person typed."""

import json
import logging
import os
from dataclasses import replace

import pytest

from app import logs
from app.config import LEAST_LOG_DAYS, Settings
from app.kernel.security_log import note


@pytest.fixture
def lines():
    """What the process's log says from here on, each line read back."""

    class Kept(logging.Handler):
        def emit(self, record):
            written.append(self.format(record))

    written: list[str] = []
    handler = Kept()
    handler.setFormatter(logs.JsonLines())
    root = logging.getLogger()
    linli = logging.getLogger("linli")
    before = linli.level
    root.addHandler(handler)
    linli.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written]
    root.removeHandler(handler)
    linli.setLevel(before)


def test_a_request_leaves_one_line_with_its_rule_and_no_search_words(site, town, lines):
    site.test_client().get("/sign-in?next=/orders&name=王小明")
    [line] = [line for line in lines() if line["logger"] == "linli.access"]
    assert (line["what"], line["route"], line["status"]) == ("GET", "/sign-in", "200")
    assert line["request"] and line["whence"] and "王小明" not in json.dumps(line, ensure_ascii=False)


def test_who_is_refused_is_written_down_with_the_act(site, town, lines):
    resident = town.browser(site, town.resident())
    resident.get("/board")
    [line] = [line for line in lines() if line["logger"] == "linli.security"]
    assert line["what"] == "access.refused" and line["act"] == "board.see" and line["who"]


def test_no_input_can_forge_a_line_or_leave_a_number(lines):
    note('sign_in.refused\n{"level": "forged"}', reason="13800001234\r\n")
    [line] = lines()
    assert line["level"] == "info" and line["reason"] == "[number]\r\n"


def test_of_an_exception_the_kind_and_the_way_are_kept_and_not_its_text(lines):
    try:
        raise ValueError("文一路 12 号 3 幢")
    except ValueError:
        logging.getLogger("linli.test").exception("unexpected")
    [line] = lines()
    assert line["error"] == "ValueError" and any("test_logs.py" in one for one in line["passed"])
    assert "文一路" not in json.dumps(line, ensure_ascii=False)


@pytest.fixture
def folder(tmp_path):
    """The process writes its log here, under an umask that keeps nothing from anybody."""
    settings = replace(Settings(testing=True, instance=tmp_path), log_folder=tmp_path / "logs")
    root = logging.getLogger()
    before, level, mask = list(root.handlers), root.level, os.umask(0)
    try:
        logs.set_up(settings)
        yield tmp_path / "logs"
    finally:
        os.umask(mask)
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = before, level


def test_the_file_is_for_its_owner_only_and_kept_half_a_year_at_least(folder):
    assert Settings().log_days >= LEAST_LOG_DAYS
    note("test.written", grave=True)
    [file] = folder.iterdir()
    assert json.loads(file.read_text("utf-8"))["what"] == "test.written"
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_that_follows_at_midnight_is_for_its_owner_only_too(folder):
    note("test.today", grave=True)
    [handler] = [one for one in logging.getLogger().handlers if isinstance(one, logs.PrivateFiles)]
    handler.rolloverAt = 0  # midnight has passed
    note("test.tomorrow", grave=True)
    files = sorted(folder.iterdir(), key=lambda file: len(file.name))
    assert [json.loads(file.read_text("utf-8"))["what"] for file in files] == ["test.tomorrow", "test.today"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]


def test_a_file_that_was_open_to_others_is_closed_to_them(tmp_path):
    file = tmp_path / "old.jsonl"
    file.touch(0o644)
    logs.PrivateFiles(file, delay=False).close()
    assert file.stat().st_mode & 0o777 == 0o600
