"""An archive back into a database, which may be of the other kind: SQLite ↔ PostgreSQL.

read_manifest(path) -> Manifest                      verified: every member is as it was written
restore_backup(path, force=False) -> Manifest        all or nothing
"""

import hashlib
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.db import DataError, IntegrityError, connection, transaction
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
_LONGEST_MANIFEST = 1024 * 1024
_LONGEST_ROW = 64 * 1024 * 1024


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
            with archive.open(MANIFEST) as stream:
                raw = json.loads(stream.read(_LONGEST_MANIFEST))
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
        RuntimeError,  # encrypted, or compressed in a way that is not known here
        EOFError,
        zlib.error,
        lzma.LZMAError,
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
    if missing := {file_of(model) for model in tables()} ^ set(manifest.members):
        raise BackupDamaged(f"{min(missing)} is missing, or is no table of this version")
    if User.objects.exists() and not force:
        raise TargetNotEmpty("there are people in this database; restoring would delete them")
    with transaction.atomic(), zipfile.ZipFile(path) as archive:
        _empty()
        for model in tables():
            with archive.open(file_of(model)) as stream:
                loaded = _load_file(model, io.TextIOWrapper(stream, encoding="utf-8"))
            if loaded != manifest.members[file_of(model)].rows:
                raise BackupDamaged(f"{file_of(model)} has {loaded} rows, not what is stated")
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


def _load_file(model: type[Model], stream: io.TextIOWrapper) -> int:
    try:
        return _load(model, stream)
    except (
        DeserializationError,
        IntegrityError,
        DataError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        reason = type(error).__name__  # its words may hold a row
        raise BackupDamaged(f"{file_of(model)} holds a row that does not fit ({reason})") from error


def _rows(stream: io.TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(_LONGEST_ROW):
        if len(line) == _LONGEST_ROW:
            raise ValueError("a row is too long")
        yield line


def _load(model: type[Model], stream: io.TextIOWrapper) -> int:
    objects = serializers.deserialize("jsonl", _rows(stream))
    loaded = 0
    stamped = any(
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        for field in model._meta.fields
    )
    while chunk := list(islice(objects, _CHUNK)):
        loaded += len(chunk)
        if any(type(restored.object) is not model for restored in chunk):
            raise ValueError("a row of another table")
        if stamped or model._meta.many_to_many:  # these fields want Django's raw save
            for restored in chunk:
                restored.save(force_insert=True)
        else:
            model._base_manager.bulk_create([restored.object for restored in chunk])
    return loaded


def _reset_sequences() -> None:
    statements = connection.ops.sequence_reset_sql(no_style(), list(tables()))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
