"""A server that is set up wrongly does not start, and says why."""

import json
import logging
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from tests.server.conftest import NOW, AddUser, World

from liangcai.server.config import health
from liangcai.server.config import settings as settings_module
from liangcai.server.config.environment import Environment, database_of
from liangcai.server.config.faults import refuse_faults
from liangcai.server.config.logs import JsonFormatter
from liangcai.server.services import demo
from liangcai.server.store.models import User

REFERENCE = Path(__file__).parents[2] / "docs/reference/settings.md"
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """A function that reads the settings under an environment of its own."""

    def read(**values: str) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            for name in settings_module.LIANGCAI_SETTINGS:
                patch.delenv(name, raising=False)
            patch.setenv("LIANGCAI_DATA", str(tmp_path))
            for name, value in values.items():
                patch.setenv(f"LIANGCAI_{name}", value)
            return runpy.run_path(str(settings_module.__file__))

    return read


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = {
        line.split("`")[1] for line in REFERENCE.read_text().splitlines() if line.startswith("| `")
    }

    assert documented == set(settings_module.LIANGCAI_SETTINGS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO", "maybe"),
        ("PUBLIC_URL", "liangcai.example"),
        ("PUBLIC_URL", "https://liangcai.example/path"),
        ("LANGUAGE", "de"),
        ("TIME_ZONE", "Asia/Nowhere"),
        ("EMAIL_PORT", "0"),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL_SECURITY", "ssl3"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "LOUD"),
        ("SIGN_UP", "closed"),
        ("HSTS_SECONDS", "-1"),
        ("DATABASE_URL", "mysql://a/b"),
        ("DATABASE_URL", "postgresql://host"),
        ("DATABASE_URL", "postgresql://host/name?sslmod=require"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
        ("SECRET_KYE", "misspelt"),
    ],
)
def test_a_bad_value_is_refused_by_name(load: Load, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"LIANGCAI_{name}"):
        load(**{name: value})


def test_a_secret_comes_from_a_file_that_is_there_and_not_empty(tmp_path: Path) -> None:
    good, empty = tmp_path / "good", tmp_path / "empty"
    good.write_text("the secret\n")
    empty.write_text("\n")

    def read(**values: str) -> str:
        return Environment({f"LIANGCAI_{name}": value for name, value in values.items()}).secret(
            "KEY"
        )

    assert read(KEY_FILE=str(good)) == "the secret"
    assert read(KEY="plain") == "plain"
    assert read() == ""
    for fault in ({"KEY_FILE": str(empty)}, {"KEY": "plain", "KEY_FILE": str(good)}):
        with pytest.raises(ImproperlyConfigured, match="LIANGCAI_KEY"):
            read(**fault)


def test_a_demonstration_makes_its_own_key_once_and_keeps_it_to_itself(
    load: Load, tmp_path: Path
) -> None:
    first, again = load(DEMO="1")["SECRET_KEY"], load(DEMO="1")["SECRET_KEY"]

    assert first == again
    assert len(first) >= 32
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert load()["SECRET_KEY"] == ""


