"""The blueprint that the modules beside this one hang their pages on."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("people", __name__)
