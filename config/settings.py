"""All of Touchline's settings; what differs between machines comes from the environment."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.embedded import runfile
from config.health import HEARTBEAT_SECONDS

BASE_DIR = Path(__file__).resolve().parent.parent
# What the embedded supervisor says about the stack it keeps up: commands reach it without exports.
RUNNING = runfile.read()
DEBUG = env.flag("DEBUG")
TOUCHLINE_DATA_DIR = Path(
    env.text("TOUCHLINE_DATA_DIR", RUNNING.get("data_dir", "") or str(BASE_DIR / ".touchline"))
).resolve()

SECRET_KEY = env.text("SECRET_KEY", RUNNING.get("secret_key", ""))
if not SECRET_KEY:
    if env.text("DATABASE_URL") and not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY is not set. Give each deployment a long random one.")
    # Without a deployment's database there is nothing to sign for: commands such as
    # `makemigrations --check` still have to work on a fresh clone.
    SECRET_KEY = "unsafe-fresh-clone-key-" + "0" * 32
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_vite",
    "episodes",
    "annotation",
    "review",
    "frontend",
    "config",
]
MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.errors.DomainErrorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.navigation",
            ]
        },
    }
]

DATABASE_URL = env.text("DATABASE_URL", RUNNING.get("database_url", ""))
REDIS_URL = env.text("REDIS_URL", RUNNING.get("redis_url", ""))
# With neither a deployment's database nor a running stack the address below is a place where
# nothing answers: manage.py explains it to whoever runs a command that needs one.
DATABASES = {
    "default": env.database(DATABASE_URL or "postgresql://touchline@127.0.0.1:1/touchline")
}
DATABASES["default"]["CONN_MAX_AGE"] = env.integer("CONN_MAX_AGE", 60, low=0)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# The editor speaks all of these, whichever its person prefers. The other pages are in English until
# their templates are translated: then LocaleMiddleware belongs after SessionMiddleware.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(TOUCHLINE_DATA_DIR / "static")))
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
VITE_MANIFEST = BASE_DIR / "frontend" / "static" / "build" / "manifest.json"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "build",
        "manifest_path": VITE_MANIFEST,
    }
}


def _immutable(path: str, url: str) -> bool:
    """Vite's hashed files never change under their name."""
    return "/static/build/assets/" in url


WHITENOISE_IMMUTABLE_FILE_TEST = _immutable

# Media: content-addressed files below the data folder, never served without a permission check.
# A prefix set here makes Django answer with X-Accel-Redirect and nginx send the bytes.
MEDIA_ACCEL_PREFIX = env.text("MEDIA_ACCEL_PREFIX")
# Videos lie in the data folder, or in an S3-compatible bucket named here (s3://bucket/prefix); what
# is made of them stays in the data folder. A bucket's bytes pass through Django unless presigned.
TOUCHLINE_STORAGE = env.text("TOUCHLINE_STORAGE")
if TOUCHLINE_STORAGE:
    STORAGES["media"] = env.object_storage(TOUCHLINE_STORAGE)
