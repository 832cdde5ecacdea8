"""Settings, typed, from the environment. A weak secret or a debug switch stops production at the door."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = Path(os.environ.get("INSTANCE", ROOT / "instance"))
MEBIBYTE = 1024 * 1024
LEAST_LOG_DAYS = 180
"""The Cybersecurity Law asks for six months of network logs."""
MOST_DIGITS = 9
ON, OFF = ("on", "1", "true", "yes"), ("off", "0", "false", "no")


class BadSetting(RuntimeError):
    """A setting that the app must not start with; the text says which and what to do."""


def _flag(name: str, default: bool) -> bool:
    given = os.environ.get(name, "").strip().lower()
    if given not in {"", *ON, *OFF}:
        raise BadSetting(f"{name} must be on or off")
    return given in ON if given else default


def _word(name: str, *known: str) -> str:
    """One of the known words, the first where nothing is set; a misspelt one must not pass for another."""
    given = os.environ.get(name, known[0]).strip().lower()
    if given not in known:
        raise BadSetting(f"{name} must be one of: {', '.join(known)}")
    return given


def _log_folder() -> Path | None:
    """LOG_FOLDER; `none` leaves the log to stderr and whoever collects it."""
    given = os.environ.get("LOG_FOLDER", str(INSTANCE / "logs"))
    return None if given.lower() == "none" else Path(given)


def _number(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the environment; BadSetting where it lies outside its bounds."""
    typed = os.environ.get(name, str(default)).strip()
    if not (typed.isdecimal() and len(typed) <= MOST_DIGITS and least <= int(typed) <= most):
        raise BadSetting(f"{name} must be a whole number from {least} to {most}")
    return int(typed)


def _path(name: str) -> Path | None:
    """Where a file or a folder lies; None leaves it at its place in the instance folder."""
    return Path(os.environ[name]) if os.environ.get(name) else None


def _names(name: str) -> frozenset[str]:
    """A list with commas, in small letters."""
    return frozenset(part.strip().lower() for part in os.environ.get(name, "").split(",") if part.strip())


def _daily_in_production() -> int:
    """Minutes between backups; 0 makes none."""
    return 1440 if _environment() == "production" else 0


def _environment() -> str:
    return _word("ENVIRONMENT", "development", "production")


