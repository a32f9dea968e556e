"""Self-assessments as a page shows them: the plan behind a run and its questions.

plan_of(assessment) -> Plan            rebuilt from what was stored, checked by its hash
answers_of(assessment) -> tuple[Answer, ...]
question_page(actor, assessment_id, number=None) -> QuestionPage
review_page(actor, assessment_id) -> ReviewPage
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from uuid import UUID

from liangcai.grading.self_assessment import (
    ANCHORS,
    Answer,
    Choice,
    NothingToAsk,
    Plan,
    Question,
    Settings,
    next_question,
)
from liangcai.grading.self_assessment import start as make_plan
from liangcai.grading.self_assessment_plan import statement_text
from liangcai.items import ItemBank, option_order, read_items
from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.standards import public_standards, scheme_of, standard_of
from liangcai.server.store.models import SelfAssessment, StandardVersion, User
from liangcai.server.store.models.assessments import AssessmentState
from liangcai.standard import Standard, shipped_standards

#: How long a run is: the engine's own settings, or a quicker and less precise walk.
LENGTHS: dict[str, Settings] = {
    "full": Settings(),
    "short": Settings(
        budget_seconds=540,
        statement_share=0.67,
        statements_per_unit=1,
        items_most=4,
        items_fewest_per_element=1,
    ),
}


class AssessmentOutdated(LiangcaiError):
    """The questions or the scheme have changed since the self-assessment began."""

    code = "assessment.outdated"


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question of a run; `question` is None when there is no more to ask."""

    assessment: SelfAssessment
    standard: Standard
    question: Question | None
    chosen: tuple[str, ...]
    number: int
    answered: int
    percent: int
    minutes_left: int

    @property
    def previous(self) -> int | None:
        """The number of the question before this one, None at the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def is_answered(self) -> bool:
        """Whether this question was answered before."""
        return self.number <= self.answered


@dataclass(frozen=True, slots=True)
class Offer:
    """A standard that can be assessed against, and the person's runs against it."""

    row: StandardVersion
    standard: Standard
    items: int
    under_way: SelfAssessment | None
    finished: tuple[SelfAssessment, ...]


def offers(actor: access.Actor) -> tuple[Offer, ...]:
    """Return the public standards that have something to ask (two queries)."""
    rows = public_standards().filter(scheme__isnull=False).defer("findings")
    runs: list[SelfAssessment] = []
    if isinstance(actor, User):
        runs = list(
            SelfAssessment.objects.filter(person=actor)
            .exclude(state=AssessmentState.ABANDONED)
            .select_related("standard")
            .defer("standard__document", "standard__scheme", "standard__findings")
        )
    return tuple(_offer(row, runs) for row in rows)


def _offer(row: StandardVersion, runs: list[SelfAssessment]) -> Offer:
    mine = [run for run in runs if run.standard.code == row.code]
    under_way = [run for run in mine if run.state == AssessmentState.IN_PROGRESS]
    return Offer(
        row=row,
        standard=standard_of(row),
        items=len(bank_of(row.code).items),
        under_way=under_way[0] if under_way else None,
        finished=tuple(run for run in mine if run.state == AssessmentState.FINISHED),
    )


@lru_cache(maxsize=32)
def bank_of(code: str) -> ItemBank:
    """Return the shipped items of a standard; an empty bank where it has none."""
    return read_items(code) if code in shipped_standards() else ItemBank(items=())


def new_plan(row: StandardVersion, *, seed: int, on: date, length: str) -> Plan | None:
    """Return the plan of a run that begins now, None where there is nothing to ask."""
    return _plan(row, seed, on, LENGTHS[length])


def plan_of(assessment: SelfAssessment) -> Plan:
    """Return the plan that a run was begun with.

    Raises:
        AssessmentOutdated: the questions or the scheme have changed since.

    """
    stored = assessment.plan
    settings = Settings.model_validate(stored["settings"])
    on = date.fromisoformat(stored["on"])
    plan = _plan(assessment.standard, assessment.seed, on, settings)
    if plan is None or plan.hash != stored["hash"]:
        raise AssessmentOutdated("the questions have changed since this self-assessment began")
    return plan


