"""What is on record about a person: evidence, self-assessments, decisions.

evidence_file(person, standard_code, organisation_id=None) -> EvidenceFile    ready for `decide`
"""

from collections import Counter
from uuid import UUID

from django.db.models import QuerySet

from liangcai.grading.evidence import EvidenceFile
from liangcai.server import access
from liangcai.server.store.models import DecisionRecord, EvidenceRecord, User


def evidence_about(actor: access.Actor, person: User) -> QuerySet[EvidenceRecord]:
    """Return the evidence about a person that somebody may read, newest first."""
    rows = access.visible(actor, EvidenceRecord).filter(person=person)
    return rows.select_related("organisation", "created_by").order_by("-created_at", "record_id")


def decisions_about(actor: access.Actor, person: User) -> QuerySet[DecisionRecord]:
    """Return the decisions about a person that somebody may read, newest first, without documents."""
    rows = access.visible(actor, DecisionRecord).filter(person=person)
    return (
        rows.select_related("organisation", "standard")
        .defer("document", "standard__document", "standard__scheme", "standard__findings")
        .order_by("-created_at", "pk")
    )


def evidence_rows(
    person: User, standard_code: str, organisation_id: UUID | None = None
) -> QuerySet[EvidenceRecord]:
    """Return what counts: with an organisation what it recorded, without one everything."""
    rows = EvidenceRecord.objects.filter(person=person, standard_code=standard_code)
    if organisation_id is not None:
        rows = rows.filter(organisation=organisation_id)
    return rows.order_by("created_at", "pk")


def evidence_file(
    person: User, standard_code: str, organisation_id: UUID | None = None
) -> EvidenceFile:
    """Return the evidence about a person as one document; the person is named by identifier only."""
    rows = list(evidence_rows(person, standard_code, organisation_id))
    counted = Counter(row.record_id for row in rows)
    documents = [
        # Two sources may have numbered their records alike.
        row.record
        | ({"id": f"{row.hash[7:15]}:{row.record_id}"[:128]} if counted[row.record_id] > 1 else {})
        for row in rows
    ]
    return EvidenceFile.model_validate(
        {
            "person": {"id": str(person.pk), "synthetic": person.synthetic},
            "standard": standard_code,
            "records": [document for document in documents if "fact" not in document],
            "facts": [document for document in documents if "fact" in document],
        }
    )
