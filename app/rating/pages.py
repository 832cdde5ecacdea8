from flask import Blueprint

pages = Blueprint("rating", __name__)
