"""Reading of the process environment: flags, lists, the data directory and the secret key."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class ConfigurationError(Exception):
    """The environment asks for something that cannot be served; the text says what to set.

    English in logs; the command line translates `message` and fills in `params`.
    """

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message % params)
        self.message, self.params = message, params


def env_text(name: str, default: str = "") -> str:
    """Return a variable without surrounding blanks, or the default when unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no variable.

    Raises:
        ConfigurationError: the value is neither a known yes nor a known no; a typing slip in a
            security switch must not be read as "off".
    """
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ConfigurationError(_("%(name)s is %(value)r; say 1 or 0."), name=name, value=raw)


def env_list(name: str) -> list[str]:
    """Return the parts of a comma-separated variable."""
    return [part.strip() for part in env_text(name).split(",") if part.strip()]


def env_count(name: str, default: int) -> int:
    """Return a whole number >= 0.

    Raises:
        ConfigurationError: not a whole number, or negative.
    """
    raw = env_text(name, str(default))
    if not raw.isascii() or not raw.isdigit():
        message = _("%(name)s is %(value)r; say a whole number.")
        raise ConfigurationError(message, name=name, value=raw)
    return int(raw)


def home_directory() -> Path:
    """Return (and make) the directory for everything the site stores beside its database."""
    home = Path(env_text("CHENGDAN_HOME", "var")).expanduser().resolve()
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    return home


def is_production(hosts: list[str]) -> bool:
    """Tell whether this process serves others than this machine.

    Naming any host beyond loopback is enough: nobody can put the site on a network and forget
    the strict settings.
    """
    stated = env_text("CHENGDAN_ENV")
    if stated not in ("", "development", "production"):
        message = _("%(name)s is %(value)r; say development or production.")
        raise ConfigurationError(message, name="CHENGDAN_ENV", value=stated)
    return stated == "production" or any(host not in LOOPBACK_HOSTS for host in hosts)


def site_url(hosts: list[str]) -> str:
    """Return the address of the site: as stated, else that of the first name it is reached by.

    Returns:
        "" where people reach it on their own machine only, so that a link would lead nowhere.
    """
    stated = env_text("CHENGDAN_SITE_URL").rstrip("/")
    if stated and not stated.startswith(("https://", "http://")):
        raise ConfigurationError(
            _("%(name)s looks like %(example)s"),
            name="CHENGDAN_SITE_URL",
            example="https://sales.example.com",
        )
    named = [host for host in hosts if host not in (*LOOPBACK_HOSTS, "*")]
    return stated or (f"https://{named[0].lstrip('.')}" if named else "")


def secret_key(home: Path, *, production: bool) -> str:
    """Return the signing key: from the environment, else (not in production) from a kept file.

    Raises:
        ConfigurationError: production without CHENGDAN_SECRET_KEY, or with one that is short.
    """
    stated = env_text("CHENGDAN_SECRET_KEY")
    if production and len(stated) < 50:
        raise ConfigurationError(
            _(
                "%(name)s must be set to at least 50 random characters, the same on every machine: "
                "%(how)s"
            ),
            name="CHENGDAN_SECRET_KEY",
            how="python -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    if stated:
        return stated
    path = home / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii")
    key = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key
