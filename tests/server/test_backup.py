"""A backup brings everything back, moves between databases, and is never half restored."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.server.conftest import NOW, World
from tests.server.installations import ADMINISTRATOR, Installation, new_database
from tests.server.samples import lab_scores

from liangcai.server.services import audit, evidence, outbox, tokens
from liangcai.server.services import backup as backup_module
from liangcai.server.services.backup import BackupExists, tables, write_backup
from liangcai.server.services.restore import (
    BackupDamaged,
    BackupOfAnotherVersion,
    TargetNotEmpty,
    read_manifest,
    restore_backup,
)
from liangcai.server.store.models import AuditEvent, SelfAssessmentAnswer, StandardVersion, User
from liangcai.server.store.models.assessments import SelfAssessment

pytestmark = pytest.mark.django_db(transaction=True)


def _rows() -> dict[str, list[dict[str, Any]]]:
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values()) for model in tables()
    }


def _answer(world: World, position: int) -> SelfAssessmentAnswer:
    standard, _ = StandardVersion.objects.get_or_create(
        code="a",
        version="1.0.0",
        defaults={
            "hash": "sha256:" + "0" * 64,
            "document": {"x": [1, 0.5, None, "文"]},
            "created_at": NOW,
        },
    )
    run, _ = SelfAssessment.objects.get_or_create(
        person=world.stranger, standard=standard, defaults={"seed": 2**40, "started_at": NOW}
    )
    return SelfAssessmentAnswer.objects.create(
        assessment=run,
        kind="item",
        code=f"c{position}",
        answer={},
        position=position,
        answered_at=NOW,
    )


@pytest.fixture
def archive(world: World, tmp_path: Path) -> Path:
    """A backup of a lived-in installation."""
    person = world.members["person"]
    at = NOW + timedelta(microseconds=123457)  # a rounded time would break the audit chain
    evidence.report_evidence(actor=person, evidence=lab_scores("JN1", "JN2"), at=at)
    tokens.mint_token(actor=person, name="CI", scopes=("read",), days=1, at=at)
    outbox.enqueue_text(key="k", to=person.email, subject="主题", text="t", language="en", at=at)
    _answer(world, 1)
    path = tmp_path / "backup.zip"
    write_backup(path, at=NOW)
    return path


def test_everything_comes_back_as_it_was(world: World, archive: Path) -> None:
    before = _rows()
    User.objects.filter(pk=world.stranger.pk).update(name="changed since")
    _answer(world, 2)

    manifest = restore_backup(archive, force=True)

    assert _rows() == before
    assert manifest.rows == sum(map(len, before.values()))
    assert all(one.intact for one in audit.verify_all_chains())


def test_work_goes_on_after_a_restore(world: World, archive: Path) -> None:
    restore_backup(archive, force=True)

    assert _answer(world, 2).pk > _answer(world, 3).pk - 2
    token, _ = tokens.mint_token(actor=world.stranger, name="new", scopes=("read",), days=1, at=NOW)
    event = AuditEvent.objects.get(target_id=token.pk)
    assert audit.verify_chain(event.chain_id).intact


def test_an_archive_is_its_owners_and_overwrites_nothing(archive: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupExists):
        write_backup(archive, at=NOW)
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_an_interrupted_backup_leaves_no_file_behind(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(backup_module, "_write_table", fail)

    with pytest.raises(OSError, match="disk full"):
        write_backup(tmp_path / "b.zip", at=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_database_with_people_in_it_is_not_overwritten_unasked(
    world: World, archive: Path
) -> None:
    before = _rows()

    with pytest.raises(TargetNotEmpty):
        restore_backup(archive)

    assert _rows() == before


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.pop(name) and None


def _manifest(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps(manifest | changes).encode()

    return change


def _changed(members: dict[str, bytes]) -> None:
    members["tables/store.user.jsonl"] += b"\n"


def _added(members: dict[str, bytes]) -> None:
    members["tables/store.other.jsonl"] = b""


def _rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    "change",
    [
        _changed,
        _added,
        _without("tables/store.user.jsonl"),
        _without("manifest.json"),
        _manifest(format="something-else"),
        _manifest(members=7),
        _manifest(surprise=1),
    ],
)
def test_a_damaged_archive_is_refused_before_anything_is_touched(
    world: World, archive: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    before = _rows()
    _rewrite(archive, change)

    with pytest.raises(BackupDamaged):
        restore_backup(archive, force=True)

    assert _rows() == before


@pytest.mark.parametrize("content", [b"", b"not a ZIP", None])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "b.zip"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BackupDamaged):
        read_manifest(path)


def test_a_row_that_was_tampered_with_before_the_backup_keeps_it_from_being_restored(
    world: World, archive: Path, tmp_path: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_auditevent SET verb = 'x' WHERE number = 2")
    tampered = tmp_path / "tampered.zip"
    write_backup(tampered, at=NOW)
    restore_backup(archive, force=True)
    before = _rows()

    with pytest.raises(BackupDamaged, match="audit chain"):
        restore_backup(tampered, force=True)

    assert _rows() == before


def test_an_archive_of_another_version_is_refused(world: World, archive: Path) -> None:
    migrations = read_manifest(archive).migrations
    _rewrite(archive, _manifest(migrations=[*migrations, "store.9999_future"]))

    with pytest.raises(BackupOfAnotherVersion, match=r"store\.9999_future"):
        restore_backup(archive, force=True)


def _members(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name.startswith("tables/")
        }


@pytest.mark.slow
def test_an_installation_moves_to_another_database_by_command(tmp_path: Path) -> None:
    old, back = Installation(tmp_path / "old"), Installation(tmp_path / "back")
    moved = Installation(tmp_path / "moved", new_database("moved"))
    for installation in (old, moved, back):
        installation.data.mkdir()
    old.init()
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"

    assert old.run("backup", first).returncode == 0
    assert moved.run("init").returncode == 0
    restored = moved.run("restore", first, "--format", "json")
    assert moved.run("backup", second).returncode == 0

    assert json.loads(restored.stdout)["rows"] == sum(map(len, _members(first).values()))
    assert _members(second) == _members(first)
    assert ADMINISTRATOR in str(_members(second)["tables/store.user.jsonl"])
    refused = moved.run("restore", first)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("backup.target-not-empty: ")
    assert back.run("init").returncode == 0
    assert back.run("restore", second).returncode == 0
    assert back.doctor()["audit"] == "ok"


_WRITE_MEANWHILE = """
from threading import Thread
from django.db import connection
from liangcai.server.services.backup import _snapshot
from liangcai.server.store.models import User

def write():
    User.objects.create_user("meanwhile@people.example")
    connection.close()

with _snapshot():
    before = User.objects.count()
    other = Thread(target=write)
    other.start()
    other.join()
    inside = User.objects.count()
print(inside - before, User.objects.count() - before)
"""


def test_a_backup_shows_one_moment_and_lets_others_write(tmp_path: Path) -> None:
    installation = Installation(tmp_path, new_database("snapshot"))
    installation.init()

    assert installation.script(_WRITE_MEANWHILE).split() == ["0", "1"]
