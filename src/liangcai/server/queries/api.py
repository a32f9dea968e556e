"""What the REST API reads beyond the other queries: pages, units, differences, profiles, previews.

keyset_page(rows, order=("code", "-created_at", "pk"), after=None, limit=50) -> KeysetPage
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from liangcai.grading import Decision, EvidenceFile, Profile, Scheme, decide, profile_of
from liangcai.grading.encode import ProfileKind
from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.queries import posted
from liangcai.server.queries.people import evidence_file
from liangcai.server.queries.standards import edition, scheme_of, standard_of
from liangcai.server.store.models import (
    DecisionRecord,
    EvidenceRecord,
    Organisation,
    StandardVersion,
    User,
)
from liangcai.standard import Standard
from liangcai.standard.diff import StandardDiff, diff_standards
from liangcai.standard.model import Unit

M = TypeVar("M", bound=Model)


class NoScheme(LiangcaiError):
    """The standard proposes no scheme, so nothing can be computed against it."""

    code = "standard.no-scheme"


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[M]):
    """Some rows in a stable order, and the key of the last one where more follow."""

    rows: tuple[M, ...]
    last_key: tuple[str, ...] | None


def keyset_page(
    rows: QuerySet[M], *, order: Sequence[str], after: Sequence[str] | None, limit: int
) -> KeysetPage[M]:
    """Return the rows after a key, in `order` (fields, "-" for downwards, the last one unique).

    What is added or removed meanwhile neither repeats nor hides other rows.
    """
    if after is not None:
        rows = rows.filter(_after(order, after))
    found = tuple(rows.order_by(*order)[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    return KeysetPage(shown, _key(shown[-1], order) if more else None)


def _after(order: Sequence[str], key: Sequence[str]) -> Q:
    """Return the condition that a row comes after the one with this key."""
    condition, equal = Q(pk__in=()), Q()
    for field, value in zip(order, key, strict=True):
        name = field.removeprefix("-")
        comparison = "lt" if field.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{comparison}": value})
        equal &= Q(**{name: value})
    return condition


def _key(row: Model, order: Sequence[str]) -> tuple[str, ...]:
    values = (getattr(row, field.removeprefix("-")) for field in order)
    return tuple(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def standards_listed(
    actor: access.Actor, *, code: str | None, status: str | None
) -> QuerySet[StandardVersion]:
    """Return the editions that somebody may read, with title and notice but without the documents."""
    wanted = {"code": code, "status": status}
    rows = access.visible(actor, StandardVersion).filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    return rows.defer("document", "scheme", "findings").annotate(
        title=KeyTransform("title", "document"),
        notice=KeyTransform("notice", "document"),
        has_scheme=ExpressionWrapper(Q(scheme__isnull=False), output_field=BooleanField()),
    )


def unit_in(
    actor: access.Actor, code: str, version: str, unit: str
) -> tuple[StandardVersion, Unit]:
    """Return one unit of an edition.

    Raises:
        NotFound: there is no such edition for this person, or no such unit in it.

    """
    row = edition(actor, code, version)
    found = next((part for part in standard_of(row).units if part.code == unit), None)
    if found is None:
        raise access.NotFound(f"no unit {unit} in {row}")
    return row, found


def looked_after(actor: access.Actor, code: str, version: str) -> StandardVersion:
    """Return an edition to somebody who works on it: they may read what the checker said.

    Raises:
        NotFound: there is no such edition for this person.
        Forbidden: they may read it, but do not work on it.

    """
    row = edition(actor, code, version)
    access.require(actor, "standard.read-draft", row)
    return row


def difference(actor: access.Actor, code: str, *, old: str, new: str) -> StandardDiff:
    """Compare two editions of a standard.

    Raises:
        NotFound: one of them is not there for this person.

    """
    former, latter = edition(actor, code, old), edition(actor, code, new)
    return diff_standards(standard_of(former), standard_of(latter))


def member_for(
    actor: access.Actor, verb: str, *, organisation_id: UUID, person_id: UUID
) -> tuple[Organisation, User]:
    """Return an organisation and one of its members to somebody who may do `verb` there.

    Raises:
        NotFound: the organisation is not there for this person, or has no such member.
        Forbidden: their role does not give them the verb.

    """
    organisation = access.find(actor, verb, Organisation, organisation_id)
    person = organisation.members.filter(pk=person_id).distinct().first()
    if person is None:
        raise access.NotFound("no such user")
    return organisation, person


def people_in(actor: access.Actor, organisation_id: UUID) -> QuerySet[User]:
    """Return the members of an organisation.

    Raises:
        NotFound: the organisation is not there for this person.
        Forbidden: their role does not let them see people.

    """
    organisation = access.find(actor, "person.read", Organisation, organisation_id)
    return User.objects.filter(memberships__organisation=organisation).distinct()


def own_evidence(actor: User) -> QuerySet[EvidenceRecord]:
    """Return all evidence about oneself, whoever recorded it."""
    return EvidenceRecord.objects.filter(person=actor)


def evidence_in(
    actor: access.Actor, *, organisation_id: UUID, person_id: UUID
) -> QuerySet[EvidenceRecord]:
    """Return what an organisation recorded about one of its members.

    Raises:
        NotFound, Forbidden: as in `member_for`, with the verb "evidence.read".

    """
    organisation, person = member_for(
        actor, "evidence.read", organisation_id=organisation_id, person_id=person_id
    )
    return EvidenceRecord.objects.filter(person=person, organisation=organisation)


def decisions_for(actor: access.Actor) -> QuerySet[DecisionRecord]:
    """Return the decisions that somebody may read, without their documents."""
    rows = access.visible(actor, DecisionRecord).select_related("standard")
    return rows.defer("document", "standard__document", "standard__scheme", "standard__findings")


def decision_for(actor: access.Actor, decision_id: UUID) -> DecisionRecord:
    """Return one decision.

    Raises:
        NotFound: it is not there for this person.

    """
    return access.find(actor, "decision.read", DecisionRecord, decision_id)


def own_profile(
    actor: User, *, code: str, version: str | None, kind: ProfileKind
) -> tuple[StandardVersion, Profile]:
    """Compute one's profile from all evidence about oneself.

    Raises:
        NotFound: there is no such standard for this person.
        NoScheme: it proposes no scheme.
        EvidenceMismatch: a record names a part that this edition lacks.

    """
    row, scheme = _with_scheme(actor, code, version)
    return row, profile_of(standard_of(row), evidence_file(actor, code), scheme, kind=kind)


def profile_in(
    actor: access.Actor,
    *,
    organisation_id: UUID,
    person_id: UUID,
    code: str,
    version: str | None,
    kind: ProfileKind,
) -> tuple[StandardVersion, Profile]:
    """Compute a member's profile from what the organisation recorded.

    Raises:
        NotFound, Forbidden: as in `member_for`, with the verb "evidence.read".
        NoScheme, EvidenceMismatch: as in `own_profile`.

    """
    organisation, person = member_for(
        actor, "evidence.read", organisation_id=organisation_id, person_id=person_id
    )
    row, scheme = _with_scheme(actor, code, version)
    evidence = evidence_file(person, code, organisation.pk)
    return row, profile_of(standard_of(row), evidence, scheme, kind=kind)


def evidence_for_edition(actor: access.Actor, value: Any) -> EvidenceFile:
    """Return an evidence document, checked against the newest edition of its standard.

    Raises:
        EvidenceInvalid: it has errors; they are in `findings`.
        NotFound: there is no such standard for this person.

    """

    def newest(code: str) -> tuple[Standard, Scheme | None]:
        row = edition(actor, code)
        return standard_of(row), scheme_of(row)

    return posted.evidence_in(value, newest)[0]


def preview(actor: access.Actor, value: Any, *, version: str | None) -> Decision:
    """Decide on an evidence document by an edition's own scheme; nothing is stored.

    Raises:
        EvidenceInvalid: the document has errors; they are in `findings`.
        NotFound: there is no such standard for this person.
        NoScheme: it proposes no scheme.

    """

    def asked(code: str) -> tuple[Standard, Scheme]:
        row, scheme = _with_scheme(actor, code, version)
        return standard_of(row), scheme

    evidence, standard, scheme = posted.evidence_in(value, asked)
    return decide(standard, evidence, scheme)


def _with_scheme(
    actor: access.Actor, code: str, version: str | None
) -> tuple[StandardVersion, Scheme]:
    row = edition(actor, code, version)
    scheme = scheme_of(row)
    if scheme is None:
        raise NoScheme(f"{row} proposes no scheme")
    return row, scheme
