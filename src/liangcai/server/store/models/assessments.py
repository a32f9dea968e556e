from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models.fields import identifier, is_among
from liangcai.server.store.models.people import User
from liangcai.server.store.models.standards import StandardVersion


class AssessmentState(models.TextChoices):
    IN_PROGRESS = "in-progress", _("In progress")
    FINISHED = "finished", _("Finished")
    ABANDONED = "abandoned", _("Abandoned")


class AnswerKind(models.TextChoices):
    INDICATOR = "indicator", _("Statement about oneself")
    ITEM = "item", _("Knowledge item")


class SelfAssessment(models.Model):
    """One run of the self-assessment; the seed and the plan make it repeatable."""

    id = identifier()
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="self_assessments")
    standard = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=11, choices=AssessmentState.choices, default=AssessmentState.IN_PROGRESS
    )
    seed = models.PositiveBigIntegerField()
    plan = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "id"]
        constraints = [
            is_among("state", AssessmentState, name="assessment_state_known"),
            models.CheckConstraint(
                condition=Q(state="finished", finished_at__isnull=False)
                | (~Q(state="finished") & Q(finished_at=None)),
                name="assessment_finished_has_time",
            ),
            models.UniqueConstraint(
                fields=["person", "standard"],
                condition=Q(state="in-progress"),
                name="assessment_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard_id} {self.state}"


class SelfAssessmentAnswer(models.Model):
    """What was answered to one statement or item, in the order of `position`."""

    assessment = models.ForeignKey(SelfAssessment, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=9, choices=AnswerKind.choices)
    code = models.CharField(max_length=64)
    answer = models.JSONField()
    position = models.PositiveIntegerField()
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "code"], name="answer_once"),
            models.UniqueConstraint(fields=["assessment", "position"], name="answer_position_once"),
            is_among("kind", AnswerKind, name="answer_kind_known"),
        ]

    def __str__(self) -> str:
        return self.code
