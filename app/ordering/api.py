from flask_smorest import Blueprint

api = Blueprint("ordering_api", __name__, url_prefix="/api/v1")
