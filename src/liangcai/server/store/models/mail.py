from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models.fields import identifier, is_among
from liangcai.server.store.models.people import Language


class MailStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")


class OutboxMessage(models.Model):
    """A message that is part of the transaction which caused it, and is sent after it."""

    id = identifier()
    key = models.CharField(max_length=120, unique=True)  # the same cause writes one message
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    language = models.CharField(max_length=7, choices=Language.choices)
    status = models.CharField(max_length=8, choices=MailStatus.choices, default=MailStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="outbox_due")]
        constraints = [
            is_among("status", MailStatus, name="outbox_status_known"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at=None)),
                name="outbox_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
