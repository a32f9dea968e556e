"""Standards on their way from a folder to everybody: load a draft, publish it, withdraw it.

    load_shipped(at=now) -> tuple[Loaded, ...]                          at `init`; idempotent by hash
    load_files(actor=, organisation_id=pk or None, files={"standard.yaml": b"…"}, at=) -> StandardVersion
    publish_standard(actor=, standard_id=pk, at=) · withdraw_standard(actor=, standard_id=pk, at=)

Without an organisation a standard is public; only operators load and publish those. A faulty
folder raises StandardUnreadable with all findings; one that can be read is kept as a draft with
its findings, and errors among them keep it from being published.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from liangcai.grading import Scheme, check_scheme
from liangcai.kernel.canonical import content_hash
from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import Finding, has_errors, in_reading_order
from liangcai.server import access
from liangcai.server.services import audit
from liangcai.server.store.models import Organisation, StandardVersion, User
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard, check_standard, find_standard, shipped_standards

MAX_FILES = 300
MAX_TOTAL_BYTES = 10 * 1024 * 1024
_FILE = re.compile(
    r"(standard|role|terms|crosswalks|scheme)\.yaml|units/[A-Za-z0-9_.-]{1,64}\.yaml"
)
_CODE = re.compile(rb"""^code:[ \t]*["']?([a-z0-9-]{1,64})\b""", re.MULTILINE)


class StandardUnreadable(LiangcaiError):
    """The files make no standard; `findings` says why, by file and line."""

    code = "standard.unreadable"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(f"the files make no standard: {len(findings)} finding(s)")


class UploadRefused(LiangcaiError):
    """A file has a name that no standard has, or there are too many or too large ones."""

    code = "standard.upload-refused"


class VersionPublished(LiangcaiError):
    """The version was published, and a published version never changes: raise its number."""

    code = "standard.version-published"


class StandardNotDraft(LiangcaiError):
    """The standard is not a draft (any more), or has errors and cannot be published."""

    code = "standard.not-publishable"


