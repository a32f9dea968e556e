"""Which standards there are, and the documents behind their rows.

public_standards() -> QuerySet                 the newest published edition of each public code
edition(actor, code, version=None)             one of them, the newest published one by default
rank(row)                                      what "newest" means, everywhere
standard_of(row) -> Standard · scheme_of(row) -> Scheme | None      parsed once per content
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from liangcai.grading.scheme import Scheme
from liangcai.kernel.canonical import canonical_json
from liangcai.server import access
from liangcai.server.store.models import StandardVersion
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard

_parsed: dict[str, Standard] = {}
_parsed_lock = Lock()
_KEPT = 64


def rank(row: StandardVersion) -> tuple[tuple[int, ...], bool, datetime]:
    """Order editions: the higher version, an organisation's own before the public one, the later.

    Editions whose versions differ by a local suffix only (1.0.0+3fa9c1d2) are told apart by when
    they were published.
    """
    numbers = tuple(int(part) for part in row.version.partition("+")[0].split("."))
    return numbers, row.organisation_id is not None, row.published_at or row.created_at


def newest_by_code(rows: Iterable[StandardVersion]) -> dict[str, StandardVersion]:
    """Return the newest edition of each standard among these."""
    return {row.code: row for row in sorted(rows, key=rank)}


def public_standards() -> QuerySet[StandardVersion]:
    """Return the newest published edition of each public standard, by code, without the documents."""
    published = StandardVersion.objects.filter(organisation=None, status=StandardStatus.PUBLISHED)
    light = published.defer("document", "scheme", "findings")
    newest = newest_by_code(light)
    return light.filter(pk__in=[row.pk for row in newest.values()]).order_by("code")


def edition(actor: access.Actor, code: str, version: str | None = None) -> StandardVersion:
    """Return one edition: that version, or the newest published one.

    An organisation's own edition comes before the public one of the same code and version.

    Raises:
        NotFound: there is none that this person may read.

    """
    rows = access.visible(actor, StandardVersion).filter(code=code).defer("document", "findings")
    if version is None:
        rows = rows.filter(status=StandardStatus.PUBLISHED)
    else:
        rows = rows.filter(version=version)
    found = max(rows, key=rank, default=None)
    if found is None:
        raise access.NotFound(f"no standard {code} {version or ''}".rstrip())
    return found


def standard_of(row: StandardVersion) -> Standard:
    """Return the document of an edition; equal content is parsed once per process."""
    standard = _parsed.get(row.hash)
    if standard is None:
        standard = Standard.model_validate(row.document)
        with _parsed_lock:  # another thread may be making room
            while len(_parsed) >= _KEPT:
                del _parsed[next(iter(_parsed))]
            _parsed[row.hash] = standard
    return standard


def scheme_of(row: StandardVersion) -> Scheme | None:
    """Return the scheme that an edition proposes, or None."""
    return None if row.scheme is None else _scheme(canonical_json(row.scheme))


@lru_cache(maxsize=_KEPT)
def _scheme(canonical: bytes) -> Scheme:
    return Scheme.model_validate_json(canonical)


def findings_of(row: StandardVersion, language: str) -> list[dict[str, Any]]:
    """Return what the checker said about an edition, in one language ("zh…" or "en…")."""
    key = "en" if language.startswith("en") else "zh"
    return [
        {
            **finding,
            "message": finding["message"][key] or finding["message"]["zh"],
            **({"fix": finding["fix"][key] or finding["fix"]["zh"]} if "fix" in finding else {}),
        }
        for finding in row.findings
    ]
