from flask import Blueprint

pages = Blueprint("offices", __name__)
