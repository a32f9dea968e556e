"""Every setting, in one flat file, fed by the environment (docs/reference/settings.md)."""

import secrets
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from liangcai.server.config.environment import Environment, database_of, public_address

_env = Environment()
_server = Path(__file__).parent.parent

# -- where things are, and whether this is a demonstration --------------------------------------
LIANGCAI_DATA = Path(_env.text("DATA", "var")).absolute()
LIANGCAI_DEMO = _env.flag("DEMO")
LIANGCAI_SIGN_UP = _env.choice("SIGN_UP", "open", ("open", "invited"))
LIANGCAI_PUBLIC_URL = _env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
_public = public_address(LIANGCAI_PUBLIC_URL)


def _demo_key(path: Path) -> str:
    """Return the key of a demonstration, made once and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _env.secret("SECRET_KEY")
if not SECRET_KEY and LIANGCAI_DEMO:
    SECRET_KEY = _demo_key(LIANGCAI_DATA / "secret-key")
SECRET_KEY_FALLBACKS = _env.words("SECRET_KEY_FALLBACKS")
DEBUG = False
ALLOWED_HOSTS = [*_env.words("ALLOWED_HOSTS"), _public.hostname, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [LIANGCAI_PUBLIC_URL]

# -- what it is made of ---------------------------------------------------------------------------
ROOT_URLCONF = "liangcai.server.config.urls"
WSGI_APPLICATION = "liangcai.server.config.wsgi.application"
INSTALLED_APPS = [
    "liangcai.server.web",
    "liangcai.server.store",
    "liangcai.server.console",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "liangcai.server.web.public_cache.PublicCacheMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "liangcai.server.web.body_limit.BodyLimitMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "liangcai.server.config.language.PreferredLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "liangcai.server.web.store_unavailable.StoreUnavailableMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_server / "services" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# -- the store and the work behind it -------------------------------------------------------------
DATABASES = {"default": database_of(_env.secret("DATABASE_URL"), data=LIANGCAI_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}}

# -- who people are -------------------------------------------------------------------------------
AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_validation = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validation}UserAttributeSimilarityValidator"},
    {"NAME": f"{_validation}MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_validation}CommonPasswordValidator"},
    {"NAME": f"{_validation}NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "liangcai.server.services.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "liangcai.server.web.forms.account.SignUpForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme

# -- languages and time -----------------------------------------------------------------------------
LANGUAGE_CODE = _env.choice("LANGUAGE", "zh-hans", ("zh-hans", "en"))
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
LOCALE_PATHS = [_server / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = _env.text("TIME_ZONE", "Asia/Shanghai")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"LIANGCAI_TIME_ZONE: there is no time zone {TIME_ZONE!r}.")

# -- files that never change ------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = LIANGCAI_DATA / "static"
WHITENOISE_USE_FINDERS = True  # what was not collected comes from the packages
STORAGES = {"staticfiles": {"BACKEND": "liangcai.server.config.static.StaticFiles"}}

# -- mail ---------------------------------------------------------------------------------------------
EMAIL_HOST = _env.text("EMAIL_HOST")
EMAIL_PORT = _env.number("EMAIL_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = _env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = _env.secret("EMAIL_PASSWORD")
_security = _env.choice("EMAIL_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = LIANGCAI_DATA / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = _env.text("EMAIL_FROM", f"Liangcai <no-reply@{_public.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- the browser is told what it may do ---------------------------------------------------------------
_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not LIANGCAI_DEMO
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = _env.number("HSTS_SECONDS", 31536000 if _https else 0)
SECURE_SSL_REDIRECT = False  # the proxy does it; a second place would make loops
if _env.flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # failed sign-ins count for the visitor, not for the proxy
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# -- what it says about itself --------------------------------------------------------------------------
_level = _env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "liangcai.server.config.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": _env.choice("LOG_FORMAT", "text", ("text", "json")),
        }
    },
    "root": {"handlers": ["stderr"], "level": _level},
    "loggers": {"django": {"handlers": [], "level": _level, "propagate": True}},
}

LIANGCAI_SETTINGS = tuple(sorted(_env.known))
_env.refuse_unknown()
