from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models.fields import digest, identifier, is_digest
from liangcai.server.store.models.organisations import Organisation
from liangcai.server.store.models.people import User
from liangcai.server.store.models.standards import StandardVersion


class EvidenceSource(models.TextChoices):
    SELF = "self", _("Reported by the person")
    ASSESSMENT = "assessment", _("Self-assessment")
    ORGANISATION = "organisation", _("Recorded by an organisation")


class EvidenceRecord(models.Model):
    """One piece of evidence about a person, as the evidence format has it.

    Without an organisation it is the person's own. `record` is a record or a fact of an
    `EvidenceFile`, `record_id` its id and `hash` its content hash.
    """

    id = identifier()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="evidence")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    standard_code = models.SlugField(max_length=64)
    record_id = models.CharField(max_length=128)
    record = models.JSONField()
    source = models.CharField(max_length=12, choices=EvidenceSource.choices)
    synthetic = models.BooleanField(default=False)
    hash = digest()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["person", "created_at", "id"]
        indexes = [models.Index(fields=["person", "standard_code"], name="evidence_of_person")]
        constraints = [
            is_digest("hash", name="evidence_hash_is_digest"),
            models.UniqueConstraint(
                fields=["person", "organisation", "standard_code", "record_id"],
                condition=Q(organisation__isnull=False),
                name="evidence_once",
            ),
            models.UniqueConstraint(
                fields=["person", "standard_code", "record_id"],
                condition=Q(organisation=None),
                name="own_evidence_once",
            ),
            models.CheckConstraint(
                condition=Q(source="organisation", organisation__isnull=False)
                | Q(source__in=["self", "assessment"], organisation=None),
                name="evidence_source_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard_code} {self.record_id}"


class DecisionRecord(models.Model):
    """A grade decision as it was made; never edited, never deleted.

    `document` is `Decision.as_record()`, `hash` its content hash, `level` the level's code ("":
    none was reached). `indicative` marks a result that rests on a self-assessment: it grades nobody.
    """

    id = identifier()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    standard = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField()
    hash = digest()
    level = models.CharField(max_length=64, blank=True)
    indicative = models.BooleanField()
    synthetic = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            is_digest("hash", name="decision_hash_is_digest"),
            models.UniqueConstraint(
                fields=["person", "organisation", "hash"],
                condition=Q(organisation__isnull=False),
                name="decision_once",
            ),
            models.UniqueConstraint(
                fields=["person", "hash"],
                condition=Q(organisation=None),
                name="own_decision_once",
            ),
            models.CheckConstraint(
                condition=Q(indicative=True, organisation=None)
                | Q(indicative=False, organisation__isnull=False),
                name="decision_is_an_organisations",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard_id} {self.level}"
