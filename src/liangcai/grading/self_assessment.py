"""The adaptive self-assessment: start, next question, finish; no state but the answers.

Part one asks behaviourally anchored statements about the person's own work, part two is an adaptive
knowledge test. The outcome is indicative: never a decision, never a credential. How it works and
what it assumes: `docs/explanation/self-assessment.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from liangcai.grading.self_assessment_plan import (
    ANCHORS,
    UPWARDS,
    NothingToAsk,
    Plan,
    Settings,
    start,
    statement_text,
)
from liangcai.grading.self_assessment_result import (
    EvidenceWay,
    MissingEvidence,
    SelfAssessmentResult,
    finish,
)
from liangcai.grading.self_assessment_standing import (
    Answer,
    AnsweredTwice,
    Given,
    InvalidAnswer,
    UnknownQuestion,
    read_answers,
    standing,
)
from liangcai.items import option_order
from liangcai.kernel.chance import draw
from liangcai.kernel.text import LocalizedText
from liangcai.measurement.adaptive.content import most_wanted
from liangcai.measurement.adaptive.criteria import (
    expected_information,
    expected_variance,
    one_of_the_best,
)
from liangcai.measurement.adaptive.stopping import StoppingRule
from liangcai.measurement.adaptive.tables import mean_and_se
from liangcai.measurement.arrays import Array, Index

__all__ = [
    "ANCHORS",
    "Answer",
    "AnsweredTwice",
    "Choice",
    "EvidenceWay",
    "InvalidAnswer",
    "MissingEvidence",
    "NothingToAsk",
    "Plan",
    "Question",
    "SelfAssessmentResult",
    "Settings",
    "UnknownQuestion",
    "finish",
    "next_question",
    "start",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer on offer."""

    key: str
    text: LocalizedText


@dataclass(frozen=True, slots=True)
class Question:
    """What to show next. `progress` is the share of the time budget used so far, 0 to 1."""

    code: str
    part: Literal["statement", "item"]
    unit: str
    level: str
    stem: LocalizedText
    choices: tuple[Choice, ...]
    is_multiple: bool
    is_calibrated: bool
    number: int
    seconds: int
    progress: float


def next_question(plan: Plan, answers: Sequence[Answer]) -> Question | None:
    """Return the question that follows these answers, or None at the end.

    It is computed from the plan and the answers alone: stored answers are all that is needed to
    resume, and the same answers always lead to the same question.

    Raises:
        UnknownQuestion, AnsweredTwice, InvalidAnswer: the answers are not this plan's.
        UnknownKey, RepeatedKey, TooManyKeys: a response does not fit its item.

    """
    statements, items = read_answers(plan, answers)
    spent = _seconds(plan, statements, items)
    progress = min(1.0, spent / plan.settings.budget_seconds)
    number = len(answers) + 1
    if not items.places.size and (place := _next_statement(plan, statements)) is not None:
        return _statement_question(plan, place, number, progress)
    if (place := _next_item(plan, statements, items, spent)) is not None:
        return _item_question(plan, place, number, progress)
    return None


def _seconds(plan: Plan, statements: Given, items: Given) -> int:
    settings = plan.settings
    return (
        statements.places.size * settings.statement_seconds
        + items.places.size * settings.item_seconds
    )


def _next_statement(plan: Plan, given: Given) -> int | None:
    settings, grid = plan.settings, plan.compiled.grid
    spent = given.places.size * settings.statement_seconds
    if spent + settings.statement_seconds > settings.statement_share * settings.budget_seconds:
        return None
    asked = np.bincount(plan.statement_unit[given.places], minlength=len(plan.compiled.units))
    stock = np.bincount(plan.statement_unit, minlength=len(plan.compiled.units))
    untouched = np.flatnonzero((asked == 0) & (stock > 0))
    if untouched.size:
        middle = (len(plan.compiled.levels) - 1) / 2
        return _nearest_statement(plan, given, int(untouched[0]), middle)
    _, se = mean_and_se(grid, standing(plan, plan.statement_pool, plan.statement_unit, given).units)
    unsure = (
        (asked < np.minimum(stock, settings.statements_per_unit))
        & (stock > 0)
        & (se > settings.statement_target_se)
    )
    if not unsure.any():
        return None
    unit = int(np.argmax(np.where(unsure, np.round(se, 9), -np.inf)))
    last = int(np.flatnonzero(plan.statement_unit[given.places] == unit)[-1])
    step = 1 if int(np.argmax(given.shares[last])) >= UPWARDS else -1
    rank = plan.statements[int(given.places[last])].rank
    return _nearest_statement(plan, given, unit, rank + step)


