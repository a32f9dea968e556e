"""Organisations and who holds which role in them.

create_organisation(actor=operator, names=OrganisationNames("acme", "示例公司", "Acme"), at=now)
change_role(actor=admin, membership_id=pk, role="hr", at=now)
remove_member(actor=admin or the member, membership_id=pk, at=now)
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction

from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.services import audit
from liangcai.server.services.accounts import AccountRefused, refuse_unknown
from liangcai.server.store.models import Membership, Organisation, Role, User


class SlugTaken(LiangcaiError):
    """Another organisation has this short name."""

    code = "organisation.slug-taken"


class LastAdministrator(LiangcaiError):
    """An organisation keeps at least one administrator."""

    code = "member.last-administrator"


class AlreadyMember(LiangcaiError):
    """The person holds this role in this organisation, or is invited to it."""

    code = "member.already"


@dataclass(frozen=True, slots=True)
class OrganisationNames:
    """What an organisation is called, and its short name in addresses."""

    slug: str
    zh: str
    en: str = ""


@transaction.atomic
def create_organisation(*, actor: User, names: OrganisationNames, at: datetime) -> Organisation:
    """Store an organisation whose first administrator is the actor.

    Raises:
        AccountRefused: a name is missing or the short name is not one.
        SlugTaken: another organisation has it.

    """
    access.require(actor, "organisation.create")
    organisation = add_organisation(names, at=at)
    add_member(user=actor, organisation=organisation, role=Role.ADMINISTRATOR, actor=actor, at=at)
    return organisation


def add_organisation(
    names: OrganisationNames, *, at: datetime, synthetic: bool = False
) -> Organisation:
    """Store an organisation without members, inside the caller's transaction.

    Raises:
        AccountRefused: a name is missing or the short name is not one.
        SlugTaken: another organisation has it.

    """
    try:
        validate_slug(names.slug)
    except ValidationError as error:
        raise AccountRefused(*error.messages) from error
    if not names.zh.strip():
        raise AccountRefused("an organisation has a name")
    if Organisation.objects.filter(slug=names.slug).exists():
        raise SlugTaken(f"{names.slug} is taken")
    return Organisation.objects.create(
        slug=names.slug,
        name_zh=names.zh.strip(),
        name_en=names.en.strip(),
        synthetic=synthetic,
        created_at=at,
    )


def add_member(
    *, user: User, organisation: Organisation, role: str, actor: User, at: datetime
) -> Membership:
    """Give a role, inside the caller's transaction."""
    membership, created = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, defaults={"created_at": at}
    )
    if created:
        detail = {"user": str(user.pk), "role": role}
        audit.record(actor=actor, verb="member.add", target=membership, at=at, detail=detail)
    return membership


@transaction.atomic
def change_role(*, actor: User, membership_id: UUID | str, role: str, at: datetime) -> None:
    """Put another role in place of one that a member holds.

    Raises:
        AccountRefused: there is no such role.
        AlreadyMember: the member holds the new role as well.
        LastAdministrator: nobody would administer the organisation.

    """
    membership = access.find(actor, "member.change", Membership, membership_id)
    refuse_unknown(role=role)
    siblings = Membership.objects.filter(
        user=membership.user_id, organisation=membership.organisation_id, role=role
    )
    if siblings.exists():
        raise AlreadyMember(f"the member holds the role {role}")
    keep_an_administrator(membership)
    held = Membership.objects.filter(pk=membership.pk, role=membership.role)
    try:
        with transaction.atomic():
            changed = held.update(role=role)
    except IntegrityError as error:
        raise AlreadyMember(f"the member holds the role {role}") from error
    if not changed:
        raise access.NotFound("no such membership")
    detail = {"user": str(membership.user_id), "from": membership.role, "to": role}
    audit.record(actor=actor, verb="member.change", target=membership, at=at, detail=detail)


@transaction.atomic
def remove_member(*, actor: User, membership_id: UUID | str, at: datetime) -> None:
    """End a role: an administrator for others, everybody for themselves.

    Raises:
        LastAdministrator: nobody would administer the organisation.

    """
    membership = access.find(actor, "member.read", Membership, membership_id)
    verb = "member.leave" if membership.user_id == actor.pk else "member.remove"
    access.require(actor, verb, membership)
    keep_an_administrator(membership)
    if not Membership.objects.filter(pk=membership.pk, role=membership.role).delete()[0]:
        raise access.NotFound("no such membership")
    detail = {"user": str(membership.user_id), "role": membership.role}
    audit.record(actor=actor, verb=verb, target=membership, at=at, detail=detail)


def keep_an_administrator(membership: Membership) -> None:
    """Refuse to end the last administrator's role.

    Raises:
        LastAdministrator: nobody would administer the organisation.

    """
    if membership.role != Role.ADMINISTRATOR:
        return
    # The lock makes two administrators who remove each other take turns. It lets others refer to
    # the organisation, as every audit event does: they would wait for each other otherwise.
    Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    others = Membership.objects.filter(
        organisation=membership.organisation_id, role=Role.ADMINISTRATOR
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastAdministrator("an organisation keeps at least one administrator")
