"""Settings: where the product runs. What it computes stands in the definition files."""

import os
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import environ
from csp.constants import NONE, SELF

from kodala import geo_libraries

# One thread for linear algebra: more collide with PostgreSQL's own processes on the same cores (a sum over
# a million cells took 1.5 s instead of 0.05 s), and the order of adding would depend on their number.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Core
DEBUG = env.bool("KODALA_DEBUG", default=False)
SECRET_KEY = env.str("KODALA_SECRET_KEY") if not DEBUG else env.str("KODALA_SECRET_KEY", default="debug")
ALLOWED_HOSTS = env.list("KODALA_ALLOWED_HOSTS", default=[])
VAR_DIR = Path(env.str("KODALA_VAR", default=str(BASE_DIR / "var")))
# Compiled loops of bundling (microcells/domain/kernels). A folder of its own for every state of the source:
# the compiler looks at the changed file only, not at those it includes.
KERNELS = sorted((BASE_DIR / "microcells/domain/kernels").glob("*.py"))
KERNELS_STATE = sha256(b"".join(file.read_bytes() for file in KERNELS)).hexdigest()[:16]
COMPILED_DIR = VAR_DIR / "numba" / KERNELS_STATE
os.environ.setdefault("NUMBA_CACHE_DIR", str(COMPILED_DIR))
CITY_NAME = env.str("KODALA_CITY_NAME", default="Neuss")
MUNICIPALITY_KEY = env.str("KODALA_MUNICIPALITY_KEY", default="")  # 8 digits; "" = of the definition file
ROOT_URLCONF = "kodala.urls"
WSGI_APPLICATION = "kodala.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
GDAL_LIBRARY_PATH = geo_libraries.GDAL_LIBRARY_PATH
GEOS_LIBRARY_PATH = geo_libraries.GEOS_LIBRARY_PATH

INSTALLED_APPS = [
    "kodala.core",
    "microcells",
    "typology",
    "seniors",
    "kodala.publication",
    "kodala.dashboard",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django_htmx",
    "leaflet",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "kodala.dashboard.middleware.keep_pages_out_of_caches",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kodala.dashboard.context.page",
            ],
        },
    },
]

# Database: the worker owns the data (kodala), the web process reads what is published (kodala_web)
WEB_ROLE = env.str("KODALA_WEB_ROLE", default="kodala_web")
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "HOST": env.str("PGHOST", default=""),
        "PORT": env.str("PGPORT", default=""),
        "NAME": env.str("PGDATABASE", default="kodala"),
        "USER": env.str("PGUSER", default="kodala"),
        "PASSWORD": env.str("PGPASSWORD", default=""),
        "CONN_MAX_AGE": 60,
        # A host that is gone is noticed soon, if the server is reached over a network.
        "OPTIONS": {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5},
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.str("KODALA_TEST_DATABASE", default="test_kodala")},
    }
}

# Redis carries tasks, never the only copy of anything
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")


def _broker_url(redis_url: str) -> str:
    """Celery writes a unix socket another way than redis-py does."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


CELERY_BROKER_URL = _broker_url(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = env.str("KODALA_QUEUE", default="kodala")
# Pieces need the database alone: a host without the folder of received files serves this queue only.
CELERY_TASK_ROUTES = {"areas.help_with_pieces": {"queue": f"{CELERY_TASK_DEFAULT_QUEUE}_pieces"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a killed worker's task comes back
# Longer than any task may run: a task that comes twice finds the lease taken, but need not come at all.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 4 * 3600, "socket_connect_timeout": 5}
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # stages are long: no worker hoards them
CELERY_TASK_SOFT_TIME_LIMIT = 3 * 3600  # all of Germany takes about an hour
CELERY_TASK_TIME_LIMIT = 3 * 3600 + 300  # leaves five minutes to write down why it stopped
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the worker waits for Redis as long as it takes
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # and outlives a full one, which refuses even to strike off a task
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# People
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
CSRF_FAILURE_VIEW = "kodala.dashboard.views.errors.csrf_failure"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 8 * 3600  # one working day

# Language and numbers
LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("KODALA_STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED_STATIC = env.bool("KODALA_HASHED_STATIC", default=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = Path(env.str("KODALA_MEDIA_ROOT", default=str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # a file has at most 500 columns, each with a field and a conversion
UPLOAD_MAX_BYTES = env.int("KODALA_UPLOAD_MAX_BYTES", default=2 * 1024**3)
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "kodala.dashboard.uploading.PatientUploadHandler",
]
# Inside the media folder, so that a killed web process leaves nothing where nobody sweeps.
FILE_UPLOAD_TEMP_DIR = env.str("KODALA_UPLOAD_TEMP_DIR", default=str(MEDIA_ROOT / "incoming"))

# Security: nothing from elsewhere, nothing inline; Django's own defaults are strict and stand
TLS = env.bool("KODALA_TLS", default=False)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 31536000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
if env.bool("KODALA_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Map
LEAFLET_CONFIG = {"TILES": [], "RESET_VIEW": False, "MINIMAP": False, "SCALE": None, "NO_GLOBALS": True}

# Logs carry ids, never values
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"kodala": {"level": "INFO"}},
}