def test_production_sends_cookies_over_tls_only(load: Load) -> None:
    production = load(PUBLIC_URL="https://liangcai.example", BEHIND_PROXY="1")

    assert production["SESSION_COOKIE_SECURE"]
    assert production["CSRF_COOKIE_SECURE"]
    assert production["SECURE_HSTS_SECONDS"] == 31536000
    assert production["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert "liangcai.example" in production["ALLOWED_HOSTS"]
    assert "SECURE_PROXY_SSL_HEADER" not in load(DEMO="1")
    assert not load(DEMO="1")["SESSION_COOKIE_SECURE"]


def test_mail_goes_into_files_until_a_server_is_named(load: Load) -> None:
    assert load()["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert load(EMAIL_HOST="mail.example")["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    tls = load(EMAIL_SECURITY="tls")
    assert (tls["EMAIL_USE_TLS"], tls["EMAIL_USE_SSL"]) == (False, True)


def test_a_database_address_becomes_djangos_settings() -> None:
    data = Path("/data")

    postgres = database_of(
        "postgresql://me:p%40ss@db.example:5433/liangcai?sslmode=require", data=data
    )
    socket = database_of("postgres://me@/liangcai?host=/run/postgresql", data=data)

    assert (postgres["USER"], postgres["PASSWORD"], postgres["NAME"]) == ("me", "p@ss", "liangcai")
    assert (postgres["HOST"], postgres["PORT"]) == ("db.example", "5433")
    assert postgres["OPTIONS"] == {"sslmode": "require"}
    assert (socket["HOST"], socket["PORT"]) == ("/run/postgresql", "")
    assert database_of("", data=data)["NAME"] == "/data/liangcai.sqlite3"
    assert database_of("sqlite:////else/where.db", data=data)["NAME"] == "/else/where.db"


@pytest.mark.django_db
def test_production_refuses_to_start_with_the_demonstrations_accounts(
    settings: LazySettings,
) -> None:
    demo.load_demo(at=NOW)
    assert not [fault for fault in run_checks(databases=["default"]) if fault.id == "store.E002"]

    settings.LIANGCAI_DEMO = False

    with pytest.raises(ImproperlyConfigured, match=r"store\.E002"):
        refuse_faults()


@pytest.mark.django_db
def test_production_accepts_real_accounts(settings: LazySettings, add_user: AddUser) -> None:
    settings.LIANGCAI_DEMO = False
    add_user("Real")

    refuse_faults()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "too short"])
def test_production_refuses_to_start_without_a_real_key(settings: LazySettings, key: str) -> None:
    settings.SECRET_KEY = key

    with pytest.raises(ImproperlyConfigured, match=r"store\.E001"):
        refuse_faults()


@pytest.mark.django_db
def test_the_demonstration_has_a_sign_in_per_role_and_can_be_loaded_again(
    settings: LazySettings,
) -> None:
    signs = demo.load_demo(at=NOW)

    assert demo.load_demo(at=NOW) == signs
    assert User.objects.count() == len(signs) == 10
    assert all(user.synthetic for user in User.objects.all())
    assert all(user.check_password(demo.DEMO_PASSWORD) for user in User.objects.all())
    settings.LIANGCAI_DEMO = False
    with pytest.raises(demo.NotADemonstration):
        demo.load_demo(at=NOW)


@pytest.mark.django_db
def test_healthz_says_ok_and_nothing_else(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_healthz_is_not_ok_before_the_tables_are_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    monkeypatch.setattr(health, "pending_migrations", lambda: ("store.0002_next",))

    response = client.get("/healthz")

    assert (response.status_code, response.json()["database"]) == (503, "not migrated")


@pytest.mark.django_db
def test_answers_tell_the_browser_what_it_may_do(client: Client) -> None:
    headers = client.get("/healthz").headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "img-src 'self' data:" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_page_comes_in_the_persons_language_until_a_cookie_says_otherwise(
    client: Client, world: World
) -> None:
    client.force_login(world.stranger)

    assert client.get("/healthz").headers["Content-Language"] == "en"
    client.cookies["django_language"] = "zh-hans"
    assert client.get("/healthz").headers["Content-Language"] == "zh-hans"


def test_a_log_record_is_one_line_of_json() -> None:
    try:
        raise ValueError("两行\n文本")
    except ValueError as error:
        record = logging.makeLogRecord(
            {"msg": "sent %s", "args": ("a",), "levelname": "INFO", "name": "x", "message_id": "7"}
        )
        record.exc_info = (type(error), error, error.__traceback__)

    line = JsonFormatter().format(record)

    document = json.loads(line)
    assert "\n" not in line
    assert (document["message"], document["message_id"]) == ("sent a", "7")
    assert "ValueError" in document["traceback"]
