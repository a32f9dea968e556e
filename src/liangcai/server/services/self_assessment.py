"""The self-assessment as it is taken: every answer is stored when it is given.

    start(actor=, standard_id=, length="full", seed=, at=) -> SelfAssessment     or the one under way
    answer(actor=, assessment_id=, question=, chosen=, at=)      again: the latest answer counts
    finish(actor=, assessment_id=, at=) -> SelfAssessmentResult  keeps the evidence, closes the run
    abandon(actor=, assessment_id=, at=)                         closes it without a result

Nothing but the answers is state: which question follows is computed from them, so a run goes on
after a lost connection, on another device or after the server was killed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from liangcai.grading.evidence import Person
from liangcai.grading.self_assessment import Answer, SelfAssessmentResult, next_question
from liangcai.grading.self_assessment import finish as result_of
from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.assessment import (
    LENGTHS,
    AssessmentOutdated,
    answers_of,
    new_plan,
    plan_of,
)
from liangcai.server.services import audit
from liangcai.server.services.evidence import store_assessment
from liangcai.server.store.models import (
    SelfAssessment,
    SelfAssessmentAnswer,
    StandardVersion,
    User,
)
from liangcai.server.store.models.assessments import AnswerKind, AssessmentState
from liangcai.server.store.models.standards import StandardStatus


class AssessmentClosed(LiangcaiError):
    """The self-assessment is finished or was given up: its answers stay as they are."""

    code = "assessment.closed"


class QuestionNotAsked(LiangcaiError):
    """The answer is to a question that is neither the next one nor answered before."""

    code = "assessment.question-not-asked"


class AssessmentRefused(LiangcaiError):
    """The standard is not published, has nothing to ask, or there is no such length."""

    code = "assessment.refused"


@transaction.atomic
def start(
    *, actor: User, standard_id: UUID | str, seed: int, at: datetime, length: str = "full"
) -> SelfAssessment:
    """Begin a self-assessment against an edition, or return the one that is under way.

    Raises:
        NotFound: there is no such standard for this person.
        AssessmentRefused: it is not published or has nothing to ask, or the length is unknown.

    """
    access.require(actor, "assessment.take", actor)
    row = access.find(actor, "standard.read", StandardVersion, standard_id)
    if row.status != StandardStatus.PUBLISHED or length not in LENGTHS:
        raise AssessmentRefused(f"{row} cannot be assessed at length {length}")
    on = timezone.localdate(at)
    plan = new_plan(row, seed=seed, on=on, length=length)
    if plan is None:
        raise AssessmentRefused(f"{row} has nothing to ask")
    assessment, created = SelfAssessment.objects.get_or_create(
        person=actor,
        standard=row,
        state=AssessmentState.IN_PROGRESS,
        defaults={
            "seed": seed,
            "plan": {
                "hash": plan.hash,
                "on": on.isoformat(),
                "length": length,
                "settings": plan.settings.model_dump(mode="json"),
            },
            "started_at": at,
        },
    )
    if created:
        detail = {"plan": plan.hash, "length": length}
        audit.record(actor=actor, verb="assessment.start", target=assessment, at=at, detail=detail)
    return assessment


@transaction.atomic
def answer(
    *, actor: User, assessment_id: UUID | str, question: str, chosen: Sequence[str], at: datetime
) -> None:
    """Store an answer to the next question, or another answer to one that was answered before.

    The same answer twice is stored once.

    Raises:
        NotFound: it is nobody's or somebody else's self-assessment.
        AssessmentClosed: it is finished or given up.
        AssessmentOutdated: the questions have changed since it began.
        QuestionNotAsked: the question is neither the next one nor answered before.
        InvalidAnswer, UnknownKey, RepeatedKey, TooManyKeys: the answer does not fit the question.

    """
    assessment = _take(actor, assessment_id)
    plan = plan_of(assessment)
    given = answers_of(assessment)
    known = {one.question: one for one in given}
    wanted = Answer(question, tuple(sorted(chosen)))
    if question in known:
        if known[question] == wanted:
            return
        next_question(plan, [wanted if one.question == question else one for one in given])
        assessment.answers.filter(code=question).update(answer=list(wanted.chosen), answered_at=at)
        _record(actor, assessment, "assessment.change-answer", question, at)
        return
    expected = next_question(plan, given)
    if expected is None or expected.code != question:
        raise QuestionNotAsked(f"{question} is not the question that this self-assessment asks")
    next_question(plan, [*given, wanted])  # refuses an answer that does not fit
    last = assessment.answers.aggregate(last=Max("position"))["last"]
    SelfAssessmentAnswer.objects.create(
        assessment=assessment,
        kind=AnswerKind.ITEM if expected.part == "item" else AnswerKind.INDICATOR,
        code=question,
        answer=list(wanted.chosen),
        position=0 if last is None else last + 1,
        answered_at=at,
    )
    _record(actor, assessment, "assessment.answer", question, at)


@transaction.atomic
def finish(*, actor: User, assessment_id: UUID | str, at: datetime) -> SelfAssessmentResult:
    """Close a self-assessment, keep what it yielded as the person's own evidence and return it.

    Raises:
        NotFound: it is nobody's or somebody else's self-assessment.
        AssessmentClosed: it is finished or given up, or nothing was answered yet.
        AssessmentOutdated: the questions have changed since it began.

    """
    assessment = _take(actor, assessment_id)
    given = answers_of(assessment)
    if not given:
        raise AssessmentClosed("nothing was answered yet")
    person = Person(id=str(actor.pk), name=_name(actor), synthetic=actor.synthetic)
    result = result_of(plan_of(assessment), given, person=person)
    store_assessment(actor=actor, evidence=result.evidence, at=at)
    _close(assessment, state=AssessmentState.FINISHED, finished_at=at)
    detail = {"plan": result.plan_hash, "answers": len(given)}
    audit.record(actor=actor, verb="assessment.finish", target=assessment, at=at, detail=detail)
    return result


@transaction.atomic
def abandon(*, actor: User, assessment_id: UUID | str, at: datetime) -> None:
    """Close a self-assessment without a result; its answers stay until the person erases them.

    Raises:
        NotFound: it is nobody's or somebody else's self-assessment.
        AssessmentClosed: it is finished or given up already.

    """
    assessment = _take(actor, assessment_id)
    _close(assessment, state=AssessmentState.ABANDONED)
    audit.record(actor=actor, verb="assessment.abandon", target=assessment, at=at)


def _take(actor: User, assessment_id: UUID | str) -> SelfAssessment:
    """Return a run that is under way, locked: two tabs take turns."""
    access.find(actor, "assessment.take", SelfAssessment, assessment_id)
    locked = SelfAssessment.objects.select_for_update(of=("self",)).select_related("standard")
    assessment = locked.get(pk=assessment_id)
    if assessment.state != AssessmentState.IN_PROGRESS:
        raise AssessmentClosed(f"the self-assessment is {assessment.state}")
    return assessment


def _close(assessment: SelfAssessment, **values: object) -> None:
    under_way = SelfAssessment.objects.filter(pk=assessment.pk, state=AssessmentState.IN_PROGRESS)
    if not under_way.update(**values):
        raise AssessmentClosed("the self-assessment was closed meanwhile")


def _record(
    actor: User, assessment: SelfAssessment, verb: str, question: str, at: datetime
) -> None:
    audit.record(actor=actor, verb=verb, target=assessment, at=at, detail={"question": question})


def _name(actor: User) -> LocalizedText | None:
    return LocalizedText(zh=actor.name, en=actor.name) if actor.name else None


__all__ = [
    "AssessmentClosed",
    "AssessmentOutdated",
    "AssessmentRefused",
    "QuestionNotAsked",
    "abandon",
    "answer",
    "finish",
    "start",
]
