"""Conditional standard errors of measurement: how far a score may be off at its place on the scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.classical.coefficients import ReliabilityUndefined
from liangcai.measurement.classical.reliability import kr_21
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses, Scores
from liangcai.measurement.responses.moments import Missing, resolve_missing
from liangcai.measurement.results import Result


class CompleteScoresNeeded(LiangcaiError):
    """A person's own error of measurement needs scores on all items."""

    code = "measurement.classical.complete-scores-needed"


class ReliabilityOutOfRange(LiangcaiError):
    """A reliability must be from 0 to 1, and KR-21 below 1."""

    code = "measurement.classical.reliability-out-of-range"


class DegreeImpossible(LiangcaiError):
    """No polynomial has this degree."""

    code = "measurement.classical.degree-impossible"


class AbilityMissing(LiangcaiError):
    """An ability is not a number."""

    code = "measurement.classical.ability-missing"


@dataclass(frozen=True, slots=True)
class ConditionalErrors(Result):
    """Standard error of measurement (score points) at each total score, and how many persons have it."""

    title: ClassVar[str] = "Conditional standard error of measurement"

    method: str
    source: str
    score: Array
    standard_error: Array
    persons: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a score."""
        return {
            "score": self.score,
            "standard_error": self.standard_error,
            "persons": self.persons,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the root mean square error over persons, comparable with the overall one."""
        return {"over all persons": self.overall()}

    def overall(self) -> float:
        """Return the root mean square of the errors over persons; over scores where nobody is counted."""
        weight = self.persons if self.persons.sum() > 0.0 else np.ones(self.persons.size)
        return float(np.sqrt(weight @ self.standard_error**2 / weight.sum()))


def lord_errors(items: int) -> ConditionalErrors:
    """
    Return Lord's (1955, 1957) binomial errors √(x(J − x)/(J − 1)) of number-right scores 0 … J.

    Raises:
        ReliabilityUndefined: fewer than two items.
    """
    if items < 2:
        raise ReliabilityUndefined(f"{items} item: the binomial error needs at least two")
    score = np.arange(items + 1.0)
    variance = score * (items - score) / (items - 1.0)
    return ConditionalErrors(
        "binomial error model", "Lord (1955, 1957)", score, np.sqrt(variance), np.zeros(items + 1)
    )


def keats_errors(items: int, *, reliability: float, kr_21: float) -> ConditionalErrors:
    """
    Return Lord's errors times √((1 − reliability)/(1 − KR-21)) (Keats, 1957).

    So corrected, their mean square over persons agrees with the reliability that is reported.

    Raises:
        ReliabilityOutOfRange: the reliability is outside [0, 1], or KR-21 is not below 1.
    """
    if not (0.0 <= reliability <= 1.0 and kr_21 < 1.0):
        raise ReliabilityOutOfRange(
            f"reliability {reliability:g} and KR-21 {kr_21:g}: 0 ≤ reliability ≤ 1 and KR-21 < 1"
        )
    plain = lord_errors(items)
    factor = np.sqrt((1.0 - reliability) / (1.0 - kr_21))
    return ConditionalErrors(
        "binomial error model scaled to the reported reliability",
        "Keats (1957); Lord (1957)",
        plain.score,
        plain.standard_error * factor,
        plain.persons,
    )


def number_right_errors(
    responses: Responses, *, reliability: float, missing: Missing | None = None
) -> ConditionalErrors:
    """
    Return Keats' errors for dichotomous responses, with KR-21 and the count of persons from them.

    Raises:
        CompleteScoresNeeded: an item is not dichotomous, or scores are missing under this rule.
        ReliabilityUndefined: fewer than two items, or the totals do not vary.
    """
    scores, weight = _complete(responses, missing)
    if scores.max() > 1:
        raise CompleteScoresNeeded("an item has scores above 1: use feldt_qualls_errors")
    total = scores.sum(axis=1, dtype=np.int64)
    items, persons = scores.shape[1], weight.sum()
    mean = weight @ total / persons
    variance = weight @ (total - mean) ** 2 / persons
    plain = keats_errors(
        items,
        reliability=reliability,
        kr_21=kr_21(mean=float(mean), variance=float(variance), items=items),
    )
    counts = np.bincount(total, weights=weight, minlength=items + 1).astype(float)
    return ConditionalErrors(plain.method, plain.source, plain.score, plain.standard_error, counts)


