from flask_smorest import Blueprint

api = Blueprint("serving_api", __name__, url_prefix="/api/v1")
