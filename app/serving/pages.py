from flask import Blueprint

pages = Blueprint("serving", __name__)
