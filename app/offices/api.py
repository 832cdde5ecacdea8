from flask_smorest import Blueprint

api = Blueprint("offices_api", __name__, url_prefix="/api/v1")
