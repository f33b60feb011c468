"""Django settings of every installation; the environment chooses, no second settings file exists.

Variables: DATABASE_URL, CHENGDAN_HOME, CHENGDAN_ENV, CHENGDAN_SECRET_KEY, CHENGDAN_ALLOWED_HOSTS,
CHENGDAN_DEBUG, CHENGDAN_DEMO, CHENGDAN_JOBS_URL, CHENGDAN_MAIL_URL, CHENGDAN_TIME_ZONE and others
named below; the reference is docs/reference/settings.md.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from chengdan.config import environment as env
from chengdan.config import stores
from chengdan.config.rooms import ROOMS

PACKAGE = Path(__file__).resolve().parents[1]
HOME = env.home_directory()

# -------------------------------------------------------------------------- kind of installation
# The machine's own probes always come to loopback.
ALLOWED_HOSTS = [*env.env_list("CHENGDAN_ALLOWED_HOSTS"), *env.LOOPBACK_HOSTS]
IS_PRODUCTION = env.is_production(ALLOWED_HOSTS)
SECRET_KEY = env.secret_key(HOME, production=IS_PRODUCTION)
SECRET_KEY_FALLBACKS = env.env_list("CHENGDAN_SECRET_KEY_FALLBACKS")
DEBUG = env.env_flag("CHENGDAN_DEBUG") and not IS_PRODUCTION
# Where links in mails lead that no request stands behind.
CHENGDAN_SITE_URL = env.site_url(ALLOWED_HOSTS)
# One-click login as each role; never beside real data.
CHENGDAN_DEMO = env.env_flag("CHENGDAN_DEMO")
# Tests and the demo loader fail a commit that changed an audited table without an audit entry,
# and a lock taken below its rank.
AUDIT_GUARD = env.env_flag("CHENGDAN_AUDIT_GUARD")
LOCK_RANK_GUARD = env.env_flag("CHENGDAN_LOCK_RANK_GUARD", default=AUDIT_GUARD)

# ------------------------------------------------------------------------------------------ apps
# Parts of the kernel (ui, audit …) bring templates, texts and files of their own.
_KERNEL_PARTS = sorted(path for path in (PACKAGE / "kernel").iterdir() if path.is_dir())
_KERNEL_APPS = [
    f"chengdan.kernel.{part.name}" for part in _KERNEL_PARTS if (part / "apps.py").is_file()
]
_KERNEL_FOLDERS = [part for part in _KERNEL_PARTS if not (part / "apps.py").is_file()]

INSTALLED_APPS = [
    "chengdan.kernel",
    *_KERNEL_APPS,
    *(f"chengdan.modules.{room}" for room in ROOMS),
    "chengdan.config.workbench",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
]
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chengdan.config.headers.SecurityHeadersMiddleware",
    "chengdan.kernel.http.middleware.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "chengdan.modules.people.web.middleware.ActorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "chengdan.config.urls"
WSGI_APPLICATION = "chengdan.config.wsgi.application"
APPEND_SLASH = True

_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.template.context_processors.i18n",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [part / "templates" for part in _KERNEL_FOLDERS if (part / "templates").is_dir()],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": _CONTEXT_PROCESSORS,
            "libraries": {
                file.stem: f"chengdan.kernel.{part.name}.templatetags.{file.stem}"
                for part in _KERNEL_FOLDERS
                for file in sorted((part / "templatetags").glob("[a-z]*.py"))
            },
        },
    }
]

# ---------------------------------------------------------------------------------------- stores
DATABASE_URL = env.env_text("DATABASE_URL", f"sqlite:///{HOME / 'chengdan.sqlite3'}")
DATABASES = {"default": stores.database(DATABASE_URL)}
HUEY = stores.job_store(env.env_text("CHENGDAN_JOBS_URL"), HOME)
globals().update(stores.mail(env.env_text("CHENGDAN_MAIL_URL"), HOME))
DEFAULT_FROM_EMAIL = env.env_text("CHENGDAN_MAIL_FROM", "chengdan@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "chengdan",
    }
}

# Attachments lie outside the web root under random names; a view serves them after the check.
ATTACHMENT_ROOT = HOME / "attachments"
# The daily anchor of the audit trail is also written here; best on a medium of another keeper.
CHENGDAN_ANCHORS = env.env_text("CHENGDAN_ANCHORS", str(HOME / "anchors"))
MEDIA_ROOT = ATTACHMENT_ROOT
MEDIA_URL = "/media-is-not-served/"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Import mappings that can be used by their bare name: the shipped ones and the site's own.
IMPORT_MAPPINGS = [PACKAGE / "config" / "mappings", HOME / "mappings"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.env_text("CHENGDAN_STATIC", str(HOME / "static")))
STATICFILES_DIRS = [part / "static" for part in _KERNEL_FOLDERS if (part / "static").is_dir()]
# Production collects once per release and serves hashed names for a year; elsewhere files are
# found where they lie.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG

# -------------------------------------------------------------------------------------- language
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [
    part / "locale" for part in (PACKAGE / "config", *_KERNEL_FOLDERS) if (part / "locale").is_dir()
]
if pseudo := env.env_text("CHENGDAN_PSEUDO_LOCALE"):
    # A catalogue of marked texts; a crawl in this language finds strings nobody can translate.
    LANGUAGES.append(("en-x-pseudo", "Pseudo"))
    LOCALE_PATHS.insert(0, Path(pseudo))
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = env.env_text("CHENGDAN_TIME_ZONE", "Asia/Shanghai")

# ------------------------------------------------------------------------- people, sessions, login
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# A session ends after half an hour without a click and after half a day in any case; the idle
# limit is applied by the login middleware, the absolute one by the cookie and the stored row.
SESSION_IDLE_SECONDS = env.env_count("CHENGDAN_SESSION_IDLE_SECONDS", 30 * 60)
SESSION_ABSOLUTE_SECONDS = env.env_count("CHENGDAN_SESSION_ABSOLUTE_SECONDS", 12 * 60 * 60)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if IS_PRODUCTION else "chengdan_session"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "chengdan_csrf"
CSRF_FAILURE_VIEW = "chengdan.kernel.ui.strangers.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.env_list("CHENGDAN_TRUSTED_ORIGINS")
LANGUAGE_COOKIE_NAME = "chengdan_language"
LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# -------------------------------------------------------------------------------------- headers
if env.env_flag("CHENGDAN_BEHIND_PROXY"):
    # Only for a proxy that overwrites this header; a direct client could forge it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = IS_PRODUCTION and env.env_flag("CHENGDAN_HTTPS_REDIRECT", default=True)
# Probes of the machine itself come without HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)/$", r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No inline script or style anywhere: bars are SVG, chart options come as JSON, Alpine runs in its
# CSP build.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ------------------------------------------------------------------------------------------ logs
_LOG_LEVEL = env.env_text("CHENGDAN_LOG_LEVEL", "INFO").upper()
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "chengdan.config.logs.JsonFormatter"},
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env.env_text("CHENGDAN_LOG_FORMAT", "json"),
        }
    },
    "root": {"handlers": ["stderr"], "level": _LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": _LOG_LEVEL},
        "django.server": {"handlers": [], "propagate": True},
        "huey": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
TEST_RUNNER = "django.test.runner.DiscoverRunner"
