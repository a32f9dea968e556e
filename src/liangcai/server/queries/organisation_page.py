"""What the pages of an organisation show: members, invitations, people, decisions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from liangcai.grading.scheme import Scheme
from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.accounts import members_of, open_invitations
from liangcai.server.queries.people import decisions_about, evidence_about, evidence_rows
from liangcai.server.queries.standards import scheme_of, standard_of
from liangcai.server.store.models import (
    DecisionRecord,
    EvidenceRecord,
    Invitation,
    Membership,
    Organisation,
    Role,
    StandardVersion,
    User,
)
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """An organisation as one member may see it."""

    organisation: Organisation
    my_roles: tuple[str, ...]
    members: tuple[Membership, ...]
    invitations: tuple[Invitation, ...]
    administers: bool
    sees_people: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in an organisation and the latest decision it made about them.

    `level` is the level's label, None where no level was reached or nothing was decided.
    """

    person: User
    records: int
    decision_id: UUID | None
    level: LocalizedText | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody in an organisation with the latest decision about each."""

    organisation: Organisation
    rows: tuple[PersonRow, ...]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """What an organisation has on record about one of its people."""

    organisation: Organisation
    person: User
    evidence: tuple[EvidenceRecord, ...]
    decisions: tuple[DecisionRecord, ...]
    decidable: tuple[tuple[StandardVersion, Standard], ...]


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """What a decision would rest on."""

    organisation: Organisation
    person: User
    row: StandardVersion
    standard: Standard
    scheme: Scheme | None
    evidence: tuple[EvidenceRecord, ...]


def organisation_page(actor: User, organisation_id: UUID, *, at: datetime) -> OrganisationPage:
    """Return an organisation's page.

    Raises:
        NotFound: there is none that this person belongs to.

    """
    organisation = access.find(actor, "organisation.read", Organisation, organisation_id)
    labels = dict(Role.choices)
    roles = sorted(access.roles_in(actor, organisation.pk))
    administers = access.may(actor, "member.invite", organisation)
    return OrganisationPage(
        organisation=organisation,
        my_roles=tuple(str(labels[role]) for role in roles),
        members=tuple(members_of(actor, organisation.pk)),
        invitations=tuple(open_invitations(actor, organisation.pk, at=at)) if administers else (),
        administers=administers,
        sees_people=access.may(actor, "decision.read", organisation),
    )


def is_member(actor: User, organisation_id: UUID) -> bool:
    """Whether a person holds any role in an organisation."""
    return bool(access.roles_in(actor, organisation_id))


def organisation_of_membership(actor: User, membership_id: UUID) -> UUID:
    """Return which organisation a role belongs to.

    Raises:
        NotFound: there is no such role that this person may see.

    """
    return access.find(actor, "member.read", Membership, membership_id).organisation_id


def organisation_of_invitation(actor: User, invitation_id: UUID) -> UUID:
    """Return which organisation an invitation is to.

    Raises:
        NotFound: there is no such invitation that this person may see.

    """
    return access.find(actor, "member.invite", Invitation, invitation_id).organisation_id


def people_page(actor: User, organisation_id: UUID) -> PeoplePage:
    """Return everybody in an organisation, by name, with their latest decision in it.

    Raises:
        NotFound: there is no such organisation for this person.
        Forbidden: their role does not read decisions.

    """
    organisation = _desk(actor, organisation_id)
    made = DecisionRecord.objects.filter(organisation=organisation).select_related("standard")
    latest: dict[UUID, DecisionRecord] = {}
    made = made.defer("document", "standard__document", "standard__scheme", "standard__findings")
    for decision in made.order_by("created_at", "pk"):
        latest[decision.person_id] = decision
    here = Q(evidence__organisation=organisation)
    people = (
        User.objects.filter(pk__in=organisation.memberships.order_by().values("user"))
        .annotate(records=Count("evidence", filter=here))
        .order_by("name", "email", "pk")
    )
    return PeoplePage(
        organisation,
        tuple(_person_row(one, one.records, latest.get(one.pk)) for one in people),
    )


def _person_row(person: User, records: int, decision: DecisionRecord | None) -> PersonRow:
    if decision is None:
        return PersonRow(person, records, None, None, None)
    label = None
    if decision.level:
        label = standard_of(decision.standard).level(decision.level).label
    return PersonRow(person, records, decision.pk, label, decision.created_at)


def person_page(actor: User, organisation_id: UUID, person_id: UUID) -> PersonPage:
    """Return an organisation's records about one of its people.

    Raises:
        NotFound: there is no such person in an organisation of the actor's.
        Forbidden: their role does not read decisions.

    """
    organisation = _desk(actor, organisation_id)
    person = _member(organisation, person_id)
    evidence = evidence_about(actor, person).filter(organisation=organisation)
    decidable: tuple[tuple[StandardVersion, Standard], ...] = ()
    if access.may(actor, "decision.make", organisation) and person != actor:
        codes = evidence.order_by().values_list("standard_code", flat=True).distinct()
        rows = access.visible(actor, StandardVersion).filter(
            code__in=list(codes), status=StandardStatus.PUBLISHED, scheme__isnull=False
        )
        decidable = tuple((row, standard_of(row)) for row in rows.order_by("code", "-published_at"))
    return PersonPage(
        organisation=organisation,
        person=person,
        evidence=tuple(evidence),
        decisions=tuple(decisions_about(actor, person).filter(organisation=organisation)),
        decidable=decidable,
    )


def decision_page(
    actor: User, organisation_id: UUID, person_id: UUID, standard_id: UUID
) -> DecisionPage:
    """Return what a decision about a person would rest on.

    Raises:
        NotFound: there is no such person or standard for the actor.
        Forbidden: the actor does not decide here.

    """
    organisation = access.find(actor, "decision.make", Organisation, organisation_id)
    person = _member(organisation, person_id)
    row = access.find(actor, "standard.read", StandardVersion, standard_id)
    return DecisionPage(
        organisation=organisation,
        person=person,
        row=row,
        standard=standard_of(row),
        scheme=scheme_of(row),
        evidence=tuple(evidence_rows(person, row.code, organisation.pk)),
    )


def _desk(actor: User, organisation_id: UUID) -> Organisation:
    return access.find(actor, "decision.read", Organisation, organisation_id)


def _member(organisation: Organisation, person_id: UUID) -> User:
    found = organisation.members.filter(pk=person_id).distinct().first()
    if found is None:
        raise access.NotFound("no such user")
    return found
