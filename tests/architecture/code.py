"""Our own source as data: the modules, their syntax trees, and the templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.config import ROOT

TEMPLATES = ROOT / "app" / "templates"


@cache
def modules(*packages: str) -> tuple[tuple[str, ast.Module], ...]:
    """Every module of these packages as (path from the root, syntax tree)."""
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple((name_of(path), ast.parse(path.read_text(encoding="utf-8"))) for path in found)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(kind: type[ast.AST], *packages: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of a kind with the place it stands at (`app/x.py:12`)."""
    for name, tree in modules(*packages):
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield f"{name}:{node.lineno}", node  # type: ignore[attr-defined]  # statements and expressions have lines


def templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*.*") if path.suffix in {".html", ".txt", ".xml"})
