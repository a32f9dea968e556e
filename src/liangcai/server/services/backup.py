"""One archive with every row, whatever the database: made from a single snapshot, checked by hash.

    write_backup(path, at=now) -> Manifest      ZIP: manifest.json and one file of JSON lines per table

Left out: web sessions, and what is no row (settings, the secret key, mail files). The archive holds
personal data and password hashes; it is created readable by its owner only.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from liangcai import __version__
from liangcai.kernel.errors import LiangcaiError

FORMAT = "liangcai-backup-1"
MANIFEST = "manifest.json"
_CHUNK = 500


class BackupExists(LiangcaiError):
    """There is a file at this path; a backup never overwrites one."""

    code = "backup.exists"


@dataclass(frozen=True, slots=True)
class Member:
    """One table's file: how many rows, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds, from which version of the software and of the tables."""

    format: str
    version: str
    created_at: str
    engine: str
    migrations: tuple[str, ...]
    members: dict[str, Member]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(member.rows for member in self.members.values())


class ExactEncoder(DjangoJSONEncoder):
    """Writes times to the microsecond: an audit event's hash covers them."""

    def default(self, value: Any) -> Any:
        """Return a JSON value for what JSON does not know."""
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


def write_backup(path: Path, *, at: datetime) -> Manifest:
    """Write every row into a new archive; it has its name only once it is complete.

    Raises:
        BackupExists: there is a file at this path.

    """
    if path.exists():
        raise BackupExists(f"{path} exists; a backup never overwrites a file")
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, _snapshot():
                manifest = _write(archive, at)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def tables() -> tuple[type[Model], ...]:
    """Return the models that a backup holds, each after the ones that it refers to."""
    kept = [model for model in apps.get_models() if model is not Session]
    graph = {model: {other for other in _referred(model) if other in kept} for model in kept}
    return tuple(TopologicalSorter(graph).static_order())


def applied_migrations() -> tuple[str, ...]:
    """Return what was done to the tables so far, as app.name."""
    return tuple(
        sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    )


def file_of(model: type[Model]) -> str:
    """Return the name of a table's file in the archive."""
    return f"tables/{model._meta.label_lower}.jsonl"


def _referred(model: type[Model]) -> Iterator[type[Model]]:
    for field in (*model._meta.fields, *model._meta.many_to_many):
        other = field.related_model
        if isinstance(other, type) and other is not model:
            yield other


@contextmanager
def _snapshot() -> Iterator[None]:
    """Show one state of the database throughout, without keeping others from writing."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()  # the mode is known once there is one
    usual = connection.transaction_mode  # type: ignore[attr-defined]  # SQLite's connection has it
    connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]  # IMMEDIATE would lock writers out
    try:
        with transaction.atomic():
            yield
    finally:
        connection.transaction_mode = usual  # type: ignore[attr-defined]


def _write(archive: zipfile.ZipFile, at: datetime) -> Manifest:
    manifest = Manifest(
        format=FORMAT,
        version=__version__,
        created_at=at.isoformat(),
        engine=connection.vendor,
        migrations=applied_migrations(),
        members={file_of(model): _write_table(archive, model) for model in tables()},
    )
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
    return manifest


def _write_table(archive: zipfile.ZipFile, model: type[Model]) -> Member:
    digest, count = hashlib.sha256(), 0
    rows = model._base_manager.order_by("pk").iterator(chunk_size=_CHUNK)
    with archive.open(file_of(model), "w", force_zip64=True) as stream:
        while chunk := list(islice(rows, _CHUNK)):
            text = serializers.serialize("jsonl", chunk, cls=ExactEncoder, ensure_ascii=False)
            raw = text.encode("utf-8")
            stream.write(raw)
            digest.update(raw)
            count += len(chunk)
    return Member(count, digest.hexdigest())
