"""Evidence about people: an organisation records it, a person reports or deletes their own.

    record_evidence(actor=hr, person_id=, organisation_id=, evidence=EvidenceFile, at=) -> int
    report_evidence(actor=person, evidence=EvidenceFile, at=) -> int
    store_assessment(actor=person, evidence=EvidenceFile, at=) -> int      the finished self-assessment
    delete_evidence(actor=person, evidence_id=, at=)                       own records only

Each returns how many records were new; a record that is there already (same id) stays as it is.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from liangcai.grading.evidence import EvidenceFile
from liangcai.kernel.canonical import content_hash
from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.services import audit
from liangcai.server.store.models import EvidenceRecord, Membership, Organisation, User
from liangcai.server.store.models.evidence import EvidenceSource


class EvidenceKept(LiangcaiError):
    """An organisation recorded this evidence: it answers for it, and only it can take it back."""

    code = "evidence.kept"


@transaction.atomic
def record_evidence(
    *,
    actor: User,
    person_id: UUID | str,
    organisation_id: UUID | str,
    evidence: EvidenceFile,
    at: datetime,
) -> int:
    """Store evidence that an organisation vouches for about one of its members.

    Raises:
        NotFound: the person is no member of the organisation.

    """
    organisation = access.find(actor, "evidence.add", Organisation, organisation_id)
    person = member_of(organisation, person_id)
    return _add(
        actor=actor,
        person=person,
        organisation=organisation,
        evidence=evidence,
        source=EvidenceSource.ORGANISATION,
        at=at,
    )


@transaction.atomic
def report_evidence(*, actor: User, evidence: EvidenceFile, at: datetime) -> int:
    """Store what a person reports about themselves; nobody has verified its facts."""
    access.require(actor, "evidence.report", actor)
    return _add(
        actor=actor,
        person=actor,
        organisation=None,
        evidence=evidence,
        source=EvidenceSource.SELF,
        at=at,
    )


@transaction.atomic
def store_assessment(*, actor: User, evidence: EvidenceFile, at: datetime) -> int:
    """Store what a person's self-assessment yielded."""
    access.require(actor, "assessment.take", actor)
    return _add(
        actor=actor,
        person=actor,
        organisation=None,
        evidence=evidence,
        source=EvidenceSource.ASSESSMENT,
        at=at,
    )


@transaction.atomic
def delete_evidence(*, actor: User, evidence_id: UUID | str, at: datetime) -> None:
    """Delete a record of one's own.

    Raises:
        EvidenceKept: an organisation recorded it.

    """
    row = access.find(actor, "evidence.delete", EvidenceRecord, evidence_id)
    if row.organisation_id is not None:
        raise EvidenceKept("an organisation recorded this evidence")
    if not EvidenceRecord.objects.filter(pk=row.pk).delete()[0]:
        raise access.NotFound("no such evidencerecord")
    audit.record(actor=actor, verb="evidence.delete", target=row, at=at, detail={"hash": row.hash})


def member_of(organisation: Organisation, person_id: UUID | str) -> User:
    """Return a member of an organisation by identifier.

    Raises:
        NotFound: nobody with this identifier is a member.

    """
    members = Membership.objects.filter(organisation=organisation, user=person_id)
    try:
        member = members.select_related("user").first()
    except (ValueError, ValidationError):  # not an identifier
        member = None
    if member is None:
        raise access.NotFound("no such user")
    return member.user


def take_turns(person: User) -> None:
    """Let one transaction at a time add evidence about a person or decide on it."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)


def _add(
    *,
    actor: User,
    person: User,
    organisation: Organisation | None,
    evidence: EvidenceFile,
    source: EvidenceSource,
    at: datetime,
) -> int:
    synthetic = person.synthetic or evidence.person.synthetic
    documents = [_plain(part, synthetic) for part in (*evidence.records, *evidence.facts)]
    if source is not EvidenceSource.ORGANISATION:
        documents = [part | ({"verified": False} if "fact" in part else {}) for part in documents]
    take_turns(person)
    of_person = EvidenceRecord.objects.filter(
        person=person, organisation=organisation, standard_code=evidence.standard
    )
    known = set(of_person.values_list("record_id", flat=True))
    new = {part["id"]: part for part in documents if part["id"] not in known}
    if not new:
        return 0
    EvidenceRecord.objects.bulk_create(
        EvidenceRecord(
            person=person,
            organisation=organisation,
            standard_code=evidence.standard,
            record_id=document["id"],
            record=document,
            source=source,
            synthetic=document["synthetic"],
            hash=content_hash(document),
            created_by=actor,
            created_at=at,
        )
        for document in new.values()
    )
    detail = {
        "person": str(person.pk),
        "standard": evidence.standard,
        "records": len(new),
        "source": source.value,
    }
    target = organisation or person
    audit.record(actor=actor, verb="evidence.add", target=target, at=at, detail=detail)
    return len(new)


def _plain(part: Any, synthetic: bool) -> dict[str, Any]:
    document: dict[str, Any] = part.model_dump(mode="json", exclude_none=True)
    return document | {"synthetic": document["synthetic"] or synthetic}