@dataclass(frozen=True)
class Settings:
    """All of them. Limits are bounded here; what an office may choose for itself lives in its own settings."""

    environment: str = field(default_factory=_environment)
    secret_key: str = field(default_factory=lambda: os.environ.get("SECRET_KEY", ""))
    data_keys: str = field(default_factory=lambda: os.environ.get("DATA_KEYS", ""), repr=False)
    instance: Path = INSTANCE
    database_url: str = field(default_factory=lambda: os.environ.get("DATABASE_URL", ""))
    message_queue: str = field(default_factory=lambda: os.environ.get("MESSAGE_QUEUE", ""))
    async_mode: str = field(default_factory=lambda: _word("ASYNC_MODE", "threading", "gevent"))
    scheduler: bool = field(default_factory=lambda: _flag("SCHEDULER", True))
    public: str = field(default_factory=lambda: _word("PUBLIC", "off", "slow", "fast"))
    solver: str = field(default_factory=lambda: _word("SOLVER", "process", "inline"))
    host: str = field(default_factory=lambda: os.environ.get("HOST", "127.0.0.1"))
    port: int = field(default_factory=lambda: _number("PORT", 8000, 0, 65_535))
    sockets: int = field(default_factory=lambda: _number("SOCKETS", 200, 1, 20_000))
    rate_limits: bool = field(default_factory=lambda: _flag("RATE_LIMITS", True))
    https: bool = field(default_factory=lambda: _flag("HTTPS", False))
    proxies: int = field(default_factory=lambda: _number("PROXIES", 0, 0, 5))
    log_folder: Path | None = field(default_factory=_log_folder)
    log_days: int = field(default_factory=lambda: _number("LOG_DAYS", 190, LEAST_LOG_DAYS, 3650))
    sockets_per_person: int = field(default_factory=lambda: _number("SOCKETS_PER_PERSON", 5, 1, 100))
    sign_in_tries: int = field(default_factory=lambda: _number("SIGN_IN_TRIES", 10, 3, 100))
    sessions_per_person: int = field(default_factory=lambda: _number("SESSIONS_PER_PERSON", 5, 1, 50))
    step_up_minutes: int = field(default_factory=lambda: _number("STEP_UP_MINUTES", 5, 1, 60))
    audit_folder: Path | None = field(default_factory=lambda: _path("AUDIT_FOLDER"))
    audit_key: str = field(default_factory=lambda: os.environ.get("AUDIT_KEY", ""), repr=False)
    erasure_list: Path | None = field(default_factory=lambda: _path("ERASURE_LIST"))
    erasure_grace_days: int = field(default_factory=lambda: _number("ERASURE_GRACE_DAYS", 7, 0, 15))
    backup_folder: Path | None = field(default_factory=lambda: _path("BACKUP_FOLDER"))
    backup_key: str = field(default_factory=lambda: os.environ.get("BACKUP_KEY", ""), repr=False)
    backup_minutes: int = field(default_factory=lambda: _number("BACKUP_MINUTES", _daily_in_production(), 0, 10080))
    anchor_hours: int = field(default_factory=lambda: _number("ANCHOR_HOURS", 24, 1, 24))
    api_key_per_minute: int = field(default_factory=lambda: _number("API_KEY_PER_MINUTE", 600, 1, 60_000))
    webhook_hosts: frozenset[str] = field(default_factory=lambda: _names("WEBHOOK_HOSTS"))
    webhook_threads: int = field(default_factory=lambda: _number("WEBHOOK_THREADS", 16, 1, 64))
    desk_phone: str = field(default_factory=lambda: os.environ.get("DESK_PHONE", ""))
    patience: int = field(default_factory=lambda: _number("DATABASE_PATIENCE", 10, 1, 60))
    statement_seconds: int = field(default_factory=lambda: _number("STATEMENT_SECONDS", 15, 1, 600))
    testing: bool = False

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @property
    def second_factor_for_staff(self) -> bool:
        """Staff must have a second factor: always in production, elsewhere where SECOND_FACTOR=on."""
        return self.in_production or _flag("SECOND_FACTOR", False)

    def url(self) -> str:
        """The database's address; plain `postgresql://` is read with psycopg 3, and no address means our own file."""
        url = self.database_url or f"sqlite:///{self.instance / 'linli.db'}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    def flask(self) -> dict[str, object]:
        """The same for Flask and its extensions; raises BadSetting."""
        self._refuse_play()
        return {
            "SECRET_KEY": self._secret(),
            "TESTING": self.testing,
            "MAX_CONTENT_LENGTH": 10 * MEBIBYTE,
            "MAX_FORM_MEMORY_SIZE": MEBIBYTE,
            "MAX_FORM_PARTS": 200,
            "SQLALCHEMY_DATABASE_URI": self.url(),
            "SQLALCHEMY_ENGINE_OPTIONS": engine_options(self.url(), self.statement_seconds),
            "SESSION_COOKIE_NAME": "__Host-linli" if self.https else "linli",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.https,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_CHECK_DEFAULT": False,
            "WTF_CSRF_SSL_STRICT": False,  # hardening.py asks where a request began; some pages send no referrer
            "RATELIMIT_ENABLED": self.rate_limits,
            "RATELIMIT_STORAGE_URI": self.message_queue or "memory://",
            "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1}
            if self.message_queue
            else {},
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
            "RATELIMIT_HEADERS_ENABLED": True,
            "BABEL_DEFAULT_LOCALE": "zh",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
            "BABEL_TRANSLATION_DIRECTORIES": "translations",
            "COMPRESS_ALGORITHM": ["br", "gzip"],
            # A tenth less than at 4 for half a millisecond: an order's first page, styles and all, goes in the ten
            # packets that a server sends before it waits for an answer.
            "COMPRESS_BR_LEVEL": 5,
            "COMPRESS_MIMETYPES": [
                "text/html",
                "text/css",
                "text/javascript",
                "application/json",
                "application/problem+json",
                "image/svg+xml",
            ],
            "API_TITLE": "Linli 邻里",
            "API_VERSION": "v1",
            "OPENAPI_VERSION": "3.1.0",
            "OPENAPI_URL_PREFIX": "/api/v1",
            "OPENAPI_JSON_PATH": "openapi.json",
            "LINLI": self,
        }

    def _refuse_play(self) -> None:
        """What helps while building is a hole in production."""
        if not self.in_production:
            return
        if _flag("FLASK_DEBUG", False):
            raise BadSetting("FLASK_DEBUG must be off in production: its console runs anybody's code")
        if self.public != "off":
            raise BadSetting("PUBLIC must be off in production: it plays with made-up people")

    def _secret(self) -> str:
        if self.in_production and (len(self.secret_key) < 32 or len(set(self.secret_key)) < 10):
            raise BadSetting("SECRET_KEY must be at least 32 random characters in production: openssl rand -hex 32")
        if self.secret_key or self.testing:
            return self.secret_key or "only-for-tests"
        kept = self.instance / "secret_key"
        if not kept.exists():
            self.instance.mkdir(parents=True, exist_ok=True)
            kept.write_text(secrets.token_hex(32), encoding="utf-8")
            kept.chmod(0o600)
        return kept.read_text(encoding="utf-8").strip()


def engine_options(url: str, statement_seconds: int = 15) -> dict[str, object]:
    """Pool and driver settings, and no values in error texts, which end in logs.

    SQLite through the newer library when it is installed (its WAL is safe from 3.51.3). PostgreSQL ends statements,
    waits for locks and transactions left lying; a server that no longer answers is noticed in about ten seconds.
    """
    if not url.startswith("sqlite"):
        timeouts = {
            "statement_timeout": f"{statement_seconds}s", "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "60s", "timezone": "UTC",
        }  # fmt: skip
        return {
            "pool_size": 20,
            "max_overflow": 20,
            "pool_timeout": 5,
            "pool_pre_ping": True,
            "hide_parameters": True,
            "connect_args": {
                "options": " ".join(f"-c {name}={value}" for name, value in timeouts.items()),
                "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
        }  # fmt: skip
    options: dict[str, object] = {"pool_size": 20, "max_overflow": 40, "pool_timeout": 5, "hide_parameters": True}
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return options
    return {**options, "module": dbapi2}
