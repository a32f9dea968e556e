"""What the account and organisation pages read."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from liangcai.server import access
from liangcai.server.store.models import (
    ApiToken,
    AuditEvent,
    Invitation,
    Membership,
    Organisation,
    User,
)


def memberships_of(user: User) -> QuerySet[Membership]:
    """Return a person's roles with their organisations, by organisation."""
    return user.memberships.select_related("organisation").order_by("organisation__slug", "role")


def organisation_for(actor: access.Actor, slug: str) -> Organisation:
    """Return an organisation by its short name.

    Raises:
        NotFound: there is none that this person belongs to.

    """
    found = access.visible(actor, Organisation).filter(slug=slug).first()
    if found is None:
        raise access.NotFound(f"no organisation {slug}")
    return found


def members_of(actor: access.Actor, organisation_id: UUID) -> QuerySet[Membership]:
    """Return the roles held in an organisation, by name, as far as the person may see them."""
    rows = access.visible(actor, Membership).filter(organisation=organisation_id)
    return rows.select_related("user").order_by("user__name", "user__email", "role")


def open_invitations(
    actor: access.Actor, organisation_id: UUID, *, at: datetime
) -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted, newest first."""
    rows = access.visible(actor, Invitation).filter(organisation=organisation_id)
    return rows.filter(accepted_at=None, expires_at__gte=at).order_by("-created_at", "pk")


def invitation_behind(token_hash: str, *, at: datetime) -> Invitation | None:
    """Return the open invitation with this token's SHA-256, or None."""
    rows = Invitation.objects.filter(token_hash=token_hash, accepted_at=None, expires_at__gte=at)
    return rows.select_related("organisation").first()


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return a person's API tokens, newest first."""
    return user.tokens.order_by("-created_at", "pk")


def audit_trail(actor: access.Actor, organisation_id: UUID | None) -> QuerySet[AuditEvent]:
    """Return the audit events of an organisation (None: of the installation), newest first."""
    rows = access.visible(actor, AuditEvent).filter(organisation=organisation_id)
    return rows.select_related("actor").order_by("-number")
