"""Which standards there are, and the documents behind their rows.

public_standards() -> QuerySet                 the newest published edition of each public code
standards_for(actor) -> QuerySet               every edition somebody may read, drafts included
edition(actor, code, version=None)             one of them, the newest published one by default
standard_of(row) -> Standard · scheme_of(row) -> Scheme | None      parsed once per content
"""

from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from liangcai.grading.scheme import Scheme
from liangcai.kernel.canonical import canonical_json
from liangcai.server import access
from liangcai.server.store.models import StandardVersion
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard

_parsed: dict[str, Standard] = {}
_KEPT = 64


def public_standards() -> QuerySet[StandardVersion]:
    """Return the newest published edition of each public standard, by code, without the documents."""
    published = StandardVersion.objects.filter(organisation=None, status=StandardStatus.PUBLISHED)
    newest = published.filter(code=OuterRef("code")).order_by("-published_at", "-created_at")
    return (
        published.filter(pk=Subquery(newest.values("pk")[:1]))
        .defer("document", "scheme", "findings")
        .order_by("code")
    )


def standards_for(actor: access.Actor) -> QuerySet[StandardVersion]:
    """Return every edition that somebody may read, newest first within a code."""
    return (
        access.visible(actor, StandardVersion)
        .select_related("organisation")
        .defer("document", "scheme")
        .order_by("code", "-published_at", "-created_at", "pk")
    )


def edition(actor: access.Actor, code: str, version: str | None = None) -> StandardVersion:
    """Return one edition: that version, or the newest published one.

    An organisation's own edition comes before the public one of the same code and version.

    Raises:
        NotFound: there is none that this person may read.

    """
    rows = access.visible(actor, StandardVersion).filter(code=code)
    if version is None:
        found = rows.filter(status=StandardStatus.PUBLISHED).order_by("-published_at", "pk").first()
    else:
        found = rows.filter(version=version).order_by("-organisation", "pk").first()
    if found is None:
        raise access.NotFound(f"no standard {code} {version or ''}".rstrip())
    return found


def standard_of(row: StandardVersion) -> Standard:
    """Return the document of an edition; equal content is parsed once per process."""
    if row.hash not in _parsed:
        if len(_parsed) >= _KEPT:
            _parsed.pop(next(iter(_parsed)), None)
        _parsed[row.hash] = Standard.model_validate(row.document)
    return _parsed[row.hash]


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
