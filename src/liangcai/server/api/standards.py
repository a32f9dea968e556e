"""Standards: which there are, one whole, one unit of it, what the checker says, what changed."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _
from ninja import Path, Query, Router, Schema

from liangcai.kernel.text import Code
from liangcai.server.api.answers import answer, answer_versioned
from liangcai.server.api.bodies import json_of
from liangcai.server.api.callers import ANYBODY, READER, actor_of, user_of
from liangcai.server.api.paging import Paging, answer_page
from liangcai.server.api.problems import findings_in
from liangcai.server.api.rates import rated
from liangcai.server.api.records import standard_entry
from liangcai.server.api.shapes import (
    Difference,
    Findings,
    Page,
    StandardSummary,
    UnitAnswer,
    Version,
)
from liangcai.server.queries.api import difference, looked_after, standards_listed, unit_in
from liangcai.server.queries.posted import check_posted_standard
from liangcai.server.queries.standards import edition, findings_of
from liangcai.server.store.models import StandardVersion
from liangcai.standard import Standard
from liangcai.standard.model import Slug

router = Router(tags=[_("Standards")])


class StandardFilter(Paging):
    """Which editions to list."""

    code: Slug | None = None
    status: Literal["draft", "published", "withdrawn"] | None = None


class TwoVersions(Schema):
    """Which two editions to compare."""

    old: Version
    new: Version


@router.get(
    "/standards",
    auth=ANYBODY,
    response=Page[StandardSummary],
    summary=_("List the editions of standards that you may read"),
)
def list_standards(request: HttpRequest, asked: Query[StandardFilter]) -> HttpResponse:
    """Answer with public editions and those of one's organisations, by code, newest first."""
    rows = standards_listed(actor_of(request), code=asked.code, status=asked.status)
    return answer_page(
        request, rows, asked, order=("code", "-created_at", "pk"), entry=standard_entry
    )


@router.post(
    "/checks/standard",
    auth=ANYBODY,
    response=Findings,
    summary=_("Check a standard's JSON document; nothing is stored"),
    openapi_extra={"requestBody": {"$ref": "#/components/requestBodies/Standard"}},
)
@rated
def check_standard(request: HttpRequest) -> HttpResponse:
    """Answer with the findings of every rule; `clause` points into the document."""
    standard, findings = check_posted_standard(json_of(request))
    severities = [finding.severity for finding in findings]
    return answer(
        {
            "standard": None if standard is None else standard.code,
            "version": None if standard is None else standard.version,
            "hash": None if standard is None else standard.hash,
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
            "findings": findings_in(findings),
        }
    )


@router.get(
    "/standards/{code}",
    auth=ANYBODY,
    response=Standard,
    summary=_("Read the newest published edition of a standard, whole"),
)
def newest_standard(request: HttpRequest, code: Path[Slug]) -> HttpResponse:
    """Answer with the document; its entity tag is the content hash."""
    return _whole(request, edition(actor_of(request), code))


@router.get(
    "/standards/{code}/diff",
    auth=ANYBODY,
    response=Difference,
    summary=_("Compare two editions of a standard"),
)
def compare_editions(
    request: HttpRequest, code: Path[Slug], asked: Query[TwoVersions]
) -> HttpResponse:
    """Answer with the changes, the levels and units affected and the version they deserve."""
    return answer(difference(actor_of(request), code, old=asked.old, new=asked.new).as_record())


@router.get(
    "/standards/{code}/{version}",
    auth=ANYBODY,
    response=Standard,
    summary=_("Read one edition of a standard, whole"),
)
def one_edition(request: HttpRequest, code: Path[Slug], version: Path[Version]) -> HttpResponse:
    """Answer with the document; its entity tag is the content hash."""
    return _whole(request, edition(actor_of(request), code, version))


@router.get(
    "/standards/{code}/{version}/units/{unit}",
    auth=ANYBODY,
    response=UnitAnswer,
    summary=_("Read one unit of an edition"),
)
def one_unit(
    request: HttpRequest, code: Path[Slug], version: Path[Version], unit: Path[Code]
) -> HttpResponse:
    """Answer with the unit and its indicators."""
    row, found = unit_in(actor_of(request), code, version, unit)
    return answer(
        {
            "standard": row.code,
            "version": row.version,
            "hash": row.hash,
            "unit": found.model_dump(mode="json"),
        }
    )


@router.get(
    "/standards/{code}/{version}/findings",
    auth=READER,
    response=Findings,
    summary=_("Read what the checker said about an edition that you look after"),
)
def edition_findings(
    request: HttpRequest, code: Path[Slug], version: Path[Version]
) -> HttpResponse:
    """Answer with the findings stored when the edition was loaded."""
    row = looked_after(user_of(request), code, version)
    findings = findings_of(row, get_language() or "")
    severities = [finding["severity"] for finding in findings]
    return answer(
        {
            "standard": row.code,
            "version": row.version,
            "hash": row.hash,
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
            "findings": findings,
        }
    )


def _whole(request: HttpRequest, row: StandardVersion) -> HttpResponse:
    """Return the document: its entity tag is the content hash, and both languages are in it."""
    return answer_versioned(
        request, lambda: row.document, etag=row.hash, public=row.organisation_id is None
    )
