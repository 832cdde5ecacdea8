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


def _mentions_others(tree):
    return any(isinstance(part, ast.Name) and part.id in OTHER_STATUSES for part in ast.walk(tree))


def _excused(tree):
    """The nodes inside functions that are given the status of another kind of row."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _mentions_others(node.args)]
    return {id(node) for function in functions for node in ast.walk(function)}


def _targets(node):
    """What an assignment of any kind assigns to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]


def _assigns_status(node):
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        return False
    named = any(isinstance(target, ast.Attribute) and target.attr == "status" for target in _targets(node))
    return named and not (node.value is not None and _mentions_others(node.value))


def _passes_status(node):
    """setattr(x, "status", …), and UPDATE … SET status."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "setattr":
        return any(isinstance(given, ast.Constant) and given.value == "status" for given in node.args[1:2])
    given = [keyword.value for keyword in node.keywords if keyword.arg == "status"]
    return name in {"values", "update"} and not all(_mentions_others(value) for value in given)


def _writers():
    for name, tree in modules("app"):
        excused = _excused(tree)
        for node in ast.walk(tree):
            if id(node) not in excused and (_assigns_status(node) or _passes_status(node)):
                yield f"{name}:{node.lineno}"


def test_only_the_lifecycle_writes_a_status():
    found = list(_writers())
    assert any(place.startswith(LIFECYCLE) for place in found), "the search finds nothing at all"
    elsewhere = [place for place in found if not place.startswith(LIFECYCLE)]
    assert not elsewhere, f"move() is the only writer of .status: {elsewhere}"


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