TOUCHLINE_STORAGE_PRESIGNED = env.flag("TOUCHLINE_STORAGE_PRESIGNED")
TOUCHLINE_STORAGE_PRESIGNED_SECONDS = env.integer(
    "TOUCHLINE_STORAGE_PRESIGNED_SECONDS", 3600, low=60, high=7 * 24 * 3600
)
# Videos that a worker fetched to decode are kept up to so many bytes, the last used longest.
TOUCHLINE_CACHE_BYTES = env.integer("TOUCHLINE_CACHE_BYTES", 20 * 2**30, low=0)
TOUCHLINE_IMPORT_ROOTS = env.paths(
    "TOUCHLINE_IMPORT_ROOTS", [BASE_DIR / "demo", TOUCHLINE_DATA_DIR / "imports"]
)
TOUCHLINE_UPLOAD_MAX_BYTES = env.integer("TOUCHLINE_UPLOAD_MAX_BYTES", 20 * 2**30, low=1)
# Who may see which episode is decided above the episodes app: see episodes.access.
TOUCHLINE_EPISODE_ACCESS = "annotation.access.ProjectAccess"
# How far episodes are labelled is known above it too: see episodes.labelling.
TOUCHLINE_EPISODE_LABELLING = "review.labelling.ProjectLabelling"
TOUCHLINE_SEEDING = "review.seeding.GoldSeeding"
TOUCHLINE_UNDECIDED = "review.undecided.HiddenRepeats"
# The demo's log-ins are shown on the log-in page, and only there.
TOUCHLINE_DEMO = env.flag("TOUCHLINE_DEMO", bool(RUNNING.get("demo")))
# The first demo orders a simulated operation beside the project in which people label.
TOUCHLINE_SIMULATION = env.flag("TOUCHLINE_SIMULATION", True)
# A webhook may point into the operator's own network, as in an installation without the internet.
TOUCHLINE_WEBHOOK_PRIVATE = env.flag("TOUCHLINE_WEBHOOK_PRIVATE")
# Letters with what people have not read; without a server they are printed.
_MAIL = env.mail(env.text("EMAIL_URL", "console:"))
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _MAIL.backend, _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _MAIL.tls, _MAIL.ssl, 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "touchline@localhost")
# Where people reach the site: links in letters begin with it.
TOUCHLINE_URL = env.address("TOUCHLINE_URL", "http://localhost:8000")
LEASE_SECONDS = env.integer("LEASE_SECONDS", 900, low=30)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotation.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "annotation.api.authentication.TokenHasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "config.openapi.Described",
    "EXCEPTION_HANDLER": "config.errors.problem_response",
    # `format` is a filter of datasets like any other.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Touchline API",
    "VERSION": "1",
    "DESCRIPTION": "Robot episodes, their labels and their review.",
    "SERVE_INCLUDE_SCHEMA": False,
    # Several records have a state or a role: each set of values has a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "AcceptancePlan": "annotation.models.AcceptancePolicy.Plan",
        "AdjudicationState": "review.models.Adjudication.State",
        "AgreementRunState": "review.models.AgreementRun.State",
        "AnnotationSetState": "annotation.models.AnnotationSet.State",
        "AssignmentState": "annotation.models.Assignment.State",
        "BatchItemState": "review.models.BatchItem.State",
        "BatchMode": "review.models.Batch.Mode",
        "BatchState": "review.models.Batch.State",
        "CalibrationState": "review.models.Calibration.State",
        "CameraRole": "episodes.models.Stream.Role",
        "DeliveryState": "annotation.models.WebhookDelivery.State",
        "DisputeDecision": "review.models.GoldDispute.Decision",
        "EpisodePurpose": "annotation.models.ProjectEpisode.Purpose",
        "EpisodeState": "episodes.models.Episode.State",
        "GoldState": "review.models.GoldItem.State",
        "ImportItemState": "episodes.models.ImportItem.State",
        "ImportMode": "episodes.models.ImportRun.Mode",
        "ImportState": "episodes.models.ImportRun.State",
        "MemberRole": "annotation.models.Membership.Role",
        "ProjectState": "annotation.models.Project.State",
        "ReleaseState": "review.models.Release.State",
        "SamplePlan": "review.models.Sample.Plan",
        "SkipDecision": "annotation.models.SkipDecision.Decision",
        "VerdictDecision": "review.models.Verdict.Decision",
        "WebhookState": "annotation.models.Webhook.State",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:1/0"
CELERY_WORKER_CONCURRENCY = env.integer(
    "TOUCHLINE_WORKER_CONCURRENCY", min(4, os.cpu_count() or 2), low=1
)
CELERY_BEAT_SCHEDULE_FILENAME = str(TOUCHLINE_DATA_DIR / "beat-schedule")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 3600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or a task that still runs would be handed out again;
    # the restore settings bring a killed worker's tasks back within seconds of that time.
    "visibility_timeout": 4000,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}

# 0 goes first. Measuring clocks and values waits until nobody waits for anything else.
CELERY_TASK_ROUTES = {
    "episodes.measure_sync": {"priority": 9},
    "episodes.measure_values": {"priority": 9},
    "review.fill_simulations": {"priority": 9},
    # Minutes for a long recording, and the source is shown meanwhile.
    "episodes.make_proxy": {"priority": 9},
}

CELERY_BEAT_SCHEDULE = {
    "expire-leases": {"task": "annotation.expire_leases", "schedule": 60},
    "forget-answers": {"task": "annotation.forget_answers", "schedule": 3600},
    "heartbeat": {"task": "config.heartbeat", "schedule": HEARTBEAT_SECONDS},
    "make-waiting-proxies": {"task": "episodes.make_waiting_proxies", "schedule": 600},
    "measure-waiting": {"task": "episodes.measure_waiting", "schedule": 30},
    "prepare-waiting-streams": {"task": "episodes.prepare_waiting_streams", "schedule": 20},
    "send-digests": {"task": "annotation.send_digests", "schedule": 300},
    "score-pending": {"task": "review.score_pending", "schedule": 10},
    "sweep-imports": {"task": "episodes.sweep_imports", "schedule": 60},
    "sweep-webhooks": {"task": "annotation.sweep_webhooks", "schedule": 10},
    "sweep-queue-counts": {"task": "annotation.sweep_queue_counts", "schedule": 15},
    "sweep-calibration": {"task": "review.sweep_calibration", "schedule": 30},
    "sweep-daily-work": {"task": "review.sweep_daily_work", "schedule": 15},
    "send-weekly-reports": {"task": "review.send_weekly_reports", "schedule": 600},
    "fill-simulations": {"task": "review.fill_simulations", "schedule": 5},
    "sweep-onboarding": {"task": "review.sweep_onboarding", "schedule": 30},
    "sweep-rejected": {"task": "review.sweep_rejected", "schedule": 60},
    "sweep-releases": {"task": "review.sweep_releases", "schedule": 60},
    "sweep-runs": {"task": "review.sweep_runs", "schedule": 30},
    "sweep-checks": {"task": "review.sweep_checks", "schedule": 60},
}

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("SECURE_COOKIES")
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT")
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 0, low=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
if env.flag("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 2**20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
