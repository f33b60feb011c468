"""The site's settings as tests want them: guards on, cheap passwords, nothing kept.

CHENGDAN_TEST_DB chooses the database: `sqlite` (default) or a postgres:// address.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_HOME = tempfile.mkdtemp(prefix="chengdan-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_DATABASE = os.environ.get("CHENGDAN_TEST_DB", "sqlite")

# What a site's operator has set in this shell is no affair of the tests.
for _name in (
    "ANCHORS", "BEHIND_PROXY", "HTTPS_REDIRECT", "LOCK_RANK_GUARD", "LOG_FORMAT", "MAIL_FROM",
    "PSEUDO_LOCALE", "SECRET_KEY_FALLBACKS", "SESSION_ABSOLUTE_SECONDS", "SESSION_IDLE_SECONDS",
    "SITE_URL", "STATIC", "TIME_ZONE", "TRUSTED_ORIGINS",
):  # fmt: skip
    os.environ.pop(f"CHENGDAN_{_name}", None)

# Set in the environment, not here, so that processes started by tests see the same.
os.environ.update(
    {
        "CHENGDAN_HOME": _HOME,
        "CHENGDAN_ENV": "development",
        "CHENGDAN_SECRET_KEY": "key-of-tests-" + "x" * 50,
        "CHENGDAN_ALLOWED_HOSTS": "",
        "CHENGDAN_AUDIT_GUARD": "1",
        "CHENGDAN_DEBUG": "0",
        "CHENGDAN_DEMO": "0",
        "CHENGDAN_JOBS_URL": "",
        "CHENGDAN_MAIL_URL": "",
        "CHENGDAN_LOG_LEVEL": "WARNING",
        # Commands speak the language of the terminal.
        "LC_ALL": "C.UTF-8",
        "DATABASE_URL": "sqlite:///:memory:" if _DATABASE == "sqlite" else _DATABASE,
    }
)

from chengdan.config.settings import *  # noqa: E402, F403

if _DATABASE == "sqlite":
    # In memory in every process of a run: by itself pytest-django knows Django's own backend only.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT = Path(_HOME, "static")
STATIC_ROOT.mkdir(exist_ok=True)
