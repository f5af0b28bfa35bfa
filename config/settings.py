"""Django settings, composed from the validated environment (`config.environment`). Explained in docs/settings.md."""

import sys
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from config.console.unfold import UNFOLD  # noqa: F401  # the console's look
from config.environment import BASE_DIR, KEY_FILE, SettingsError, read_environment, read_or_create_secret
from config.oauth import OAUTH2_PROVIDER, TOKEN_AUDIENCES  # noqa: F401  # settings of django-oauth-toolkit and ours
from config.openapi import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401  # of the agent API
from config.structured_logs import configure_structlog, logging_config

try:
    environment = read_environment()
except SettingsError as error:
    sys.exit(str(error))  # one clear message and exit code 1, no traceback

# ---- the process ---------------------------------------------------------------------------------------------------
EMBEDDED = environment.is_embedded
DEBUG = environment.debug
DATA_DIR = environment.data_dir
SECRET_KEY = environment.secret_key or read_or_create_secret(DATA_DIR / KEY_FILE)
SECRET_KEY_FALLBACKS = environment.secret_key_fallbacks
ALLOWED_HOSTS = environment.allowed_hosts
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # above the largest batch; the API judges its own smaller limits first

# ---- applications --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "unfold.contrib.guardian",
    "config.console.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "simple_history",
    "axes",
    "csp",
    "audit.apps.AuditConfig",
    "governance.apps.GovernanceConfig",
    "crm_connectors.apps.CrmConnectorsConfig",
    "approvals.apps.ApprovalsConfig",
]
MIDDLEWARE = [
    "config.correlation.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.agent_calls.AgentCallMiddleware",
    "config.compressed_assets.CompressedAssetsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
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
            ],
            "libraries": {"console": "config.console.tags"},
        },
    }
]

# ---- database, cache, broker ---------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        environment.database_url or f"sqlite:///{DATA_DIR / 'countersign.sqlite3'}",
        conn_max_age=None,  # persistent: a new PostgreSQL connection costs more than most requests
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "audit.adapters.sqlite3"  # Django's own, which also guards the ledger's tables
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer queues at BEGIN instead of failing half-way
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "connect_timeout": 5,
        "application_name": "countersign",
        "options": (
            f"-c statement_timeout={environment.statement_timeout_ms} -c lock_timeout={environment.lock_timeout_ms}"
            " -c idle_in_transaction_session_timeout=60000"
            " -c plan_cache_mode=force_generic_plan"  # of what is prepared (the hot path): planned once a connection
            # By an index, a page in memory or on a solid disk costs about what it costs in its turn. With PostgreSQL's
            # own 4, a table that was small when the hot path was planned is read whole until it is analyzed again.
            " -c random_page_cost=1.1"
        ),
    }
DATABASE_OWNER_URL = environment.database_owner_url  # used by `migrate` alone
REDIS_URL = environment.redis_url
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# ---- people, sessions, brute force ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "governance.User"
OAUTH2_PROVIDER_APPLICATION_MODEL = "governance.Credential"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "config.model_permissions.ModelPermissionsBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
ANONYMOUS_USER_NAME = None  # guardian: nobody is never granted anything
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = environment.csrf_trusted_origins
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = environment.trusted_proxies

# ---- transport and browser -----------------------------------------------------------------------------------------
HTTPS = environment.https
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # probes come from inside, over plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.trusted_proxies else None
SECURE_HSTS_SECONDS = environment.hsts_seconds if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # HSTS preloading is for the owner of the whole domain to decide
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_addresses.KnownAddresses"},
}
WHITENOISE_USE_FINDERS = True  # assets come straight from the packages: no collect step to forget

# ---- ledger --------------------------------------------------------------------------------------------------------
LEDGER_SIGNING_KEY = environment.ledger_signing_key
LEDGER_ORIGIN = environment.ledger_origin

# ---- do not contact ------------------------------------------------------------------------------------------------
DNC_KEY = environment.dnc_key
PHONE_REGION = environment.phone_region

# ---- notifications -------------------------------------------------------------------------------------------------
PUBLIC_URL = environment.public_url
PRIVATE_HOSTS = environment.private_hosts
DEFAULT_FROM_EMAIL = environment.email_from
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = "approvals.adapters.mail_folder.FolderBackend"
if environment.email_url:
    _mail = urlsplit(environment.email_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or ""
    EMAIL_PORT = _mail.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[_mail.scheme]
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_USE_SSL = _mail.scheme == "smtps"

# ---- logs, metrics -------------------------------------------------------------------------------------------------
METRICS_TOKEN = environment.metrics_token
LOGGING = logging_config(environment.log_level)
configure_structlog()

# ---- web server (config/gunicorn.py) -------------------------------------------------------------------------------
WEB_BIND = environment.web_bind
WEB_WORKERS = environment.web_workers
WEB_THREADS = environment.web_threads
