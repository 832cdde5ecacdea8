"""create_app(): settings → extensions → blueprints → listeners → errors → commands.

The four steps are the packages ordering (点单), dispatching (派单), serving (接单) and rating (评单); people, offices,
oversight, live and notices stand around them; kernel is what all of them stand on. See docs/architecture.md.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from app import arrivals, assets, commands, document, errors, hardening, logs, words
from app.config import ROOT, BadSetting, Settings
from app.extensions import babel, compress, csrf, limiter, migrate, rest
from app.kernel import keyring, troubles
from app.kernel.clock import LOCAL
from app.language import current_language
from app.live import sockets
from app.people import identity
from app.people.queries import has_demo_accounts
from models import db

SLICES = ("people", "offices", "ordering", "dispatching", "serving", "rating", "rights", "privacy", "oversight")


def create_app(settings: Settings | None = None) -> Flask:
    """The whole app, ready to serve; raises BadSetting where it must not start."""
    settings = settings or Settings()
    app = Flask(
        "app",
        static_folder=None,  # else Flask would serve all of it, npm's folder too; assets.py serves what is for browsers
        instance_path=str(settings.instance),
    )
    app.static_folder = str(ROOT / "static")
    app.config.update(settings.flask())
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]  # the documented way
    settings.instance.mkdir(parents=True, exist_ok=True)
    _bind_extensions(app)
    _register_slices(app)
    document.finish(app, rest)
    arrivals.init_app(app)
    errors.init_app(app)
    logs.init_app(app)
    commands.init_app(app)
    hardening.init_app(app)
    if settings.in_production:
        _refuse_demo(app)
    return app


def _bind_extensions(app: Flask) -> None:
    keyring.init_app(app)
    db.init_app(app)
    app.teardown_appcontext(troubles.let_go)  # before the extension's own, which would raise
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
    app.register_blueprint(import_module("app.offline").pages)
    for name in SLICES:
        app.register_blueprint(import_module(f"app.{name}.pages").pages)
        rest.register_blueprint(import_module(f"app.{name}.api").api)
    app.register_blueprint(import_module("app.integrity.pages").pages)
    app.register_blueprint(import_module("app.connections.pages").pages)
    app.register_blueprint(import_module("app.privacy.erasure_pages").pages)
    import_module("app.dispatching.listeners").init_app(app)


def _refuse_demo(app: Flask) -> None:
    """Everybody knows the passwords of a demo city; where there is no database yet, there is none."""
    with app.app_context():
        try:
            found = has_demo_accounts()
        except SQLAlchemyError:
            found = False
        finally:
            db.session.remove()
            db.engine.dispose()
    if found:
        raise BadSetting("the database holds a demo city, whose passwords everybody knows: begin with an empty one")
