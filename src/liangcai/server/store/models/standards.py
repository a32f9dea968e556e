from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models.fields import digest, identifier, is_among, is_digest
from liangcai.server.store.models.organisations import Organisation
from liangcai.server.store.models.people import User


class StandardStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StandardVersion(models.Model):
    """One edition of a standard, whole; once published its content never changes.

    Without an organisation it is public. `document` is `Standard.as_record()` and `hash` its
    content hash; `scheme` is the scheme it proposes (null: none); `findings` is what the checker
    said, in both languages.
    """

    id = identifier()
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="standards"
    )
    code = models.SlugField(max_length=64)
    version = models.CharField(max_length=40)
    hash = digest()
    document = models.JSONField()
    scheme = models.JSONField(null=True)
    findings = models.JSONField(default=list)
    status = models.CharField(
        max_length=9, choices=StandardStatus.choices, default=StandardStatus.DRAFT
    )
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["code", "-published_at", "-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "code", "version"],
                condition=Q(organisation__isnull=False),
                name="standard_version_once",
            ),
            models.UniqueConstraint(
                fields=["code", "version"],
                condition=Q(organisation=None),
                name="public_standard_version_once",
            ),
            is_among("status", StandardStatus, name="standard_status_known"),
            is_digest("hash", name="standard_hash_is_digest"),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None)
                | (~Q(status="draft") & Q(published_at__isnull=False)),
                name="standard_published_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"
