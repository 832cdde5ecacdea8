"""What belongs to the whole site: home, language, text size, about, health."""

from flask import Blueprint

pages = Blueprint("site", __name__)
