from typing import NoReturn

from django.db import models

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.store.models.fields import digest, identifier, is_digest
from liangcai.server.store.models.organisations import Organisation
from liangcai.server.store.models.people import User


class AuditEventFixed(LiangcaiError):
    """An audit event is added once; nobody changes or deletes it."""

    code = "audit.fixed"


class AuditChain(models.Model):
    """The end of one chain of audit events: one per organisation and one for the installation.

    `name` is the organisation's identifier or "installation". Writers take its row, so the events
    of a chain have one order.
    """

    name = models.CharField(max_length=36, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    head = digest(blank=True)

    def __str__(self) -> str:
        return self.name


class AppendOnly(models.QuerySet["AuditEvent"]):
    """Reads and adds; it can neither change nor delete."""

    def update(self, **_: object) -> NoReturn:
        """Refuse."""
        raise AuditEventFixed("an audit event is never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AuditEventFixed("an audit event is never deleted")


class AuditEvent(models.Model):
    """Who did what to what, when; each event carries the hash of the one before it.

    `detail` holds codes and identifiers, never a name or an address, so that erasing a person
    leaves the chain whole.
    """

    id = identifier()
    chain = models.ForeignKey(AuditChain, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=64)
    target_kind = models.CharField(max_length=40)
    target_id = models.CharField(max_length=64)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)
    previous_hash = digest(blank=True)
    hash = digest()
    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["chain", "number"]
        indexes = [
            models.Index(fields=["target_kind", "target_id"], name="audit_of_target"),
            models.Index(fields=["organisation", "-at"], name="audit_of_organisation"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once"),
            is_digest("hash", name="audit_hash_is_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.number} {self.verb}"
