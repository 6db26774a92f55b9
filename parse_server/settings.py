"""The Django settings of the process: where things are and how they are wired, read from the environment.

What belongs to one application (keys, limits, permissions) is not here but in its options; only the two settings that
lead to them are. Importing this module starts nothing: the database comes up with the first connection.
"""

from __future__ import annotations

from pathlib import Path

from django.core.management.utils import get_random_secret_key

from parse_core.logs import levels
from parse_server.config_file import process_options
from parse_server.environment import database_name, flag, number, text
from parse_server.private_files import read_or_create

# --- Places -----------------------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything the server makes and must keep: database, generated keys, admin login.
PARSE_DATA_DIR = Path(text("PARSE_SERVER_DATA_DIR", default=str(BASE_DIR / ".data"))).absolute()

# --- Applications -----------------------------------------------------------------------------------------------------

# The reference server's own JSON format; by default the file that the first start generates.
PARSE_SERVER_CONFIG_FILE = text("PARSE_SERVER_CONFIG_PATH", default=str(PARSE_DATA_DIR / "application.json"))
# Options of one application, or {"apps": [...]}; empty: they come from the file and the environment.
PARSE_SERVER: dict[str, object] = {}
_file = process_options(PARSE_SERVER_CONFIG_FILE)
# The Cloud Code of the only application, where its option `cloud` says nothing and one of these files exists.
PARSE_DEFAULT_CLOUD = [BASE_DIR / "cloud" / name for name in ("main.py", "main.js")]

# --- Addresses --------------------------------------------------------------------------------------------------------

# All interfaces, as the reference: phones connect from elsewhere. The master key is taken from this machine only.
PARSE_HOST = text("PARSE_SERVER_HOST", "HOST", default=_file.get("host", "0.0.0.0"))  # noqa: S104 - said above
PARSE_PORT = number("PORT", default=int(_file.get("port", 1337)))
PARSE_MOUNT_PATH = "/" + text("PARSE_SERVER_MOUNT_PATH", default=_file.get("mountPath", "/parse")).strip("/")
ADMIN_PATH = "/admin/"
STATIC_URL = "/static/"
# Any name is served: devices reach a development machine by whatever name it has, and no URL is built from it.
ALLOWED_HOSTS = text("DJANGO_ALLOWED_HOSTS", default="*").split(",")
ROOT_URLCONF = "parse_server.urls"
WSGI_APPLICATION = "parse_server.wsgi.application"
ASGI_APPLICATION = "parse_server.asgi.application"
# Parse paths are what they are: a redirect would turn a POST into a GET.
APPEND_SLASH = False

# --- Database ---------------------------------------------------------------------------------------------------------

