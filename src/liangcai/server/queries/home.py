"""What a signed-in person can do next."""

from dataclasses import dataclass

from liangcai.server import access
from liangcai.server.access import ROLE_VERBS
from liangcai.server.store.models import Membership, SelfAssessment, User
from liangcai.server.store.models.assessments import AssessmentState


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Which steps stand open: an unfinished self-assessment, a first result, standards to look after."""

    unfinished: SelfAssessment | None
    has_result: bool
    looks_after_standards: bool


def next_steps(person: User) -> NextSteps:
    """Return what a person can do next (two or three queries)."""
    runs = SelfAssessment.objects.filter(person=person).select_related("standard")
    runs = runs.defer("standard__document", "standard__scheme", "standard__findings", "plan")
    known = list(runs.exclude(state=AssessmentState.ABANDONED)[:20])
    unfinished = [run for run in known if run.state == AssessmentState.IN_PROGRESS]
    return NextSteps(
        unfinished=unfinished[0] if unfinished else None,
        has_result=any(run.state == AssessmentState.FINISHED for run in known),
        looks_after_standards=may_look_after_standards(person),
    )


def may_look_after_standards(actor: access.Actor) -> bool:
    """Whether a person may load standards anywhere: for the installation or for an organisation."""
    if not isinstance(actor, User) or not actor.is_active:
        return False
    if access.may(actor, "standard.load"):
        return True
    roles = [role for role, verbs in ROLE_VERBS.items() if "standard.load" in verbs]
    return Membership.objects.filter(user=actor, role__in=roles).exists()
