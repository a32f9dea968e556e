"""Evidence: one's own, and what an organisation records about its members."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from liangcai.grading import EvidenceFile
from liangcai.server.api.answers import answer
from liangcai.server.api.bodies import json_of
from liangcai.server.api.callers import READER, WRITER, user_of
from liangcai.server.api.paging import Paging, answer_page
from liangcai.server.api.records import evidence_entry, person_entry
from liangcai.server.api.shapes import Added, EvidenceEntry, Page, PersonEntry
from liangcai.server.queries.api import (
    evidence_for_edition,
    evidence_in,
    member_for,
    own_evidence,
    people_in,
)
from liangcai.server.services.evidence import delete_evidence, record_evidence, report_evidence
from liangcai.standard.model import Slug

router = Router(tags=[_("Evidence")])
_ORDER = ("-created_at", "pk")
_BODY: dict[str, Any] = {"requestBody": {"$ref": "#/components/requestBodies/Evidence"}}


class EvidenceFilter(Paging):
    """Which records to list."""

    standard: Slug | None = None

    def where(self) -> dict[str, str]:
        """Return the condition as the table has it."""
        return {} if self.standard is None else {"standard_code": self.standard}


@router.get(
    "/evidence",
    auth=READER,
    response=Page[EvidenceEntry],
    summary=_("List the evidence about yourself"),
)
def list_evidence(request: HttpRequest, asked: Query[EvidenceFilter]) -> HttpResponse:
    """Answer with everything on record about the caller, whoever recorded it, newest first."""
    rows = own_evidence(user_of(request)).filter(**asked.where())
    return answer_page(request, rows, asked, order=_ORDER, entry=evidence_entry)


@router.post(
    "/evidence",
    auth=WRITER,
    response={201: Added},
    summary=_("Report evidence about yourself; its facts count as not verified"),
    openapi_extra=_BODY,
)
def add_evidence(request: HttpRequest) -> HttpResponse:
    """Store the new records of a document without errors; ids that are there already stay as they are."""
    user = user_of(request)
    evidence = evidence_for_edition(user, json_of(request))
    return _added(evidence, report_evidence(actor=user, evidence=evidence, at=now()))


@router.delete(
    "/evidence/{evidence_id}",
    auth=WRITER,
    response={204: None},
    summary=_("Delete a record that you reported"),
)
def remove_evidence(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Delete one record; what an organisation recorded stays."""
    delete_evidence(actor=user_of(request), evidence_id=evidence_id, at=now())
    return HttpResponse(status=204)


@router.get(
    "/organisations/{organisation_id}/people",
    auth=READER,
    response=Page[PersonEntry],
    summary=_("List the members of an organisation"),
)
def list_people(request: HttpRequest, organisation_id: UUID, asked: Query[Paging]) -> HttpResponse:
    """Answer with the members by name, to those whose role sees people."""
    rows = people_in(user_of(request), organisation_id)
    return answer_page(request, rows, asked, order=("name", "pk"), entry=person_entry)


@router.get(
    "/organisations/{organisation_id}/people/{person_id}/evidence",
    auth=READER,
    response=Page[EvidenceEntry],
    summary=_("List what an organisation recorded about a member"),
)
def list_member_evidence(
    request: HttpRequest, organisation_id: UUID, person_id: UUID, asked: Query[EvidenceFilter]
) -> HttpResponse:
    """Answer with the organisation's records about one member, newest first."""
    rows = evidence_in(user_of(request), organisation_id=organisation_id, person_id=person_id)
    rows = rows.filter(**asked.where())
    return answer_page(request, rows, asked, order=_ORDER, entry=evidence_entry)


@router.post(
    "/organisations/{organisation_id}/people/{person_id}/evidence",
    auth=WRITER,
    response={201: Added},
    summary=_("Record evidence about a member that the organisation vouches for"),
    openapi_extra=_BODY,
)
def add_member_evidence(
    request: HttpRequest, organisation_id: UUID, person_id: UUID
) -> HttpResponse:
    """Store the new records of a document without errors; the address says whom they are about."""
    user = user_of(request)
    # Who may not record here learns that, and nothing about the document.
    member_for(user, "evidence.add", organisation_id=organisation_id, person_id=person_id)
    evidence = evidence_for_edition(user, json_of(request))
    added = record_evidence(
        actor=user,
        person_id=person_id,
        organisation_id=organisation_id,
        evidence=evidence,
        at=now(),
    )
    return _added(evidence, added)


def _added(evidence: EvidenceFile, added: int) -> HttpResponse:
    received = len(evidence.records) + len(evidence.facts)
    return answer({"received": received, "added": added}, status=201)
