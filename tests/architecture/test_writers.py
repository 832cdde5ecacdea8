"""One writer of status, one committer, one clock: read from the source."""

import ast

from app.config import ROOT
from tests.architecture.code import modules, nodes

OURS = ("app", "models", "dispatch")
MOST_LINES = 300
LIFECYCLE = "app/kernel/lifecycle.py"
TRANSACTION = "app/kernel/transaction.py"
CLOCK = "app/kernel/clock.py"
OTHER_STATUSES = {"RunStatus", "HoursStatus"}
"""Rows that have a status outside the state machine: dispatch runs, hours entries."""


def _values_of_others(value):
    return any(isinstance(part, ast.Name) and part.id in OTHER_STATUSES for part in ast.walk(value))


def _assigned(node):
    """The targets and the value of any kind of assignment."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    flat = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return flat, node.value


def _status_assignments():
    for kind in (ast.Assign, ast.AugAssign, ast.AnnAssign):
        for place, node in nodes(kind, "app"):
            targets, value = _assigned(node)
            named = any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets)
            if named and not (value is not None and _values_of_others(value)):
                yield place


def _status_keywords():
    """setattr(x, "status", …) and UPDATE … SET status."""
    for place, call in nodes(ast.Call, "app"):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        second = call.args[1] if len(call.args) > 1 else None
        if name == "setattr" and isinstance(second, ast.Constant) and second.value == "status":
            yield place
        if name in {"values", "update"}:
            yield from (place for k in call.keywords if k.arg == "status" and not _values_of_others(k.value))


def test_only_the_lifecycle_writes_a_status():
    found = [place for place in [*_status_assignments(), *_status_keywords()] if not place.startswith(LIFECYCLE)]
    assert not found, f"move() is the only writer of .status: {found}"


def test_the_search_for_writers_would_find_one():
    assert any(place.startswith(LIFECYCLE) for place in _status_assignments())


def _calls(attribute):
    return [
        place
        for place, call in nodes(ast.Call, *OURS)
        if isinstance(call.func, ast.Attribute) and call.func.attr == attribute
    ]


def test_only_the_transaction_module_commits():
    commits = _calls("commit")
    assert commits, "the search finds nothing at all"
    elsewhere = [place for place in commits if not place.startswith(TRANSACTION)]
    assert not elsewhere, f"one command, one transaction, one committer: {elsewhere}"


def _asks_the_machine(call):
    """datetime.now(), date.today(), time.time() and their like."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return False
    asked = function.value.id, function.attr
    return asked in {
        ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    }  # fmt: skip


def test_only_the_clock_asks_the_machine_for_the_time():
    asking = [place for place, call in nodes(ast.Call, *OURS) if _asks_the_machine(call)]
    assert any(place.startswith(CLOCK) for place in asking), "the search finds nothing at all"
    assert not [place for place in asking if not place.startswith(CLOCK)]


def test_no_module_holds_two_ideas():
    """About 150 lines; one that grows past twice that wants to be two."""
    sizes = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name, _ in modules(*OURS)}
    assert not {name: lines for name, lines in sizes.items() if lines > MOST_LINES}
