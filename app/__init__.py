"""create_app(): settings → extensions → blueprints → listeners → errors → commands.

The four steps are the packages ordering (点单), dispatching (派单), serving (接单) and rating (评单); people, offices,
oversight, live and notices stand around them; kernel is what all of them stand on. See docs/architecture.md.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app import assets, commands, document, errors, logs, words
from app.config import ROOT, Settings
from app.extensions import babel, compress, csrf, limiter, migrate, rest
from app.kernel import keyring
from app.kernel.clock import LOCAL
from app.language import current_language
from app.live import sockets
from app.people import identity
from models import db

SLICES = ("people", "offices", "ordering", "dispatching", "serving", "rating", "rights", "privacy", "oversight")
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob: https:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The whole app, ready to serve; raises BadSetting where it must not start."""
    settings = settings or Settings()
    app = Flask(
        "app",
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
        instance_path=str(settings.instance),
    )
    app.config.update(settings.flask())
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]  # the documented way
    settings.instance.mkdir(parents=True, exist_ok=True)
    _bind_extensions(app)
    _register_slices(app)
    document.finish(app, rest)
    errors.init_app(app)
    logs.init_app(app)
    commands.init_app(app)
    _harden(app)
    return app


def _bind_extensions(app: Flask) -> None:
    keyring.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    compress.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=current_language, timezone_selector=lambda: LOCAL.key)
    assets.init_app(app)
    words.init_app(app)
    identity.init_app(app)
    sockets.init_app(app)
    rest.init_app(app)


def _register_slices(app: Flask) -> None:
    """Each slice's two doors, and what it does when others act (listeners)."""
    site = import_module("app.site")
    app.register_blueprint(site.pages)
    site.init_app(app)
    for name in SLICES:
        app.register_blueprint(import_module(f"app.{name}.pages").pages)
        rest.register_blueprint(import_module(f"app.{name}.api").api)
    app.register_blueprint(import_module("app.integrity.pages").pages)
    import_module("app.dispatching.listeners").init_app(app)


def _harden(app: Flask) -> None:
    """CSRF for every unsafe request that rides on a cookie; the same headers on every answer."""

    @app.before_request
    def check_token() -> None:
        unsafe = request.method in {"POST", "PUT", "PATCH", "DELETE"}
        rides_on_cookie = app.config["SESSION_COOKIE_NAME"] in request.cookies
        by_program = request.path.startswith("/api/") and (
            not rides_on_cookie or request.headers.get("Authorization", "").startswith("Bearer ")
        )
        if unsafe and not by_program:
            csrf.protect()

    @app.after_request
    def add_headers(response):  # type: ignore[no-untyped-def]  # Flask's own hook
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
