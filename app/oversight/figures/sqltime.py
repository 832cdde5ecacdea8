"""Two things about times that each database says in its own words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class minutes_between(FunctionElement[float]):  # reads as the SQL function it is
    """Minutes from the first moment to the second, with fractions; negative where the second comes first."""

    type = Float()
    inherit_cache = True


class hour_of(FunctionElement[str]):  # the same
    """The hour (UTC) a moment lies in: 2026-11-22 07."""

    type = String()
    inherit_cache = True


@compiles(minutes_between, "sqlite")
def _minutes_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"(julianday({second}) - julianday({first})) * 1440.0"


@compiles(minutes_between, "postgresql")
def _minutes_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"(EXTRACT(EPOCH FROM ({second} - {first})) / 60.0)::float"


@compiles(hour_of, "sqlite")
def _hour_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    (moment,) = (compiler.process(clause, **more) for clause in element.clauses)
    return f"substr({moment}, 1, 13)"


@compiles(hour_of, "postgresql")
def _hour_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    (moment,) = (compiler.process(clause, **more) for clause in element.clauses)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