def feldt_qualls_errors(
    responses: Responses, *, missing: Missing | None = None, degree: int | None = 2
) -> ConditionalErrors:
    """
    Return errors at each total score from the spread within persons (Feldt & Qualls, 1996).

    A person's error variance is J/(J − 1)·Σ(x_j − mean of item j − (person's mean − grand mean))²
    over J essentially tau-equivalent parts (here: items); averaged over persons it is the α error
    variance. `degree`: of the polynomial in the score that smooths the averages at each score; None
    leaves them unsmoothed. A fitted variance below 0 counts as 0. Only scores that somebody has are listed.

    Raises:
        CompleteScoresNeeded: scores are missing under this rule.
        ReliabilityUndefined: fewer than two items.
        DegreeImpossible: the degree is below 0.
    """
    if degree is not None and degree < 0:
        raise DegreeImpossible(f"a polynomial has a degree of 0 or more, not {degree}; or None")
    scores, weight = _complete(responses, missing)
    persons, items = weight.sum(), scores.shape[1]
    if items < 2:
        raise ReliabilityUndefined(f"{items} item: errors within persons need at least two")
    mean = weight @ scores / persons
    total = scores.sum(axis=1, dtype=np.int64)
    parts = [scores[start : start + 8_192] - mean for start in range(0, len(scores), 8_192)]
    within = np.concatenate([((part - part.mean(1, keepdims=True)) ** 2).sum(1) for part in parts])
    own = items / (items - 1.0) * within * persons / (persons - 1.0)
    counts = np.bincount(total, weights=weight).astype(float)
    score = np.flatnonzero(counts > 0.0)
    counts = counts[score]
    average = np.bincount(total, weights=weight * own)[score] / counts
    if degree is not None:
        reach = max(float(score.max() - score.min()), 1.0)
        powers = np.vander((score - score.min()) / reach, min(degree, score.size - 1) + 1)
        root = np.sqrt(counts)
        fitted = np.linalg.lstsq(powers * root[:, None], average * root, rcond=None)[0]
        average = powers @ fitted
    return ConditionalErrors(
        "spread of a person's item scores about the item means"
        + ("" if degree is None else f", smoothed by a polynomial of degree {degree}"),
        "Feldt & Qualls (1996)",
        score.astype(float),
        np.sqrt(np.maximum(average, 0.0)),
        counts,
    )


@dataclass(frozen=True, slots=True)
class ModelErrors(Result):
    """
    Errors that calibrated items imply at each ability.

    `expected` and `score_error`: mean and standard deviation of the total score given ability (points);
    `ability_error`: 1/√information (logits; infinite where there is no information).
    """

    title: ClassVar[str] = "Conditional standard error of measurement by ability"
    method: ClassVar[str] = "variance of the total score given ability; test information"
    source: ClassVar[str] = "Lord (1980); Kolen, Zeng & Hanson (1996)"

    theta: Array
    expected: Array
    score_error: Array
    ability_error: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row an ability."""
        return {
            "theta": self.theta,
            "expected": self.expected,
            "score_error": self.score_error,
            "ability_error": self.ability_error,
        }


def model_errors(items: ItemParameters, *, theta: Array) -> ModelErrors:
    """
    Return the conditional standard errors of the total score and of ability at `theta` (Q logits).

    Raises:
        AbilityMissing: an ability is NaN.
    """
    abilities = np.asarray(theta, dtype=float)
    if np.isnan(abilities).any():
        raise AbilityMissing(f"ability {int(np.argmax(np.isnan(abilities))) + 1} is NaN")
    curves = category_curves(items, abilities)
    scores = np.arange(curves.probability.shape[1], dtype=float)
    mean = curves.expected_score()
    square = np.einsum("k,jkq->jq", scores**2, curves.probability)
    information = curves.information().sum(axis=0)
    with np.errstate(divide="ignore"):
        ability_error = 1.0 / np.sqrt(information)
    return ModelErrors(
        theta=abilities,
        expected=mean.sum(axis=0),
        score_error=np.sqrt(np.maximum(square - mean**2, 0.0).sum(axis=0)),
        ability_error=ability_error,
    )


def _complete(responses: Responses, missing: Missing | None) -> tuple[Scores, Array]:
    kept = resolve_missing(responses, missing)
    if kept.has_missing:
        raise CompleteScoresNeeded(
            'use missing="complete" or "zero": pairs give no person an error'
        )
    weight = np.ones(kept.person_count) if kept.weights is None else kept.weights
    return kept.scores, weight
