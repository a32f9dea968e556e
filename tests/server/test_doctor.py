"""The doctor says what is in force and what is missing, and sounds no false alarm."""

import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from tests.server.conftest import NOW, World

from liangcai.server.services import doctor, outbox
from liangcai.server.services.doctor import Check, examine
from liangcai.server.store.models import AuditChain, OutboxMessage

pytestmark = pytest.mark.django_db


def _states(**options: bool) -> dict[str, str]:
    return {check.name: check.state for check in examine(at=NOW, **options)}


def _named(name: str) -> Check:
    return next(check for check in examine(at=NOW) if check.name == name)


@pytest.fixture(autouse=True)
def own_data_folder(settings: LazySettings, tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    settings.LIANGCAI_DATA = tmp_path
    return tmp_path


def test_a_sound_production_server_gets_no_error_and_no_warning(settings: LazySettings) -> None:
    settings.LIANGCAI_DEMO = False
    settings.EMAIL_HOST = "mail.example"

    states = _states(audit=True)

    states.pop("fonts")  # a property of the machine that runs the tests
    states.pop("catalogues")
    assert set(states.values()) == {"ok"}
    assert {
        "python",
        "mode",
        "data",
        "disk",
        "database",
        "migrations",
        "settings",
        "outbox",
        "tasks",
        "audit",
    } == set(states)


def test_every_message_is_in_both_languages() -> None:
    for check in examine(at=NOW, audit=True):
        assert check.as_record("zh")["message"]
        assert check.as_record("en")["message"].isascii()


def test_a_demonstration_is_pointed_out() -> None:
    assert _states()["mode"] == "warning"


def test_demo_accounts_in_production_are_an_error(settings: LazySettings) -> None:
    from liangcai.server.services.demo import load_demo

    load_demo(at=NOW)
    settings.LIANGCAI_DEMO = False

    assert _states()["store.E002"] == "error"


def test_a_missing_or_open_data_folder_is_found(
    settings: LazySettings, own_data_folder: Path
) -> None:
    own_data_folder.chmod(0o755)
    assert _states()["data"] == "warning"
    settings.LIANGCAI_DATA = own_data_folder / "missing"
    assert _states()["data"] == "error"


@pytest.mark.parametrize(("free", "state"), [(2, "ok"), (0.5, "warning"), (0.05, "error")])
def test_a_full_disk_is_found_in_time(
    monkeypatch: pytest.MonkeyPatch, free: float, state: str
) -> None:
    usage = SimpleNamespace(free=free * 1024**3)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    assert _states()["disk"] == state


def test_missing_fonts_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)

    assert _states()["fonts"] == "warning"


def test_uncompiled_catalogues_are_found(settings: LazySettings, tmp_path: Path) -> None:
    catalogue = tmp_path / "en/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.touch()
    settings.LOCALE_PATHS = [tmp_path]
    assert _states()["catalogues"] == "error"

    catalogue.with_suffix(".mo").touch()

    assert _states()["catalogues"] == "ok"


def test_an_unreachable_database_ends_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("connection refused\nat great length")

    monkeypatch.setattr(connection, "cursor", refuse)

    checks = examine(at=NOW)

    assert (checks[-1].name, checks[-1].state) == ("database", "error")
    assert checks[-1].message.en.endswith("connection refused")


def test_pending_migrations_end_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "pending_migrations", lambda: ("store.0002_next",))

    checks = examine(at=NOW)

    assert (checks[-1].name, checks[-1].state) == ("migrations", "error")


def test_mail_that_waits_or_was_given_up_is_counted() -> None:
    message = outbox.enqueue_text(
        key="k", to="a@b.example", subject="s", text="t", language="en", at=NOW
    )
    assert _named("outbox").state == "ok"

    OutboxMessage.objects.update(next_attempt_at=NOW - timedelta(minutes=11))
    assert "1 waiting" in _named("outbox").message.en
    OutboxMessage.objects.filter(pk=message.pk).update(status="failed")
    assert "1 given up" in _named("outbox").message.en


def test_tasks_that_nobody_does_are_counted() -> None:
    outbox.deliver.enqueue("00000000-0000-0000-0000-000000000000")
    tasks = doctor.DBTaskResult.objects
    late = NOW - timedelta(minutes=11)
    tasks.update(enqueued_at=late)
    assert "1 waiting" in _named("tasks").message.en

    tasks.update(run_after=late)
    assert "1 waiting" in _named("tasks").message.en

    tasks.update(run_after=NOW + timedelta(hours=1))
    assert _named("tasks").state == "ok"
    tasks.update(status="FAILED")
    assert "1 failed" in _named("tasks").message.en


def test_a_broken_audit_chain_is_an_error(world: World) -> None:
    AuditChain.objects.filter(name=str(world.here.pk)).update(length=1)

    assert _states(audit=True)["audit"] == "error"
    assert "audit" not in _states()