_plans: dict[tuple[str, date, Settings], Plan] = {}
_KEPT = 16


def _plan(row: StandardVersion, seed: int, on: date, settings: Settings) -> Plan | None:
    """Return a plan; its tables, which are the same for every seed, are computed once a process."""
    key = (str(row.pk), on, settings)
    if key not in _plans:
        scheme = scheme_of(row)
        if scheme is None:
            return None
        standard, bank = standard_of(row), bank_of(row.code)
        try:
            plan = make_plan(standard, bank, scheme=scheme, seed=seed, on=on, settings=settings)
        except NothingToAsk:
            return None
        if len(_plans) >= _KEPT:
            _plans.pop(next(iter(_plans)), None)
        _plans[key] = plan
    return replace(_plans[key], seed=seed)


def answers_of(assessment: SelfAssessment) -> tuple[Answer, ...]:
    """Return what was answered so far, in the order asked."""
    rows = assessment.answers.order_by("position").values_list("code", "answer")
    return tuple(Answer(code, tuple(chosen)) for code, chosen in rows)


def run_of(actor: access.Actor, assessment_id: UUID) -> SelfAssessment:
    """Return a run of the actor's.

    Raises:
        NotFound: it is nobody's or somebody else's.

    """
    access.find(actor, "assessment.read", SelfAssessment, assessment_id)
    return SelfAssessment.objects.select_related("standard").get(pk=assessment_id)


def question_page(
    actor: access.Actor, assessment_id: UUID, number: int | None = None
) -> QuestionPage:
    """Return the next question, or (by its number) one that was answered before.

    Raises:
        NotFound: it is somebody else's run, or there is no question of this number yet.
        AssessmentOutdated: the questions have changed since the run began.

    """
    assessment = run_of(actor, assessment_id)
    plan, given = plan_of(assessment), answers_of(assessment)
    following = next_question(plan, given)
    if number is not None and not 1 <= number <= len(given) + 1:
        raise access.NotFound("no such question")
    is_back = number is not None and number <= len(given)
    question = following
    chosen: tuple[str, ...] = ()
    if number is not None and is_back:
        earlier = given[number - 1]
        question, chosen = _question(plan, earlier.question, number), earlier.chosen
    progress = 1.0 if following is None else following.progress
    seconds = (1.0 - progress) * plan.settings.budget_seconds
    return QuestionPage(
        assessment=assessment,
        standard=plan.standard,
        question=question,
        chosen=chosen,
        number=number if number is not None and is_back else len(given) + 1,
        answered=len(given),
        percent=round(100 * progress),
        minutes_left=max(1, math.ceil(seconds / 60)),
    )


def _question(plan: Plan, code: str, number: int) -> Question:
    """Return a question as it was asked, whatever other answers have become since."""
    blank = Question(
        code=code,
        part="statement",
        unit="",
        level="",
        stem=LocalizedText(zh=""),
        choices=tuple(Choice(anchor.key, anchor.text) for anchor in ANCHORS),
        is_multiple=False,
        is_calibrated=False,
        number=number,
        seconds=plan.settings.statement_seconds,
        progress=0.0,
    )
    place = plan.places[code]
    if place < len(plan.statements):
        statement = plan.statements[place]
        stem, level = statement_text(statement.indicator), statement.indicator.level
        return replace(blank, unit=statement.unit, level=level, stem=stem)
    item = plan.items[place - len(plan.statements)]
    options = option_order(item, seed=plan.seed)
    return replace(
        blank,
        part="item",
        unit=item.unit,
        level=item.level,
        stem=item.stem,
        choices=tuple(Choice(option.key, option.text) for option in options),
        is_multiple=item.kind == "multiple-choice",
        is_calibrated=item.is_calibrated,
        seconds=plan.settings.item_seconds,
    )
