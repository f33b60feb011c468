"""Where rows, jobs and mail go: the settings that a URL in the environment chooses."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.utils.translation import gettext_noop as _

from chengdan.config.environment import ConfigurationError

SQLITE_INIT = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-32000;"
)
PREPARE_AFTER = 3
BUSY_TIMEOUT_SECONDS = 20
# Long enough to be worth the schema and the plans that a connection keeps; whether it still leads
# to the database is looked at anyway.
KEPT_OPEN = {"CONN_MAX_AGE": 3600, "CONN_HEALTH_CHECKS": True}
_BEGINS = _("%(name)s must begin with %(one)s or %(other)s")


def database(url: str) -> dict[str, Any]:
    """Return the Django configuration of the database that a URL names.

    SQLite: WAL, IMMEDIATE (a transaction takes the write lock when it starts, so two writers
    queue instead of failing), synchronous FULL (no acknowledged commit is lost with the power).
    PostgreSQL: READ COMMITTED, rows are locked by name; a forgotten transaction is ended.

    Raises:
        ConfigurationError: the URL names another kind of database.

    Source: architecture, "write path"; reliability catalogue 0a.
    """
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    engine = str(config["ENGINE"])
    if engine.endswith("sqlite3"):
        config["ENGINE"] = "chengdan.kernel.sqlite3"
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_TIMEOUT_SECONDS,
            "init_command": SQLITE_INIT,
        }
        config |= KEPT_OPEN
        return config
    if not engine.endswith("postgresql"):
        raise ConfigurationError(
            _BEGINS, name="DATABASE_URL", one="sqlite:///", other="postgres://"
        )
    config |= KEPT_OPEN
    given = dict(config.get("OPTIONS", {}))
    config["OPTIONS"] = {
        # Acts run the same statements again and again: the server plans them once.
        "server_side_binding": True,
        "prepare_threshold": _prepare_after(given.pop("prepare_threshold", PREPARE_AFTER)),
        **given,
        "isolation_level": IsolationLevel.READ_COMMITTED,
        "options": f"-c lock_timeout={BUSY_TIMEOUT_SECONDS}s"
        " -c idle_in_transaction_session_timeout=60s",
    }
    return config


def _prepare_after(given: object) -> int | None:
    """Return after how often a statement is kept by the server; None for never ("off")."""
    if given == "off":
        return None
    if not str(given).isdecimal():
        raise ConfigurationError(_("prepare_threshold in DATABASE_URL must be a number or off"))
    return int(str(given))


def job_store(url: str, home: Path) -> dict[str, Any]:
    """Return huey's configuration: a SQLite file unless a URL names PostgreSQL or Redis.

    The store may be lost: the outbox table is the truth and its drain finds what is missing.
    """
    common: dict[str, Any] = {"name": "chengdan", "immediate": False, "results": False}
    if not url:
        return {**common, "huey_class": "huey.SqliteHuey", "filename": str(home / "jobs.sqlite3")}
    scheme = urlsplit(url).scheme
    if scheme in ("redis", "rediss"):
        return {**common, "huey_class": "huey.RedisHuey", "url": url}
    if scheme in ("postgres", "postgresql"):
        return {**common, "huey_class": "huey.PostgresHuey", "dsn": url}
    raise ConfigurationError(_BEGINS, name="CHENGDAN_JOBS_URL", one="redis://", other="postgres://")


def mail(url: str, home: Path) -> dict[str, Any]:
    """Return Django's mail settings: files under the data directory unless a URL names a server.

    Raises:
        ConfigurationError: the URL is neither smtp, smtps nor smtp+tls.
    """
    if not url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(home / "mail")}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "smtp+tls") or not parts.hostname:
        raise ConfigurationError(
            _("%(name)s looks like %(example)s"),
            name="CHENGDAN_MAIL_URL",
            example="smtp+tls://user:password@host:587",
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 10,
    }
