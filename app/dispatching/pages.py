from flask import Blueprint

pages = Blueprint("dispatching", __name__)
