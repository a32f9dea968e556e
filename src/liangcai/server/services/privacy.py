"""A person's rights over their data: take it along, be forgotten.

export_data(actor=person, at=) -> bytes            a ZIP of JSON files
erase_person(actor=person, at=) -> Erasure         what was deleted, what has to stay and why
"""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q, QuerySet

from liangcai.server import access
from liangcai.server.services import audit
from liangcai.server.services.organisations import keep_an_administrator
from liangcai.server.store.models import AuditEvent, Invitation, Membership, OutboxMessage, User

_README = """\
这是你在量才的全部个人数据，每类一个 JSON 文件；时间为 UTC。
This is all that Liangcai keeps about you, one JSON file per kind; times are in UTC.
"""
_KINDS: dict[str, tuple[str, ...]] = {
    "memberships": ("organisation__slug", "organisation__name_zh", "role", "created_at"),
    "evidence": ("standard_code", "source", "organisation__slug", "record", "hash", "created_at"),
    "self-assessments": (
        "pk",
        "standard__code",
        "standard__version",
        "state",
        "seed",
        "plan",
        "started_at",
        "finished_at",
    ),
    "decisions": (
        "standard__code",
        "standard__version",
        "organisation__slug",
        "level",
        "indicative",
        "document",
        "hash",
        "created_at",
    ),
    "tokens": ("name", "scopes", "created_at", "expires_at", "last_used_at"),
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many rows of each kind were deleted, and how many stay under a number instead of a name."""

    deleted: dict[str, int]
    retained: dict[str, int]


@transaction.atomic
def export_data(*, actor: User, at: datetime) -> bytes:
    """Return everything on record about the actor as a ZIP archive."""
    access.require(actor, "person.export", actor)
    members: dict[str, Any] = {"person": _profile(actor)}
    for kind, rows in _rows_of(actor).items():
        members[kind] = list(rows.values(*_KINDS[kind]))
    members["answers"] = [
        {"assessment": str(assessment.pk), "answers": list(assessment.answers.values())}
        for assessment in actor.self_assessments.all()
    ]
    acts = AuditEvent.objects.filter(Q(actor=actor) | Q(target_kind="user", target_id=actor.pk))
    members["audit"] = list(acts.order_by("at").values("verb", "target_kind", "target_id", "at"))
    audit.record(actor=actor, verb="person.export", target=actor, at=at)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        for name, content in members.items():
            text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
            archive.writestr(f"{name}.json", text)
    return buffer.getvalue()


@transaction.atomic
def erase_person(*, actor: User, at: datetime) -> Erasure:
    """Delete what is the actor's own and cut their name off what an organisation has to keep.

    Evidence that an organisation recorded and decisions it made stay, because whoever relies on a
    decision must be able to check it; from now on they belong to a number that names nobody.

    Raises:
        LastAdministrator: an organisation with other members would be left without one.

    """
    access.require(actor, "person.erase", actor)
    own = _rows_of(actor)
    for role in own["memberships"]:
        if (
            Membership.objects.filter(organisation=role.organisation_id)
            .exclude(user=actor)
            .exists()
        ):
            keep_an_administrator(role)
    kept = {
        kind: own[kind].filter(organisation__isnull=False) for kind in ("evidence", "decisions")
    }
    mailboxes = EmailAddress.objects.filter(user=actor).values_list("email", flat=True)
    addresses = {actor.email, *mailboxes}
    retained = {kind: rows.count() for kind, rows in kept.items()}
    leaving = {
        "evidence": own["evidence"].filter(organisation=None),
        "decisions": own["decisions"].filter(organisation=None),
        "self-assessments": own["self-assessments"],
        "memberships": own["memberships"],
        "tokens": own["tokens"],
        "messages": OutboxMessage.objects.filter(to__in=addresses),
        "invitations": Invitation.objects.filter(email__in=addresses),
        "addresses": EmailAddress.objects.filter(user=actor),
    }
    left = sorted(own["memberships"], key=lambda role: role.organisation_id)
    deleted = {}
    for kind, rows in leaving.items():
        deleted[kind] = rows.count()
        rows.delete()
    unusable = User()
    unusable.set_unusable_password()
    User.objects.filter(pk=actor.pk).update(
        email=f"{actor.pk}@erased.invalid",
        name="",
        password=unusable.password,  # ends every session as well
        is_active=False,
        is_staff=False,
        is_superuser=False,
        last_login=None,
        erased_at=at,
    )
    audit.record(
        actor=actor, verb="person.erase", target=actor, at=at, detail={"retained": retained}
    )
    for role in left:
        detail = {"user": str(actor.pk), "role": role.role}
        audit.record(actor=actor, verb="member.leave", target=role, at=at, detail=detail)
    return Erasure(deleted, retained)


def _profile(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "synthetic": user.synthetic,
        "joined_at": user.joined_at,
        "last_login": user.last_login,
    }


def _rows_of(user: User) -> dict[str, QuerySet[Any]]:
    return {
        "memberships": user.memberships.all(),
        "evidence": user.evidence.all(),
        "self-assessments": user.self_assessments.all(),
        "decisions": user.decisions.all(),
        "tokens": user.tokens.all(),
    }
