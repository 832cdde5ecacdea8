from flask import Blueprint

pages = Blueprint("ordering", __name__)
