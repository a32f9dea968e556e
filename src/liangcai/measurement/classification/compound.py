"""Compound rules: pass when every part reaches its cut and the weighted total reaches its own.

True scores of the parts are normal around the observed ones, with errors that may correlate. The
chance of meeting the rule is exact for one part, for a total alone, for independent errors where
the total cannot bind, and for two parts (Owen, 1956); else it is integrated by randomised
quasi-Monte-Carlo after conditioning part by part (Genz, 1992), with its own standard error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.classification.cuts import accuracy, consistency
from liangcai.measurement.classification.normal_regions import Region, chance_in
from liangcai.measurement.classification.tables import (
    ClassificationInvalid,
    CutTable,
    category_chances,
    checked_weights,
    cut_table,
    numbers,
    shares_by_category,
)
from liangcai.measurement.results import Result

_SINGULAR = 1e-10
#: A weighted total this close to its cut counts as on it: sums of shares are not exact.
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class CompoundRule:
    """The lowest score of each of P parts (−∞: none) and the lowest weighted total (None: none).

    `weights` (P, at least 0) are each part's share of the total; they may be left out where there
    is no total.
    """

    cuts: tuple[float, ...]
    weights: tuple[float, ...] = ()
    total: float | None = None

    def __post_init__(self) -> None:
        if not self.cuts or any(np.isnan(self.cuts)) or any(np.isposinf(self.cuts)):
            raise ClassificationInvalid("each part needs a cut: a number, or −∞ for none")
        if self.total is None and not self.weights:
            return
        finite = self.total is None or bool(np.isfinite(self.total))
        if len(self.weights) != len(self.cuts) or not finite:
            raise ClassificationInvalid("a total needs a finite cut and a weight for each part")
        if not all(0.0 <= weight < np.inf for weight in self.weights) or not any(self.weights):
            raise ClassificationInvalid(
                f"weights must be finite and at least 0, one of them above 0: {self.weights}"
            )

    def total_can_bind(self) -> bool:
        """Whether scores can reach every cut of the parts and still miss the total."""
        if self.total is None:
            return False
        reached = sum(w * c for w, c in zip(self.weights, self.cuts, strict=True) if w > 0.0)
        return reached < self.total - _TIE

    def met_by(self, scores: Array) -> Flags:
        """Return whether each row of scores (N × P) passes; a score on a cut does."""
        met = (scores >= np.array(self.cuts)).all(axis=1)
        if self.total is not None:
            met &= scores @ np.array(self.weights) >= self.total - _TIE
        return np.asarray(met)


@dataclass(frozen=True, slots=True)
class CompoundClassification(Result):
    """How sure a compound decision is for each of N persons, and overall.

    `chance` is that of truly meeting the rule and `chance_error` its standard error (0 where the
    chance is exact), `accuracy` that the decision is the true one, `consistency` that a second,
    parallel set of parts decides the same. `joint` and `agreement` are the 2 × 2 shares of
    `Classification`.
    """

    title: ClassVar[str] = "Accuracy and consistency of a compound rule"
    method: str
    source: str
    passed: Flags
    chance: Array
    chance_error: Array
    accuracy: Array
    consistency: Array
    joint: Array
    agreement: Array

    @property
    def overall(self) -> CutTable:
        """Accuracy, consistency, κ and the two errors of all persons together."""
        return cut_table(self.joint, self.agreement)

    @property
    def numerical_error(self) -> float:
        """An upper bound of the standard error that integration adds to the mean chance."""
        return float(self.chance_error.mean())

    def columns(self) -> Mapping[str, Any]:
        """Return one row a person."""
        return {
            "passed": self.passed,
            "chance": self.chance,
            "chance error": self.chance_error,
            "accuracy": self.accuracy,
            "consistency": self.consistency,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return pass rate, accuracy, consistency, κ, the two errors and the numerical error."""
        whole = self.overall
        return {
            "pass rate": float(self.joint[:, 1].sum()),
            "accuracy": whole.accuracy,
            "consistency": whole.consistency,
            "kappa": whole.kappa,
            "false positives": whole.false_positive,
            "false negatives": whole.false_negative,
            "numerical error": self.numerical_error,
        }


def compound(
    scores: npt.ArrayLike,
    se: npt.ArrayLike,
    *,
    rule: CompoundRule,
    correlations: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    points: int = 256,
    replicates: int = 8,
) -> CompoundClassification:
    """
    Return how sure a compound rule decides on persons with P part scores (N × P).

    `se` (N × P) are the parts' standard errors and `correlations` (P × P) those between errors,
    none where not given. `rng`, `points` (a power of 2) and `replicates` are used only where no
    exact form exists: three parts or more with a binding total or correlated errors.

    Raises:
        ClassificationInvalid: shapes differ, a score is missing, an error is not above 0,
            correlations are no positive definite correlation matrix, or the rule needs `rng`.
    """
    score, error = numbers(scores, "scores"), numbers(se, "errors")
    _check_parts(score, error, rule)
    weight = checked_weights(weights, score.shape[0])
    found = chance_in(
        Region(rule.cuts, rule.weights, rule.total if rule.total_can_bind() else None),
        mean=score,
        sd=error,
        correlations=_checked_correlations(correlations, len(rule.cuts)),
        rng=rng,
        points=points,
        replicates=replicates,
    )
    passed = rule.met_by(score)
    chances = category_chances(found.chance[:, None])
    category: Index = passed.astype(np.intp)
    return CompoundClassification(
        method=found.method,
        source=found.source,
        passed=passed,
        chance=found.chance,
        chance_error=found.error,
        accuracy=accuracy(found.chance, passed),
        consistency=consistency(found.chance),
        joint=shares_by_category(chances, category, weight=weight).T,
        agreement=chances.T @ (weight[:, None] * chances),
    )


def _check_parts(scores: Array, se: Array, rule: CompoundRule) -> None:
    parts = len(rule.cuts)
    if scores.ndim != 2 or scores.shape[1] != parts or se.shape != scores.shape:
        raise ClassificationInvalid(
            f"scores and errors must be persons × {parts} parts, not {scores.shape} and {se.shape}"
        )
    if not np.isfinite(scores).all():
        raise ClassificationInvalid("a part's score is missing: the rule needs every part")
    if not (np.isfinite(se) & (se > 0.0)).all():
        raise ClassificationInvalid("each part score needs a finite standard error above 0")


def _checked_correlations(correlations: npt.ArrayLike | None, parts: int) -> Array:
    if correlations is None:
        return np.eye(parts)
    matrix = numbers(correlations, "correlations")
    right = matrix.shape == (parts, parts) and bool(np.isfinite(matrix).all())
    if not right or not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1.0):
        raise ClassificationInvalid(f"correlations must be a symmetric {parts} × {parts} matrix")
    if np.linalg.eigvalsh(matrix)[0] < _SINGULAR:
        raise ClassificationInvalid("error correlations must be positive definite")
    return matrix
