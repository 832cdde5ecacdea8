"""The rare branches of the kernel: what nobody should do, what is not there, what is typed wrongly."""

import threading

import marshmallow as ma
import pytest
from werkzeug.datastructures import MultiDict

from app.kernel import locks, transaction
from app.kernel.access import ACTS, SYSTEM, Actor, may, needs, office_path
from app.kernel.errors import Invalid, NotFound, Unavailable
from app.kernel.idempotency import KEY_LENGTH, once
from app.kernel.schema import Day, Flag, Many, Moment, Place, Shape, Text, Whole, form_data, typed
from app.kernel.settings import DEFAULTS, setting
from app.kernel.transaction import command, forget_announced
from app.kernel.web import local_path
from models import Assignment, Office, Order, Volunteer, db

# ---------- access ----------


def test_a_route_cannot_name_an_act_that_is_not_in_the_table():
    with pytest.raises(KeyError):
        needs("order.devour")


def test_an_api_key_may_do_only_what_it_was_made_for(town):
    key = Actor(name="外部系统", key_id="k", acts=frozenset({"board.see"}), grants=town.supervisor().grants)
    assert may(key, "board.see")
    assert not may(key, "hours.see"), "its grants alone open nothing"


def test_the_system_may_do_everything():
    assert all(may(SYSTEM, act) for act in ACTS)


def test_a_subject_without_an_office_lies_in_nobodys_subtree(town):
    class Stray:
        office_id = "0" * 20

    assert office_path(Stray()) == "?"
    assert office_path(object()) == "?"
    assert not may(town.coordinator(), "order.review", Stray())


def test_the_office_of_a_subject_is_found_through_its_order_or_volunteer(town):
    station = db.session.get_one(Office, town.ids["station"])

    class Of:
        def __init__(self, **what):
            vars(self).update(what)

    assert office_path(Of(order=town.open_order())) == station.path
    volunteer = db.session.get_one(Volunteer, town.volunteer().volunteer_id)
    assert office_path(Of(volunteer=volunteer)) == station.path
    assert office_path(Of(office_id=station.id)) == station.path


# ---------- locks, keys, settings ----------


def test_a_row_that_is_not_there_cannot_be_locked(town):
    with pytest.raises(NotFound):
        locks.locked(Order, "0" * 20)
    with pytest.raises(NotFound):
        locks.order_of(Assignment, "0" * 20)


@pytest.mark.parametrize("key", ["k" * (KEY_LENGTH + 1), "a\tb", "\ud800"])
def test_a_key_that_cannot_be_kept_is_refused(town, key):
    with pytest.raises(Invalid):
        once(key, SYSTEM, "anything", None, lambda: "id")


def test_a_setting_can_be_asked_by_id_and_without_an_office(town):
    assert setting(None, "answer_minutes") == DEFAULTS["answer_minutes"]
    assert setting(town.ids["station"], "answer_minutes") == DEFAULTS["answer_minutes"]
    assert setting("0" * 20, "redispatch_seconds") == DEFAULTS["redispatch_seconds"]


# ---------- shapes ----------


class Everything(Shape):
    words = Text(most=5, least=2)
    number = Whole(most=9)
    lat = Place(bound=90)
    flag = Flag()
    many = Many(Text(most=3), most=2)


@pytest.mark.parametrize(
    "body",
    [
        {"words": "a"}, {"words": "abcdef"}, {"number": "7"}, {"number": 7.0}, {"number": True}, {"lat": "30"},
        {"lat": True}, {"lat": 91}, {"flag": "true"}, {"flag": 1}, {"many": ["a", "b", "c"]}, {"many": "a"},
    ],
)  # fmt: skip
def test_json_is_taken_at_its_word(body):
    with pytest.raises(ma.ValidationError):
        Everything().load(typed(body))


def test_what_has_the_right_type_is_taken():
    body = {"words": "ab", "number": 7, "lat": 30, "flag": False, "many": ["a"]}
    assert Everything().load(typed(body)) == {**body, "lat": 30.0}


def test_a_form_has_only_words_for_numbers_and_flags():
    sent = MultiDict([("words", "ab"), ("number", "7"), ("lat", "30"), ("flag", "on"), ("many", "a"), ("many", "")])
    assert Everything().load(form_data(sent, Everything())) == {
        "words": "ab", "number": 7, "lat": 30.0, "flag": True, "many": ["a"],
    }  # fmt: skip


class Dated(Shape):
    at = Moment()
    day = Day()


FAR = [
    {"at": "9999-12-31T23:59:59-12:00"}, {"at": "0001-01-01T00:00:00+14:00"}, {"at": "1999-12-31T23:00:00Z"},
    {"day": "9999-12-31"}, {"day": "0001-01-01"}, {"day": "2101-01-01"},
]  # fmt: skip


@pytest.mark.parametrize("body", FAR)
def test_a_date_at_the_end_of_the_calendar_is_a_slip_of_the_hand(body):
    with pytest.raises(ma.ValidationError):
        Dated().load(typed(body))
    assert Dated().load(typed({"at": "2100-12-31T23:00:00Z", "day": "2000-01-01"}))


def test_a_list_within_json_is_marked_too():
    assert typed([{"a": [{"b": 1}]}]) == [{"a": [{"b": 1}]}]


# ---------- transaction and web ----------


def test_rows_changed_outside_a_command_are_found_out(town):
    order = town.open_order()
    order.reason = "written directly"
    with pytest.raises(RuntimeError, match="outside a command"):
        command(lambda: None)()
    db.session.rollback()


def test_a_command_may_tell_nobody(town):
    heard = []
    transaction.on_committed(heard.append)
    transaction.on_committed(heard.append)
    try:

        @command
        def quiet():
            town.open_order()
            forget_announced()

        quiet()
        assert heard == []
    finally:
        transaction._listeners.remove(heard.append)


def test_a_listener_that_fails_undoes_nothing(town):
    def broken(notice):
        raise ValueError("not today")

    transaction.on_committed(broken)
    try:
        assert db.session.get(Order, town.open_order().id) is not None
    finally:
        transaction._listeners.remove(broken)


def test_whoever_waits_too_long_for_the_one_writer_is_told(town):
    """On SQLite: the patience of this one is over before it begins."""
    with pytest.raises(Unavailable), AnotherWriter(), transaction._turn(0.0):
        pass


class AnotherWriter:
    """Holds the turn in another thread."""

    def __enter__(self):
        self.held, self.over = threading.Event(), threading.Event()

        def hold():
            with transaction._one_writer:
                self.held.set()
                self.over.wait(10)

        self.thread = threading.Thread(target=hold)
        self.thread.start()
        self.held.wait(10)

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()


@pytest.mark.parametrize(
    "target", [None, "", "orders", "//evil.cn", "/\\evil.cn", "/a\nb", "//[", "/\t/evil.cn", "/\t/"]
)
def test_nobody_is_sent_elsewhere(target):
    assert local_path(target, "/default") == "/default"


def test_a_path_of_our_own_is_kept():
    assert local_path("/orders/1?page=2", "/") == "/orders/1?page=2"
