from flask_smorest import Blueprint

api = Blueprint("dispatching_api", __name__, url_prefix="/api/v1")
