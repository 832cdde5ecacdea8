"""PostgreSQL away for a moment, for longer, and in the very moment of a commit: nothing lost, nothing doubled."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.kernel import troubles
from app.kernel.errors import StorageFull, Unavailable
from app.kernel.transaction import command
from app.ordering import service as ordering
from models import Office, Order, db
from tests import databases
from tests.conftest import build_app
from tests.factories import World, csrf_of
from tests.kernel.cutting import Line
from tests.ordering.wishes import errand

pytestmark = pytest.mark.postgres
PATIENCE = 3


@pytest.fixture
def line(postgres_template: str) -> Iterator[Line]:
    url = databases.create_database(postgres_template)
    with Line(url) as line:
        yield line
    databases.drop_database(url)


@pytest.fixture
def far(line: Line, tmp_path: Path) -> Iterator[Flask]:
    app = build_app(line.url, tmp_path, patience=PATIENCE, desk_phone="0571-12345")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    troubles.over(troubles.DATABASE)


@pytest.fixture
def city(far: Flask) -> World:
    return World().build()


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Order)) or 0


def test_a_line_that_breaks_after_the_answer_does_not_take_the_answer_back(line: Line, far: Flask, city: World) -> None:
    with far.app_context():
        assert _count() == 0, "nothing is read, and nothing held open, at the end"
        line.hang_up()
    with far.app_context():
        assert _count() == 0


def test_a_command_outlasts_a_database_that_is_away_for_a_moment(line: Line, city: World) -> None:
    resident = city.resident()
    line.go_down(seconds=1)
    order = ordering.place(actor=resident, **errand(city))
    assert order.id
    assert _count() == 1


def test_a_page_is_read_again_until_the_database_is_back(line: Line, city: World, far: Flask) -> None:
    browser = city.browser(far, city.resident())
    line.go_down(seconds=1)
    assert browser.get("/orders").status_code == 200


@pytest.mark.parametrize("how", ["before", "unseen", "after"])
def test_a_commit_whose_answer_is_lost_has_one_effect(line: Line, city: World, how: str) -> None:
    """Without any key: the server is asked afterwards what became of the transaction."""
    resident = city.resident()
    line.cut = how
    order = ordering.place(actor=resident, **errand(city))
    assert line.cuts == 1
    assert _count() == 1
    assert db.session.get_one(Order, order.id).resident_id == resident.resident_id


def test_a_commit_nobody_can_ask_about_is_told_as_unknown_and_done_once_by_the_same_key(
    line: Line, city: World
) -> None:
    resident = city.resident()
    line.cut = "for good"
    with pytest.raises(Unavailable):
        ordering.place(actor=resident, **errand(city), key="k1")
    line.come_up()
    order = ordering.place(actor=resident, **errand(city), key="k1")
    assert _count() == 1
    assert db.session.get_one(Order, order.id).resident_id == resident.resident_id


def _posted(browser: FlaskClient, line: Line, **fields: str) -> str:
    token = csrf_of(browser.get("/me/addresses").text)
    line.go_down()
    answer = browser.post("/me/addresses", data={"csrf_token": token, "_key": "k1", **fields})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    return answer.text


def test_a_longer_absence_is_told_with_the_desks_phone_and_keeps_what_was_typed(
    line: Line, city: World, far: Flask
) -> None:
    browser = city.browser(far, city.resident())
    page = _posted(browser, line, label="<家>", house="青年路 8 号", office_id=city.ids["station"])
    assert "0571-" in page
    assert 'value="&lt;家&gt;"' in page
    assert 'name="house" value="青年路 8 号"' in page
    assert 'name="_key" value="k1"' in page, "sent again it is the same attempt"
    line.come_up()
    sent_again = {"csrf_token": csrf_of(page.split("<main")[1]), "_key": "k1", "label": "家", "house": "青年路 8 号"}
    answer = browser.post("/me/addresses", data={**sent_again, "office_id": city.ids["station"]})
    assert answer.status_code == 303
    assert "青年路 8 号" in browser.get("/me/addresses").text


def test_a_program_is_told_in_its_own_words_and_when_to_come_back(line: Line, city: World, far: Flask) -> None:
    program = city.program(far, city.resident())
    line.go_down()
    answer = program.get("/api/v1/orders")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert far.test_client().get("/healthz").status_code == 200
    assert far.test_client().get("/readyz").status_code == 503


def test_whoever_comes_while_it_is_known_to_be_away_does_not_wait_long(line: Line, city: World, far: Flask) -> None:
    program = city.program(far, city.resident())
    line.go_down()
    program.get("/api/v1/orders")
    assert troubles.patience() == troubles.SHORT_PATIENCE
    line.come_up()
    assert program.get("/api/v1/orders").status_code == 200
    assert troubles.patience() == PATIENCE


def test_a_full_disk_is_no_passing_trouble(world: World) -> None:
    tries = []

    @command
    def fill() -> None:
        tries.append(1)
        db.session.execute(select(Office.id))
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with pytest.raises(StorageFull):
        fill()
    assert len(tries) == 1
    assert troubles.STORAGE in troubles.lasting()
    world.resident()
    assert troubles.STORAGE not in troubles.lasting(), "the next write that succeeds ends it"


def _said_by(database: type[Exception], **marks: object) -> OperationalError:
    words = database("what it says")
    for name, mark in marks.items():
        setattr(words, name, mark)
    return OperationalError("UPDATE", {}, words)


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (PoolTimeout(), False),
        (_said_by(Exception, sqlstate="40P01"), False),
        (_said_by(Exception, sqlite_errorcode=5), False),
        (_said_by(Exception, sqlstate="57P01"), True),
        (_said_by(Exception), True),
    ],
    ids=["a full pool", "a deadlock", "a locked file", "a server that shuts down", "a line that broke"],
)
def test_what_passes_is_told_as_a_moments_patience_and_only_absence_is_a_trouble(
    site: Flask, error: Exception, is_away: bool
) -> None:
    assert troubles.passes(error)
    assert isinstance(troubles.told(error), Unavailable)
    assert (troubles.DATABASE in troubles.lasting()) == is_away
    troubles.over(troubles.DATABASE)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "no space left"),
        _said_by(Exception, sqlstate="53100"),
        _said_by(Exception, sqlite_errorcode=13),
    ],
)
def test_no_room_is_told_as_such_whether_a_file_or_a_row_finds_none(site: Flask, error: Exception) -> None:
    assert not troubles.passes(error)
    assert isinstance(troubles.told(error), StorageFull)
    troubles.over(troubles.STORAGE)


@pytest.mark.parametrize(
    "error", [KeyError("x"), OSError(errno.ECONNRESET, "reset"), _said_by(Exception, sqlstate="42601")]
)
def test_a_mistake_of_ours_is_not_told_as_a_trouble_that_passes(site: Flask, error: Exception) -> None:
    assert not troubles.passes(error)
    assert troubles.told(error) is error
    assert not troubles.lasting()


def test_a_program_on_the_command_line_reads_with_the_same_patience(line: Line, city: World) -> None:
    """Without a request around it."""
    line.go_down(seconds=1)
    assert troubles.patiently(_count) == 0