def _nearest_statement(plan: Plan, given: Given, unit: int, rank: float) -> int:
    """Return an unasked statement of the unit at the level nearest to `rank`, one of several by draw."""
    asked = set(given.places.tolist())
    left = [int(place) for place in np.flatnonzero(plan.statement_unit == unit)]
    return min(
        (place for place in left if place not in asked),
        key=lambda place: (
            abs(plan.statements[place].rank - rank),
            draw(plan.seed, "statement", plan.statements[place].code),
        ),
    )


def _next_item(plan: Plan, statements: Given, given: Given, spent: int) -> int | None:
    settings, compiled = plan.settings, plan.compiled
    if (
        given.places.size >= settings.items_most
        or spent + settings.item_seconds > settings.budget_seconds
    ):
        return None
    tested = standing(plan, plan.item_pool, plan.item_unit, given).elements
    _, se = mean_and_se(compiled.grid, tested)
    left = np.ones(len(plan.items), dtype=bool)
    left[given.places] = False
    left[[enemy for place in given.places.tolist() for enemy in plan.item_enemies[place]]] = False
    element_of_item = compiled.element_of_unit[plan.item_unit]
    asked = np.bincount(element_of_item[given.places], minlength=len(compiled.elements))
    rule = StoppingRule(
        target_se=settings.item_target_se,
        fewest=settings.items_fewest_per_element,
        most=settings.items_most,
    )
    unsure = [
        element
        for element in np.unique(element_of_item[left]).tolist()
        if not rule.is_met(se=float(se[element]), asked=int(asked[element]))
    ]
    if not unsure:
        return None
    element = max(unsure, key=lambda place: (round(float(se[place]), 9), -place))
    mass = _routing_mass(plan, statements, tested[element], element)
    places = _balanced(plan, given, np.flatnonzero(left & (element_of_item == element)))
    chance = draw(plan.seed, "item", int(given.places.size))
    merit = _merit(plan, mass)[places]
    return int(places[one_of_the_best(merit, among=settings.items_among, chance=chance)])


def _balanced(plan: Plan, given: Given, places: Index) -> Index:
    """Return those of the items `places` whose units lag most behind an even share of the test."""
    units = np.unique(plan.item_unit[places])
    counts = np.bincount(plan.item_unit[given.places], minlength=len(plan.compiled.units))
    shares = np.full(units.size, 1.0 / units.size)
    wanted = units[most_wanted(shares, counts[units], np.ones(units.size, dtype=bool))]
    return places[np.isin(plan.item_unit[places], wanted)]


def _routing_mass(plan: Plan, statements: Given, tested: Array, element: int) -> Array:
    """Return the posterior to choose items by: what was tested, begun from what the person says.

    Self-ratings correlate weakly with tested ability (about 0.3: Mabe & West, 1982; Zell & Krizan,
    2014). They choose the first items; no estimate contains them.
    """
    nodes, r = plan.compiled.grid.nodes, plan.settings.self_rating_correlation
    rated = standing(plan, plan.statement_pool, plan.statement_unit, statements).elements[element]
    start_at = r * float(rated @ nodes)
    tilt = 0.5 * nodes**2 - 0.5 * (nodes - start_at) ** 2 / (1.0 - r * r)
    mass = tested * np.exp(tilt - tilt.max())
    return np.asarray(mass / mass.sum(), dtype=float)


def _merit(plan: Plan, mass: Array) -> Array:
    if plan.settings.criterion == "expected-information":
        return expected_information(plan.element_pool, mass)
    return -expected_variance(plan.element_pool, mass, plan.compiled.grid)


def _statement_question(plan: Plan, place: int, number: int, progress: float) -> Question:
    statement = plan.statements[place]
    return Question(
        code=statement.code,
        part="statement",
        unit=statement.unit,
        level=statement.indicator.level,
        stem=statement_text(statement.indicator),
        choices=tuple(Choice(anchor.key, anchor.text) for anchor in ANCHORS),
        is_multiple=False,
        is_calibrated=False,
        number=number,
        seconds=plan.settings.statement_seconds,
        progress=progress,
    )


def _item_question(plan: Plan, place: int, number: int, progress: float) -> Question:
    item = plan.items[place]
    options = option_order(item, seed=plan.seed)
    return Question(
        code=item.code,
        part="item",
        unit=item.unit,
        level=item.level,
        stem=item.stem,
        choices=tuple(Choice(option.key, option.text) for option in options),
        is_multiple=item.kind == "multiple-choice",
        is_calibrated=item.is_calibrated,
        number=number,
        seconds=plan.settings.item_seconds,
        progress=progress,
    )
