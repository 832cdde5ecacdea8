"""CSV for spreadsheets: opens in Excel with its Chinese (UTF-8 with BOM), and nothing in it runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from flask import Response

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # as Excel reads them, too
"""A text that begins with one of these may be taken for a formula (OWASP: CSV injection)."""


def safe(value: Any) -> Any:
    """A cell that a spreadsheet takes for what it is: numbers as they are, texts never as formulas."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


def csv_file(name: str, rows: Iterable[Iterable[Any]]) -> Response:
    """The rows as a file to keep."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([safe(value) for value in row])
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
