"""Offices have no pages of their own yet; here their names become known to all templates.

`named(row)`, `described(item)` and `full_name(office)` speak the reader's language.
"""

from __future__ import annotations

from flask import Blueprint

from app.offices import queries

pages = Blueprint("offices", __name__)

for _say in (queries.named, queries.described, queries.full_name):
    pages.add_app_template_global(_say)
