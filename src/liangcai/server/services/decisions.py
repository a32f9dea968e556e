"""Grade decisions: computed by `liangcai.grading`, stored as they came out, never edited.

    make_decision(actor=decider, person_id=, organisation_id=, standard_id=, at=) -> DecisionRecord
    indicate_level(actor=person, standard_id=, at=) -> DecisionRecord     one's own, indicative: grades nobody

The decider is neither the person nor anybody who recorded evidence about them.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from liangcai.grading import Decision, decide
from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.queries.people import evidence_file, evidence_rows
from liangcai.server.queries.standards import scheme_of, standard_of
from liangcai.server.services import audit
from liangcai.server.services.evidence import member_of, take_turns
from liangcai.server.store.models import DecisionRecord, Organisation, StandardVersion, User
from liangcai.server.store.models.standards import StandardStatus


class NotImpartial(LiangcaiError):
    """The decider is the person, or recorded evidence that the decision would rest on."""

    code = "decision.not-impartial"


class NothingToDecideOn(LiangcaiError):
    """The standard proposes no scheme, is not published, or there is no evidence."""

    code = "decision.nothing-to-decide-on"


@transaction.atomic
def make_decision(
    *,
    actor: User,
    person_id: UUID | str,
    organisation_id: UUID | str,
    standard_id: UUID | str,
    at: datetime,
) -> DecisionRecord:
    """Decide on an organisation's evidence about one of its members and keep the result.

    The same evidence, standard and scheme give the decision that is there already.

    Raises:
        NotFound: the person is no member, or the standard is none of the organisation's.
        NotImpartial: the actor is the person or recorded evidence about them.
        NothingToDecideOn: no scheme, no published standard or no evidence.

    """
    organisation = access.find(actor, "decision.make", Organisation, organisation_id)
    person = member_of(organisation, person_id)
    standard = access.find(actor, "standard.read", StandardVersion, standard_id)
    if standard.organisation_id not in (None, organisation.pk):
        raise access.NotFound("no such standardversion")  # the decider reads it elsewhere
    take_turns(person)
    rows = evidence_rows(person, standard.code, organisation.pk)
    if person == actor or rows.filter(created_by=actor).exists():
        raise NotImpartial("who decides is neither the person nor recorded the evidence")
    decision = _decide(person, standard, organisation)
    return _store(
        decision, actor=actor, person=person, standard=standard, organisation=organisation, at=at
    )


@transaction.atomic
def indicate_level(*, actor: User, standard_id: UUID | str, at: datetime) -> DecisionRecord:
    """Keep what all evidence about oneself points to: an indication, not a grade.

    Raises:
        NotFound: there is no such standard for this person.
        NothingToDecideOn: no scheme, no published standard or no evidence.

    """
    access.require(actor, "decision.indicate", actor)
    standard = access.find(actor, "standard.read", StandardVersion, standard_id)
    decision = _decide(actor, standard, None)
    return _store(decision, actor=actor, person=actor, standard=standard, organisation=None, at=at)


def _decide(person: User, row: StandardVersion, organisation: Organisation | None) -> Decision:
    scheme = scheme_of(row)
    if scheme is None or row.status != StandardStatus.PUBLISHED:
        raise NothingToDecideOn(f"{row} is not published or has no scheme")
    evidence = evidence_file(person, row.code, None if organisation is None else organisation.pk)
    if not evidence.records and not evidence.facts:
        raise NothingToDecideOn(f"there is no evidence for {row.code}")
    return decide(standard_of(row), evidence, scheme)


def _store(
    decision: Decision,
    *,
    actor: User,
    person: User,
    standard: StandardVersion,
    organisation: Organisation | None,
    at: datetime,
) -> DecisionRecord:
    stored, created = DecisionRecord.objects.get_or_create(
        person=person,
        organisation=organisation,
        hash=decision.hash,
        defaults={
            "standard": standard,
            "document": decision.as_record(),
            "level": decision.level or "",
            "indicative": organisation is None,
            "synthetic": decision.synthetic,
            "created_by": actor,
            "created_at": at,
        },
    )
    if created:
        verb = "decision.indicate" if organisation is None else "decision.make"
        detail = {"hash": decision.hash, "person": str(person.pk)}
        audit.record(actor=actor, verb=verb, target=stored, at=at, detail=detail)
    return stored
