"""The record of who did what, each event chained to the one before it by hash.

    record(actor=user, verb="member.invite", target=membership, at=now, detail={...})
    verify_chain("installation") -> AuditReport      also per organisation identifier

Call it inside the transaction of the change. `detail` holds codes and identifiers, no personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from liangcai.kernel.canonical import content_hash
from liangcai.server.store.models import AuditChain, AuditEvent, Organisation, User

INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What became of one chain: `broken_at` is the first event that is not as it was written."""

    chain: str
    events: int
    broken_at: int | None

    @property
    def intact(self) -> bool:
        """Whether every event is there, in order, unchanged."""
        return self.broken_at is None


def record(
    *,
    actor: User | None,
    verb: str,
    target: Model,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append an event to the chain of the target's organisation (or of the installation)."""
    organisation_id = _organisation_id(target)
    name = INSTALLATION if organisation_id is None else str(organisation_id)
    with transaction.atomic():
        AuditChain.objects.get_or_create(name=name)
        chain = AuditChain.objects.select_for_update().get(name=name)
        event = AuditEvent(
            chain=chain,
            number=chain.length + 1,
            actor=actor,
            verb=verb,
            target_kind=target._meta.model_name or "",
            target_id=str(target.pk),
            organisation_id=organisation_id,
            at=at,
            detail=dict(detail or {}),
            previous_hash=chain.head,
        )
        event.hash = hash_of(event)
        event.save(force_insert=True)
        AuditChain.objects.filter(name=name).update(length=event.number, head=event.hash)
    return event


def hash_of(event: AuditEvent) -> str:
    """Return the content hash of an event, the hash of the one before it included."""
    return content_hash(
        {
            "chain": event.chain_id,
            "number": event.number,
            "actor": None if event.actor_id is None else str(event.actor_id),
            "verb": event.verb,
            "target": [event.target_kind, event.target_id],
            "organisation": None if event.organisation_id is None else str(event.organisation_id),
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "detail": event.detail,
            "previous": event.previous_hash,
        }
    )


def verify_chain(name: str = INSTALLATION) -> AuditReport:
    """Read a chain from its beginning and say where it was changed, cut or reordered, if anywhere."""
    chain = AuditChain.objects.filter(name=name).first()
    if chain is None:
        return AuditReport(name, 0, None)
    previous, expected = "", 1
    for event in AuditEvent.objects.filter(chain=chain).order_by("number").iterator():
        whole = event.number == expected and event.previous_hash == previous
        if not whole or hash_of(event) != event.hash:
            return AuditReport(name, expected - 1, expected)
        previous, expected = event.hash, expected + 1
    counted = expected - 1
    complete = chain.length == counted and chain.head == previous
    return AuditReport(name, counted, None if complete else expected)


def verify_all_chains() -> tuple[AuditReport, ...]:
    """Verify every chain of the installation."""
    names = AuditChain.objects.order_by("name").values_list("name", flat=True)
    return tuple(verify_chain(name) for name in names)


def _organisation_id(target: Model) -> Any:
    return (
        target.pk if isinstance(target, Organisation) else getattr(target, "organisation_id", None)
    )
