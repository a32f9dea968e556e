"""An archive back into a database, which may be of the other kind: SQLite ↔ PostgreSQL.

read_manifest(path) -> Manifest                      verified: every member is as it was written
restore_backup(path, force=False) -> Manifest        all or nothing
"""

import hashlib
import io
import json
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.services.audit import verify_all_chains
from liangcai.server.services.backup import (
    FORMAT,
    MANIFEST,
    Manifest,
    Member,
    applied_migrations,
    file_of,
    tables,
)
from liangcai.server.store.models import User

_CHUNK = 500


class BackupDamaged(LiangcaiError):
    """The file is no backup, or a part of it is missing or not as it was written."""

    code = "backup.damaged"


class BackupOfAnotherVersion(LiangcaiError):
    """The archive's tables are not those of this version: restore with that one, then upgrade."""

    code = "backup.another-version"


class TargetNotEmpty(LiangcaiError):
    """There are people in this database; restoring deletes everything in it first."""

    code = "backup.target-not-empty"


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of an archive in which every member has the hash that it states.

    Raises:
        BackupDamaged: the file is no backup or not whole.

    """
    try:
        with zipfile.ZipFile(path) as archive:
            raw = json.loads(archive.read(MANIFEST))
            members = {name: Member(**member) for name, member in raw.pop("members").items()}
            manifest = Manifest(
                **(raw | {"members": members, "migrations": tuple(raw["migrations"])})
            )
            _verify(archive, manifest)
    except (
        OSError,
        zipfile.BadZipFile,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise BackupDamaged(f"{path} is no backup, or damaged: {error}") from error
    return manifest


def _verify(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise BackupDamaged(f"the format is {manifest.format}, not {FORMAT}")
    if set(archive.namelist()) != {MANIFEST, *manifest.members}:
        raise BackupDamaged("the archive does not hold what its manifest lists")
    for name, member in manifest.members.items():
        digest = hashlib.sha256()
        with archive.open(name) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != member.sha256:
            raise BackupDamaged(f"{name} is not as it was written")


def restore_backup(path: Path, *, force: bool = False) -> Manifest:
    """Put an archive's rows in place of the database's; nothing is touched before all is verified.

    Raises:
        BackupDamaged: the archive is not whole, or its audit chains do not verify.
        BackupOfAnotherVersion: its tables are not those of this version.
        TargetNotEmpty: there are people in the database, and `force` is off.

    """
    manifest = read_manifest(path)
    here = applied_migrations()
    if manifest.migrations != here:
        differing = sorted(set(manifest.migrations) ^ set(here))
        raise BackupOfAnotherVersion(
            f"the backup is of version {manifest.version}; its tables differ by {', '.join(differing)}"
        )
    if User.objects.exists() and not force:
        raise TargetNotEmpty("there are people in this database; restoring would delete them")
    with transaction.atomic(), zipfile.ZipFile(path) as archive:
        _empty()
        for model in tables():
            with archive.open(file_of(model)) as stream:
                _load(model, io.TextIOWrapper(stream, encoding="utf-8"))
        _reset_sequences()
        connection.check_constraints()
        if broken := [report.chain for report in verify_all_chains() if not report.intact]:
            raise BackupDamaged(f"the audit chain {broken[0]} does not verify")
    ContentType.objects.clear_cache()
    return manifest


def _empty() -> None:
    for model in reversed(tables()):
        for field in model._meta.many_to_many:
            _delete_rows(getattr(model, field.name).through)
        _delete_rows(model)


def _delete_rows(model: type[Model]) -> None:
    rows: Any = model._base_manager.all()
    rows._raw_delete(connection.alias)  # the plain DELETE: an audit event refuses the public one


def _load(model: type[Model], stream: io.TextIOWrapper) -> None:
    objects = serializers.deserialize("jsonl", stream)
    stamped = any(
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        for field in model._meta.fields
    )
    while chunk := list(islice(objects, _CHUNK)):
        if stamped or model._meta.many_to_many:  # these fields want Django's raw save
            for restored in chunk:
                restored.save(force_insert=True)
        else:
            model._base_manager.bulk_create([restored.object for restored in chunk])


def _reset_sequences() -> None:
    statements = connection.ops.sequence_reset_sql(no_style(), list(tables()))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
