"""A finished self-assessment with what was right and why."""

from dataclasses import dataclass
from uuid import UUID

from liangcai.grading.self_assessment import ANCHORS, Answer
from liangcai.items import Item, Option, option_order, score_response
from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.assessment import (
    AssessmentOutdated,
    answers_of,
    bank_of,
    plan_of,
    run_of,
)
from liangcai.server.queries.standards import standard_of
from liangcai.server.store.models import SelfAssessment
from liangcai.server.store.models.assessments import AssessmentState
from liangcai.standard import Standard


@dataclass(frozen=True, slots=True)
class ReviewedOption:
    """One option of an item with what was marked and what is right."""

    option: Option
    chosen: bool


@dataclass(frozen=True, slots=True)
class ReviewedItem:
    """An answered item: what it earned and why each option is right or wrong."""

    item: Item
    score: float
    options: tuple[ReviewedOption, ...]

    @property
    def verdict(self) -> str:
        """One of "right", "partly" and "wrong"."""
        return "right" if self.score >= 1 else "partly" if self.score > 0 else "wrong"

    @property
    def is_skipped(self) -> bool:
        """Whether the person said that they do not know."""
        return not any(one.chosen for one in self.options)


@dataclass(frozen=True, slots=True)
class ReviewedStatement:
    """A statement and what the person said of it."""

    unit: str
    title: LocalizedText
    text: LocalizedText
    answer: LocalizedText


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything that was answered in a finished run."""

    assessment: SelfAssessment
    standard: Standard
    items: tuple[ReviewedItem, ...]
    statements: tuple[ReviewedStatement, ...]
    is_outdated: bool


def review_page(actor: access.Actor, assessment_id: UUID) -> ReviewPage:
    """Return a finished run with the answers and the reasons.

    Raises:
        NotFound: it is somebody else's run, or it is not finished.

    """
    assessment = run_of(actor, assessment_id)
    if assessment.state != AssessmentState.FINISHED:
        raise access.NotFound("the self-assessment is not finished")
    standard, bank = standard_of(assessment.standard), bank_of(assessment.standard.code)
    given = answers_of(assessment)
    items = {item.code: item for item in bank.items}
    answered = [(items[one.question], one) for one in given if one.question in items]
    indicators = {one.code: (unit, one) for unit in standard.units for one in unit.indicators}
    anchors = {anchor.key: anchor.text for anchor in ANCHORS}
    try:
        plan_of(assessment)
        is_outdated = False
    except AssessmentOutdated:
        is_outdated = True
    return ReviewPage(
        assessment=assessment,
        standard=standard,
        items=tuple(_reviewed(item, one, assessment.seed) for item, one in answered),
        statements=tuple(
            ReviewedStatement(unit.code, unit.title, indicator.text, anchors[one.chosen[0]])
            for one in given
            if one.question in indicators
            for unit, indicator in (indicators[one.question],)
        ),
        is_outdated=is_outdated,
    )


def _reviewed(item: Item, given: Answer, seed: int) -> ReviewedItem:
    known = [key for key in given.chosen if key in item.keys]
    options = tuple(
        ReviewedOption(option, option.key in known) for option in option_order(item, seed=seed)
    )
    return ReviewedItem(item, score_response(item, known).value, options)
