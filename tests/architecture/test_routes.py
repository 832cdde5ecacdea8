"""Every route says who may use it, and looking never changes anything."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from app.kernel.access import ACTS

OF_LIBRARIES = {"api-docs.openapi_json"}
"""Served by flask-smorest itself: the API's own document."""
SAFE = {"GET", "HEAD", "OPTIONS"}
MAY_BE_CALLED_BY_LOOKING = {
    "see_offer",  # that it was looked at is the whole point, and looking twice changes nothing
    "store", "end",  # the session itself
}  # fmt: skip


def _views(app) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    """Every (rule, method, function behind it); classes of views are taken apart."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            kind = getattr(view, "view_class", None)
            yield rule, method, getattr(kind, method.lower()) if kind else view


def test_every_route_says_who_may_use_it(site):
    silent = [
        f"{method} {rule.rule}"
        for rule, method, view in _views(site)
        if rule.endpoint not in OF_LIBRARIES and getattr(view, "access", None) not in {*ACTS, "public"}
    ]
    assert not silent, f"mark these with @needs or @public: {silent}"


def test_the_libraries_still_serve_what_we_excuse(site):
    assert {rule.endpoint for rule in site.url_map.iter_rules()} >= OF_LIBRARIES


@pytest.mark.parametrize("act", sorted(ACTS))
def test_no_act_is_open_to_nobody(act):
    roles, _rules = ACTS[act]
    assert roles


def test_a_route_either_looks_or_changes(site):
    both = [rule.rule for rule in site.url_map.iter_rules() if rule.methods & {"GET"} and rule.methods - SAFE]
    assert not both, f"one function for GET and another for POST: {both}"


def test_no_get_calls_a_command(site):
    found = {
        f"GET {rule.rule}": commands
        for rule, method, view in _views(site)
        if method == "GET" and (commands := _commands_of(inspect.unwrap(view)) - MAY_BE_CALLED_BY_LOOKING)
    }
    assert not found, f"unsafe acts are never a GET: {found}"


def test_the_search_for_commands_would_find_one(site):
    from app.people.pages import volunteers as pages

    assert _commands_of(inspect.unwrap(pages.set_duty)) == {"set_duty"}


def _is_command(thing: Any) -> bool:
    code = getattr(thing, "__code__", None)
    return code is not None and code.co_filename.endswith("kernel/transaction.py") and hasattr(thing, "__wrapped__")


@cache
def _commands_of(function: Callable[..., Any]) -> frozenset[str]:
    """Names of all commands that a function of ours may call, itself or through other functions of ours."""
    found, seen, waiting = set(), set(), [function]
    while waiting:
        for called in _called_by(waiting.pop()):
            if _is_command(called):
                found.add(called.__name__)
            elif called not in seen:
                seen.add(called)
                waiting.append(called)
    return frozenset(found)


def _called_by(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = _resolve(call.func, function.__globals__)
        if _is_command(called) or (inspect.isfunction(called) and called.__module__.startswith("app.")):
            yield called if _is_command(called) else inspect.unwrap(called)


def _resolve(node: ast.expr, names: dict[str, Any]) -> Any:
    """What a plain or dotted name of the source stands for, as far as modules go."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, names)
        return getattr(owner, node.attr, None) if inspect.ismodule(owner) else None
    return None
