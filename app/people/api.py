from flask_smorest import Blueprint

api = Blueprint("people_api", __name__, url_prefix="/api/v1")