class StandardNotPublished(LiangcaiError):
    """Only a published standard can be withdrawn."""

    code = "standard.not-published"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a shipped standard: "loaded", "unchanged", or "faulty" with its error count."""

    code: str
    outcome: Literal["loaded", "unchanged", "faulty"]
    errors: int = 0


def load_shipped(*, at: datetime) -> tuple[Loaded, ...]:
    """Publish each shipped standard whose content the store does not have yet.

    A standard that changed under the same version number becomes "1.0.0+<first digits of its
    hash>", so that what was published before stays what it was.
    """
    return tuple(_load_shipped(code, at) for code in shipped_standards())


@transaction.atomic
def _load_shipped(code: str, at: datetime) -> Loaded:
    standard, scheme, findings = _read(find_standard(code))
    if standard is None or has_errors(findings):
        return Loaded(code, "faulty", sum(found.severity == "error" for found in findings))
    content = _content(standard, scheme, findings)
    public = StandardVersion.objects.filter(organisation=None, code=code)
    if any(row.scheme == content["scheme"] for row in public.filter(hash=content["hash"])):
        return Loaded(code, "unchanged")
    version = standard.version
    if public.filter(version=version).exists():
        digits = content_hash([content["hash"], content["scheme"]]).removeprefix("sha256:")
        version = f"{version}+{digits[:8]}"
    stored = StandardVersion.objects.create(
        **content,
        code=code,
        version=version,
        status=StandardStatus.PUBLISHED,
        created_at=at,
        published_at=at,
    )
    detail = {"version": version, "hash": standard.hash}
    audit.record(actor=None, verb="standard.publish", target=stored, at=at, detail=detail)
    return Loaded(code, "loaded")


def load_files(
    *, actor: User, organisation_id: UUID | str | None, files: Mapping[str, bytes], at: datetime
) -> StandardVersion:
    """Keep uploaded files as a draft; a draft of the same code and version gives way.

    Raises:
        UploadRefused: a file's name or size is not acceptable.
        StandardUnreadable: the files make no standard.
        VersionPublished: this version was published.

    """
    organisation = None
    if organisation_id is None:
        access.require(actor, "standard.load")
    else:
        organisation = access.find(actor, "standard.load", Organisation, organisation_id)
    standard, scheme, findings = _read_files(files)  # seconds: nobody waits for a lock meanwhile
    content = _content(standard, scheme, findings)
    return _keep_draft(standard, content, actor=actor, organisation=organisation, at=at)


@transaction.atomic
def _keep_draft(
    standard: Standard,
    content: dict[str, Any],
    *,
    actor: User,
    organisation: Organisation | None,
    at: datetime,
) -> StandardVersion:
    stored, created = StandardVersion.objects.get_or_create(
        organisation=organisation,
        code=standard.code,
        version=standard.version,
        defaults={**content, "created_at": at},
    )
    draft = StandardVersion.objects.filter(pk=stored.pk, status=StandardStatus.DRAFT)
    if not created and not draft.update(**content, created_at=at):
        raise VersionPublished(f"{standard.code} {standard.version} was published")
    stored.refresh_from_db()
    detail = {"version": stored.version, "hash": stored.hash}
    audit.record(actor=actor, verb="standard.load", target=stored, at=at, detail=detail)
    return stored


@transaction.atomic
def publish_standard(*, actor: User, standard_id: UUID | str, at: datetime) -> None:
    """Make a draft without errors readable: for everybody, or for its organisation.

    Raises:
        StandardNotDraft: it is published or withdrawn, or the checker found errors in it.

    """
    standard = access.find(actor, "standard.publish", StandardVersion, standard_id)
    if any(finding["severity"] == "error" for finding in standard.findings):
        raise StandardNotDraft(f"{standard} has errors")
    draft = StandardVersion.objects.filter(
        pk=standard.pk,
        status=StandardStatus.DRAFT,
        hash=standard.hash,
        created_at=standard.created_at,  # loaded again meanwhile: its scheme may have errors now
    )
    if not draft.update(status=StandardStatus.PUBLISHED, published_at=at, published_by=actor):
        raise StandardNotDraft(f"{standard} is not a draft")
    detail = {"version": standard.version, "hash": standard.hash}
    audit.record(actor=actor, verb="standard.publish", target=standard, at=at, detail=detail)


@transaction.atomic
def withdraw_standard(*, actor: User, standard_id: UUID | str, at: datetime) -> None:
    """Mark a published standard as withdrawn; it stays readable, because decisions refer to it.

    Raises:
        StandardNotPublished: it is a draft, or withdrawn already.

    """
    standard = access.find(actor, "standard.withdraw", StandardVersion, standard_id)
    published = StandardVersion.objects.filter(pk=standard.pk, status=StandardStatus.PUBLISHED)
    if not published.update(status=StandardStatus.WITHDRAWN):
        raise StandardNotPublished(f"{standard} is not published")
    audit.record(actor=actor, verb="standard.withdraw", target=standard, at=at)


def _read_files(
    files: Mapping[str, bytes],
) -> tuple[Standard, Scheme | None, tuple[Finding, ...]]:
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_TOTAL_BYTES:
        size = MAX_TOTAL_BYTES // 1024 // 1024
        raise UploadRefused(f"a standard has at most {MAX_FILES} files of {size} MiB together")
    if strange := sorted(name for name in files if not _FILE.fullmatch(name)):
        raise UploadRefused(f"no standard has a file {strange[0]!r}")
    with TemporaryDirectory(prefix="liangcai-standard-") as name:
        folder = Path(name) / _folder_name(files)
        (folder / "units").mkdir(parents=True)
        for path, content in files.items():
            (folder / path).write_bytes(content)
        standard, scheme, findings = _read(folder)
    if standard is None:
        raise StandardUnreadable(findings)
    return standard, scheme, findings


def _folder_name(files: Mapping[str, bytes]) -> str:
    """Return the code that a standard says it has: its folder is ours, and is named rightly."""
    written = _CODE.search(files.get("standard.yaml", b""))
    return "standard" if written is None else written[1].decode()


def _read(folder: Path) -> tuple[Standard | None, Scheme | None, tuple[Finding, ...]]:
    standard, findings = check_standard(folder)
    path = folder / "scheme.yaml"
    if not path.exists():
        return standard, None, findings
    scheme, faults = check_scheme(path, standard=standard)
    return standard, scheme, in_reading_order((*findings, *faults))


def _content(
    standard: Standard, scheme: Scheme | None, findings: Iterable[Finding]
) -> dict[str, Any]:
    return {
        "hash": standard.hash,
        "document": standard.as_record(),
        "scheme": None if scheme is None else scheme.as_record(),
        "findings": [_as_record(finding) for finding in findings],
    }


def _as_record(finding: Finding) -> dict[str, Any]:
    """Return a finding whose sentences are kept in both languages."""
    record = finding.as_record()
    record["message"] = finding.message.model_dump()
    if finding.fix is not None:
        record["fix"] = finding.fix.model_dump()
    return record