# Empty: the embedded server.
PARSE_DATABASE_URI = text("DATABASE_URL", "PARSE_SERVER_DATABASE_URI", default=_file.get("databaseURI", ""))
PARSE_DATABASE_CONNECT = "parse_server.providers.connection_info"
DATABASES = {
    "default": {
        "ENGINE": "parse_server.postgresql",
        "NAME": database_name(PARSE_DATABASE_URI, default="parse"),
        # Only the admin and the commands use Django's connections; requests have the pool of parse_core.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Apps -------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # First, for its runserver. That is daphne's, imported by the command alone: as an installed app daphne would cost
    # every worker, which never serves with it, 40 MB and 0.2 s.
    "parse_server",
    "parse_cloud",
    "parse_push",
    "parse_live",
    "parse_auth",
    "parse_core",
    "channels",
    "rest_framework",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# --- Middleware -------------------------------------------------------------------------------------------------------

# API routes pass through one function; what the admin needs is wrapped around its paths alone.
MIDDLEWARE = ["parse_server.middleware.AdminMiddleware"]
ADMIN_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SILENCED_SYSTEM_CHECKS = [
    # They look for the admin's middleware in MIDDLEWARE; it is in ADMIN_MIDDLEWARE.
    "admin.E408",
    "admin.E409",
    "admin.E410",
]

# --- Security ---------------------------------------------------------------------------------------------------------

DEBUG = flag("DJANGO_DEBUG", default=False)
SECRET_KEY = text("DJANGO_SECRET_KEY") or read_or_create(PARSE_DATA_DIR / "secret_key", get_random_secret_key)
SESSION_COOKIE_NAME = "parse_admin_session"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = ADMIN_PATH
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Pages of the admin -----------------------------------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
# Served from the apps' own folders: there is no collectstatic to remember.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Debugging --------------------------------------------------------------------------------------------------------

# Every API response says in `X-Parse-Statement-Count` how many SQL statements it took.
PARSE_COUNT_STATEMENTS = flag("PARSE_SERVER_COUNT_STATEMENTS", default=False)

# --- Cache ------------------------------------------------------------------------------------------------------------

# A Redis that all processes share counts the requests of rate limits; without one PostgreSQL does.
CACHE_URL = text("CACHE_URL")
if CACHE_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}

# --- Background work --------------------------------------------------------------------------------------------------

# Empty: threads of the serving processes do it. Else Celery workers (`manage.py worker`): the URL of a Redis, or
# `database` for the SQL broker on the server's own PostgreSQL.
PARSE_BROKER_URL = text("PARSE_SERVER_BROKER_URL")
PARSE_TASK_BELL = "parse_server.celery.CeleryBell" if PARSE_BROKER_URL else "parse_core.tasks.threads.ThreadBell"
# Whether a serving process loads its applications before it is asked for them.
PARSE_LOADS_AT_START = True
# Whether a serving process looks for tasks that others left undone, and starts what is scheduled.
PARSE_SWEEPS_TASKS = True
# Seconds without a sign of life after which the work of a process is somebody else's.
PARSE_TASK_LEASE = number("PARSE_SERVER_TASK_LEASE", default=30)

# --- Mail -------------------------------------------------------------------------------------------------------------

# Without a mail server, mails are printed: whoever develops reads the links there.
EMAIL_HOST = text("EMAIL_HOST")
EMAIL_PORT = number("EMAIL_PORT", default=587)
EMAIL_HOST_USER = text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = flag("EMAIL_USE_SSL", default=False)
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=bool(EMAIL_HOST) and not EMAIL_USE_SSL)
EMAIL_TIMEOUT = 20  # seconds; a server that does not answer must not hold up the mails after it for good
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", default="no-reply@localhost")

# --- Logging ----------------------------------------------------------------------------------------------------------

LOG_LEVEL = levels.number(text("PARSE_SERVER_LOG_LEVEL", default=_file.get("logLevel", "info")).lower())
if flag("SILENT", default=_file.get("silent") is True):
    LOG_LEVEL = levels.NUMBERS["silent"]
elif flag("VERBOSE", default=_file.get("verbose") is True):
    LOG_LEVEL = min(LOG_LEVEL, levels.NUMBERS["verbose"])
# Whether applications write log files where their options do not say so: into `./logs`, as the reference does.
PARSE_LOG_FILES = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "parse_server.log_records.RequestId"}},
    "formatters": {
        "json": {"()": "parse_server.log_records.JsonLines"},
        "line": {
            "()": "parse_server.log_records.Lines",
            "fmt": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if flag("JSON_LOGS", default=_file.get("jsonLogs") is True) else "line",
            "filters": ["request_id"],
            "level": LOG_LEVEL,
        },
        "applications": {"()": "parse_core.logs.handler.Recorder"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Django's default handlers would say everything twice, and mail errors to nobody.
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # A refused request is an answer, not an incident; what fails inside is logged by parse_core with its cause.
        "django.request": {"level": "ERROR"},
        # The console prints what its level lets pass; what applications keep in their logs is theirs to decide.
        **{
            app: {"handlers": ["applications"], "level": levels.NUMBERS["silly"]}
            for app in ("parse_server", "parse_core", "parse_auth", "parse_live", "parse_push", "parse_cloud")
        },
    },
}
