from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models.fields import identifier, is_among
from liangcai.server.store.models.people import Language, User


class Role(models.TextChoices):
    PERSON = "person", _("Person")
    RATER = "rater", _("Rater")
    AUTHOR = "author", _("Item author")
    OFFICER = "officer", _("Certification officer")
    DECIDER = "decider", _("Decider")
    HR = "hr", _("Human resources")
    TRAINER = "trainer", _("Trainer")
    DRAFTER = "drafter", _("Drafter")
    ADMINISTRATOR = "administrator", _("Administrator")


class Organisation(models.Model):
    """A company, school or body; what belongs to it is seen by its members only."""

    id = identifier()
    slug = models.SlugField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=~Q(name_zh=""), name="organisation_has_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, or in the other one where it is missing."""
        english = (get_language() or "").startswith("en")
        return (self.name_en or self.name_zh) if english else self.name_zh


class Membership(models.Model):
    """One role of one person in one organisation; a person may hold several."""

    id = identifier()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "role", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], name="membership_once"
            ),
            is_among("role", Role, name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Invitation(models.Model):
    """An offer of a role to whoever reads one mailbox; it works once and for a while."""

    id = identifier()
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices)
    language = models.CharField(max_length=7, choices=Language.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email", "role"],
                condition=Q(accepted_at=None),
                name="invitation_open_once",
            ),
            is_among("role", Role, name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.role}"
