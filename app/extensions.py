"""Extensions, created unbound; create_app() binds them. `db` is born in models/."""

from __future__ import annotations

from ipaddress import ip_network

from flask import Response, request
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_socketio import SocketIO
from flask_wtf.csrf import CSRFProtect

from app.document import Api


def whence() -> str:
    """Where a request comes from, as far as limits care: one household holds a whole /64 of IPv6 addresses."""
    address = request.remote_addr or "127.0.0.1"
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address and "%" not in address else address


class Packing(Compress):
    """Pages that say no weigh as much as others, but the library packs only what went well."""

    def after_request(self, response: Response | None) -> Response:
        status = response.status_code if response else 0
        if response and status >= 400:
            response.status_code = 200
        packed = super().after_request(response)
        packed.status_code = status or packed.status_code
        return packed


babel = Babel()
compress = Packing()
csrf = CSRFProtect()
limiter = Limiter(key_func=whence)
migrate = Migrate(render_as_batch=True, compare_type=True)
rest = Api()
socketio = SocketIO()
