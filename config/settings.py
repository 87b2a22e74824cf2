"""Every setting, in one file. What differs between machines comes from the environment (see `.env.example`).

Three shapes: production (the default: nothing secret has a default), the demo (`HELPDESK_DEMO=1`, set by
`bin/demo`) and the tests (`HELPDESK_TEST=1`, set by `tests/conftest.py`).
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.logging import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")


def required(name: str, *, sandbox: str) -> str:
    """The value of an environment variable that only the demo and the tests may do without."""
    if value := env.str(name, default=""):
        return value
    if HELPDESK_DEMO or HELPDESK_TEST:
        return sandbox
    raise ImproperlyConfigured(
        f"{name} is not set. Put it in the environment or in .env (see .env.example); "
        "to try the product without any configuration run bin/demo."
    )


# The desk itself

HELPDESK_DEMO = env.bool("HELPDESK_DEMO", default=False)
HELPDESK_TEST = env.bool("HELPDESK_TEST", default=False)
HELPDESK_BASE_URL = required("HELPDESK_BASE_URL", sandbox="http://127.0.0.1:8000").rstrip("/")
HELPDESK_SITE_NAME = env.str("HELPDESK_SITE_NAME", default="Fjell Outdoor" if HELPDESK_DEMO else "Trunkline")
HELPDESK_MAIL_DOMAIN = env.str("HELPDESK_MAIL_DOMAIN", default="desk.example")
HELPDESK_SMTP_LISTEN = env.str("HELPDESK_SMTP_LISTEN", default="127.0.0.1:2525")
HELPDESK_SMTP_URL = env.str("HELPDESK_SMTP_URL", default="smtp://127.0.0.1:25")
HELPDESK_SINK_LISTEN = env.str("HELPDESK_SINK_LISTEN", default="127.0.0.1:2526")  # the demo's mail sink

# Django

SECRET_KEY = required("SECRET_KEY", sandbox="only-for-the-demo-and-the-tests-and-of-no-worth-to-anyone-else")
DEBUG = env.bool("DEBUG", default=False)
_public = urlsplit(HELPDESK_BASE_URL)
_own_hosts = ["*"] if HELPDESK_DEMO else [_public.hostname, "127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or _own_hosts
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[]) or [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "customers",
    "tickets",
    "routing",
    "helpdesk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework.authtoken",
]

MIDDLEWARE = [
    "config.logging.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Truth: PostgreSQL. Only the web process pools connections: the children of Celery's prefork would inherit their
# parent's sockets. They keep one each instead (HELPDESK_DB_KEEP, seconds), checked before each task.

DATABASES = {"default": env.db_url_config(required("DATABASE_URL", sandbox="postgresql:///trunkline"))}
HELPDESK_DB_POOL = env.int("HELPDESK_DB_POOL", default=0)  # connections a process may hold; 0: no pool
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = env.int("HELPDESK_DB_KEEP", default=0)
_database["CONN_HEALTH_CHECKS"] = True
_database.setdefault("OPTIONS", {})
_database["HOST"] = _database["OPTIONS"].pop("host", _database["HOST"])  # ?host=/folder/of/the/socket
_database["OPTIONS"].setdefault("connect_timeout", 5)
# A statement sent this many times on one connection is prepared: PostgreSQL then plans it once and not each time, a
# fifth of what a mail costs. 0 for poolers that hand a statement to a connection that never saw it (PgBouncer < 1.21).
HELPDESK_DB_PREPARE = env.int("HELPDESK_DB_PREPARE", default=3)
if HELPDESK_DB_PREPARE:
    _database["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": HELPDESK_DB_PREPARE}
if HELPDESK_DB_POOL:
    _database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": HELPDESK_DB_POOL, "timeout": 4, "reconnect_timeout": 5}

# Nerves: Redis carries Celery's messages, the sockets' hints, the throttles' counters. All of it may be lost.

REDIS_URL = required("REDIS_URL", sandbox="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "hint"},
    }
}

# What the router was told at each decision is kept for so many days, so that it can be decided again.

HELPDESK_KEEP_DISPATCHES = env.int("HELPDESK_KEEP_DISPATCHES", default=30)

# Work: Celery. Its own table is in config/celery.py. The figures stand on measurements: with late
# acknowledgement and kombu's own intervals a killed worker's tasks come back after 100 s, with these after 60.

CELERY_BROKER_URL = "redis+socket://" + urlsplit(REDIS_URL).path if REDIS_URL.startswith("unix:") else REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": env.int("HELPDESK_VISIBILITY_TIMEOUT", default=60),  # above the longest task limit
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.3,
    "socket_timeout": env.float("HELPDESK_BROKER_TIMEOUT", default=5),  # short where a person waits (processes.py)
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    "queue_order_strategy": "round_robin",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False  # a nudge is never worth waiting for: the sweep finds the work
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 50
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

# Who may come in: staff, by e-mail address, second factor available; accounts are made by an administrator.

AUTH_USER_MODEL = "helpdesk.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if HELPDESK_TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good one takes a third of a second
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.accounts.StaffOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("HELPDESK_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Trunkline"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = HELPDESK_DEMO or HELPDESK_TEST

# The REST API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "helpdesk.api.parsers.TidyJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "helpdesk.api.pagination.Keyset",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "helpdesk.api.errors.problem_response",
    "NUM_PROXIES": env.int("HELPDESK_PROXIES", default=0),
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "chat_start": env.str("HELPDESK_RATE_CHAT_START", default="20/min"),  # a visitor's address
        "chat_message": env.str("HELPDESK_RATE_CHAT_MESSAGE", default="120/min"),
        "public_form": env.str("HELPDESK_RATE_PUBLIC_FORM", default="20/min"),
        "token": env.str("HELPDESK_RATE_TOKEN", default="10/min"),
        "reply": env.str("HELPDESK_RATE_REPLY", default="120/min"),  # what one member of staff writes by HTTP
    },
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trunkline",
    "DESCRIPTION": "Customers, tickets, routing and replies of an omnichannel contact centre.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ChannelEnum": "tickets.models.Channel",
        "TicketStatusEnum": "tickets.models.Ticket.Status",
        "InteractionStatusEnum": "routing.models.Interaction.Status",
        "DeliveryStateEnum": "helpdesk.models.Delivery.State",
        "InboundStateEnum": "helpdesk.models.InboundRaw.State",
        "PolicyStateEnum": "routing.models.Policy.State",
        "ReplayStateEnum": "routing.models.Replay.State",
        "QueueStateEnum": ["ok", "warn", "bad"],
    },
}

# Files

STATIC_URL = "/static/"
STATIC_ROOT = env.path("HELPDESK_STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
MEDIA_ROOT = env.path("HELPDESK_MEDIA_ROOT", default=str(BASE_DIR / "var" / "files"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if HELPDESK_TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "jpg", "webp", "woff2", "gz", "zip", "map", "mp3", "ogg"]
WHITENOISE_USE_FINDERS = HELPDESK_TEST
WHITENOISE_AUTOREFRESH = HELPDESK_TEST
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Mail of the house itself (password resets) goes out as the desk's mail does.

_smtp = urlsplit(HELPDESK_SMTP_URL)
EMAIL_HOST = _smtp.hostname or "127.0.0.1"
EMAIL_PORT = _smtp.port or (465 if _smtp.scheme == "smtps" else 25)
EMAIL_HOST_USER = _smtp.username or ""
EMAIL_HOST_PASSWORD = _smtp.password or ""
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_USE_TLS = "starttls" in _smtp.query and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"desk@{HELPDESK_MAIL_DOMAIN}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Safety: https everywhere unless the address says otherwise, no inline script or style, no foreign origin.

HTTPS = _public.scheme == "https"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.bool("HELPDESK_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
X_FRAME_OPTIONS = "DENY"  # the view that shows a mail in a frame says otherwise for itself
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "frame-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Logs: one JSON object a line, each with the request, ticket and interaction it belongs to.

LOGGING_CONFIG = "config.logging.configure"
LOGGING = logging_settings(level=env.str("LOG_LEVEL", default="INFO"))
