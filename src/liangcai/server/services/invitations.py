"""Offers of a role that are sent by mail, work once and run out.

    invite(actor=admin, organisation_id=pk, email=, role=, language=, at=now) -> Invitation
    accept_invitation(actor=user, token=, at=now) -> Membership   signed in with the invited address
    sign_up_by_invitation(token=, name=, password=, language=, at=now) -> User      no account yet
    withdraw_invitation(actor=admin, invitation_id=pk, at=now)

The mailed link is INVITATION_PATH with the token in it, below LIANGCAI_PUBLIC_URL.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.services import audit, outbox
from liangcai.server.services.accounts import add_person, refuse_unknown
from liangcai.server.services.organisations import AlreadyMember, add_member
from liangcai.server.services.tokens import fingerprint
from liangcai.server.store.models import Invitation, Membership, Organisation, Role, User

INVITATION_PATH = "/invitations/{token}/"
INVITATION_DAYS = 14


class InvitationInvalid(LiangcaiError):
    """The invitation was used or withdrawn, has run out, or is for another address."""

    code = "invitation.invalid"


@transaction.atomic
def invite(
    *, actor: User, organisation_id: UUID | str, email: str, role: str, language: str, at: datetime
) -> Invitation:
    """Offer a role to whoever reads a mailbox; the mail goes out when this is committed.

    Raises:
        AccountRefused: no such role or language, or the address is not one.
        AlreadyMember: the address is invited, or its person holds the role.

    """
    organisation = access.find(actor, "member.invite", Organisation, organisation_id)
    address = email.strip().lower()
    refuse_unknown(role=role, email=address, language=language)
    asked = Invitation.objects.filter(
        organisation=organisation, email=address, role=role, accepted_at=None
    )
    asked.filter(expires_at__lt=at).delete()
    held = Membership.objects.filter(organisation=organisation, user__email=address, role=role)
    if asked.exists() or held.exists():
        raise AlreadyMember(f"{address} is invited as {role} or holds that role")
    token = secrets.token_urlsafe(32)
    invitation, created = Invitation.objects.get_or_create(
        organisation=organisation,
        email=address,
        role=role,
        accepted_at=None,
        defaults={
            "language": language,
            "token_hash": fingerprint(token),
            "invited_by": actor,
            "created_at": at,
            "expires_at": at + timedelta(days=INVITATION_DAYS),
        },
    )
    if not created:  # somebody else invited them meanwhile
        raise AlreadyMember(f"{address} is invited as {role}")
    _mail_invitation(invitation, token, at)
    detail = {"role": role}
    audit.record(actor=actor, verb="member.invite", target=invitation, at=at, detail=detail)
    return invitation


def _mail_invitation(invitation: Invitation, token: str, at: datetime) -> None:
    with translation.override(invitation.language):
        outbox.enqueue(
            key=f"invitation:{invitation.pk}",
            to=invitation.email,
            template="invitation",
            language=invitation.language,
            context={
                "organisation": invitation.organisation.name,
                "role": Role(invitation.role).label,
                "link": settings.LIANGCAI_PUBLIC_URL + INVITATION_PATH.format(token=token),
                "expires": invitation.expires_at,
            },
            at=at,
        )


@transaction.atomic
def accept_invitation(*, actor: User, token: str, at: datetime) -> Membership:
    """Take the role that an invitation to the actor's own address offers.

    Raises:
        InvitationInvalid: it was used or withdrawn, has run out, or is for another address.

    """
    invitation = _spend(token, email=actor.email, at=at)
    organisation, role = invitation.organisation, invitation.role
    return add_member(user=actor, organisation=organisation, role=role, actor=actor, at=at)


@transaction.atomic
def sign_up_by_invitation(
    *, token: str, name: str, password: str, language: str, at: datetime
) -> User:
    """Store a new person under the invited address (the mail proved it) with the offered role.

    Raises:
        InvitationInvalid: it was used or withdrawn, or has run out.
        AddressTaken: the address has an account: its owner signs in and accepts.
        AccountRefused: the name, language or password is not acceptable.

    """
    invitation = _spend(token, email=None, at=at)
    user = add_person(
        email=invitation.email, name=name, password=password, language=language, at=at
    )
    organisation, role = invitation.organisation, invitation.role
    add_member(user=user, organisation=organisation, role=role, actor=user, at=at)
    return user


def _spend(token: str, *, email: str | None, at: datetime) -> Invitation:
    open_now = Invitation.objects.filter(
        token_hash=fingerprint(token), accepted_at=None, expires_at__gte=at
    )
    if email is not None:
        open_now = open_now.filter(email=email)
    if not open_now.update(accepted_at=at):
        raise InvitationInvalid("the invitation was used, has run out, or is for another address")
    return Invitation.objects.select_related("organisation").get(token_hash=fingerprint(token))


@transaction.atomic
def withdraw_invitation(*, actor: User, invitation_id: UUID | str, at: datetime) -> None:
    """Take back an invitation that nobody accepted yet.

    Raises:
        InvitationInvalid: it was accepted.

    """
    invitation = access.find(actor, "member.invite", Invitation, invitation_id)
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()[0]:
        raise InvitationInvalid("the invitation was accepted")
    audit.record(actor=actor, verb="member.uninvite", target=invitation, at=at)
