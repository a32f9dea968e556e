"""Where a person stands after some answers of a self-assessment, computed from the answers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.grading.self_assessment_plan import ANCHORS, Plan
from liangcai.items import score_response
from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.tables import Pool, log_likelihoods
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fractional.hierarchy import posteriors

_ANCHOR_PLACES = {anchor.key: place for place, anchor in enumerate(ANCHORS)}


class UnknownQuestion(LiangcaiError):
    """An answer is to a question that this plan does not have."""

    code = "self-assessment.unknown-question"


class AnsweredTwice(LiangcaiError):
    """Two answers are to the same question."""

    code = "self-assessment.answered-twice"


class InvalidAnswer(LiangcaiError):
    """A statement was not answered with exactly one of the four anchors."""

    code = "self-assessment.invalid-answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person chose: one anchor's key for a statement, option keys (or none) for an item."""

    question: str
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Answers to one part in the order given: places in the plan, shares over categories."""

    places: Index
    shares: Array


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Posterior masses over the grid: a row per element and a row per unit."""

    elements: Array
    units: Array


def read_answers(plan: Plan, answers: Sequence[Answer]) -> tuple[Given, Given]:
    """Return the answers to statements and the answers to items.

    Raises:
        UnknownQuestion, AnsweredTwice, InvalidAnswer: see there.
        UnknownKey, RepeatedKey, TooManyKeys: a response does not fit its item.

    """
    seen: set[str] = set()
    statements: dict[int, list[float]] = {}
    items: dict[int, list[float]] = {}
    for answer in answers:
        if answer.question in seen:
            raise AnsweredTwice(f"{answer.question} is answered twice")
        seen.add(answer.question)
        place = plan.places.get(answer.question)
        if place is None:
            raise UnknownQuestion(f"this self-assessment has no question {answer.question!r}")
        if place < len(plan.statements):
            statements[place] = _anchor_shares(answer)
        else:
            place -= len(plan.statements)
            value = score_response(plan.items[place], answer.chosen).value
            items[place] = [1.0 - value, value]
    return _given(statements, len(ANCHORS)), _given(items, 2)


def _anchor_shares(answer: Answer) -> list[float]:
    if len(answer.chosen) != 1 or answer.chosen[0] not in _ANCHOR_PLACES:
        known = ", ".join(_ANCHOR_PLACES)
        raise InvalidAnswer(f"{answer.question} is answered by one of {known}")
    chosen = _ANCHOR_PLACES[answer.chosen[0]]
    return [float(place == chosen) for place in range(len(ANCHORS))]


def _given(shares: dict[int, list[float]], categories: int) -> Given:
    places = np.array(list(shares), dtype=np.intp)
    return Given(places, np.array(list(shares.values()), dtype=float).reshape(-1, categories))


def standing(plan: Plan, pool: Pool, units: Index, given: Given) -> Standing:
    """Return the posteriors after the answers to one part; units borrow strength from their element.

    `units` holds the unit of every question of `pool`. The model is that of the profile
    (`measurement.fractional.hierarchy`), with the unit spread of the scheme.
    """
    compiled = plan.compiled
    likelihood, asked = unit_likelihoods(pool, units, given)
    found = posteriors(
        likelihood,
        compiled.element_of_unit[asked],
        groups=len(compiled.elements),
        grid=compiled.grid,
        kernel=compiled.kernel,
    )
    masses = found.unobserved[compiled.element_of_unit]
    masses[asked] = found.member
    return Standing(found.group, masses)


def unit_likelihoods(pool: Pool, units: Index, given: Given) -> tuple[Array, Index]:
    """Return the log-likelihood of each unit that has an answer, and these units in rising order."""
    rows = log_likelihoods(pool, given.places, given.shares)
    asked, where = np.unique(units[given.places], return_inverse=True)
    sums = np.zeros((asked.size, rows.shape[1]))
    np.add.at(sums, where, rows)
    return sums, asked
