"""Split halves, the length of a test, and α of a test that has parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.classical.coefficients import (
    ReliabilityUndefined,
    alpha,
    best_split,
    half_correlation,
    split_coefficient,
)
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.moments import Missing, item_moments
from liangcai.measurement.results import Result


class StrataInvalid(LiangcaiError):
    """The strata do not divide the items into groups of at least two."""

    code = "measurement.classical.strata-invalid"


@dataclass(frozen=True, slots=True)
class SplitHalves(Result):
    """
    Split-half reliability by first and last items, odd and even items, and the best split.

    `correlation` of the halves; `spearman_brown`: stepped up to full length; `rulon`:
    4·covariance/variance, which needs no equal variances. `halves` (rows × J): +1 and −1. NaN (it does
    not exist): the correlation with a half that does not vary, and the stepped-up −1.
    """

    title: ClassVar[str] = "Split-half reliability"
    method: ClassVar[str] = "correlation and covariance of two halves; best split by search"
    source: ClassVar[str] = "Spearman (1910); Brown (1910); Rulon (1939); Guttman (1945)"

    split: tuple[str, ...]
    correlation: Array
    spearman_brown: Array
    rulon: Array
    halves: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a way of splitting."""
        return {
            "split": self.split,
            "correlation": self.correlation,
            "spearman_brown": self.spearman_brown,
            "rulon": self.rulon,
        }


def split_halves(responses: Responses, *, missing: Missing | None = None) -> SplitHalves:
    """
    Return split-half reliabilities of the sum of the items.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        ReliabilityUndefined: fewer than two items, or the totals do not vary.
    """
    covariance = item_moments(responses, missing=missing).covariance
    best = best_split(covariance)
    place = np.arange(len(covariance))
    splits = {
        "first and last": np.where(place < (len(covariance) + 1) // 2, 1.0, -1.0),
        "odd and even": 1.0 - 2.0 * (place % 2),
        "best": best,
    }
    correlation = np.array([half_correlation(covariance, signs) for signs in splits.values()])
    return SplitHalves(
        split=tuple(splits),
        correlation=correlation,
        spearman_brown=_stepped_up(correlation),
        rulon=np.array([split_coefficient(covariance, signs) for signs in splits.values()]),
        halves=np.stack(list(splits.values())),
    )


def _stepped_up(correlation: Array) -> Array:
    exists = correlation > -1.0 + 1e-12
    return np.where(exists, 2.0 * correlation / np.where(exists, 1.0 + correlation, 1.0), np.nan)


def spearman_brown(coefficient: float, *, factor: float) -> float:
    """
    Return the reliability of a test `factor` times as long (Spearman, 1910; Brown, 1910).

    Raises:
        ReliabilityUndefined: the factor is not positive, or no test of that length has a reliability.
    """
    whole = 1.0 + (factor - 1.0) * coefficient
    if not (0.0 < factor < np.inf and whole > 0.0):
        raise ReliabilityUndefined(
            f"a test {factor:g} times as long as one of reliability {coefficient:g} does not exist"
        )
    return factor * coefficient / whole


def stratified_alpha(
    responses: Responses, *, strata: Sequence[str], missing: Missing | None = None
) -> float:
    """
    Return stratified α (Rajaratnam, Cronbach & Gleser, 1965): 1 − Σ var_s(1 − α_s) / var of the total.

    `strata` (J) names the part that each item belongs to.

    Raises:
        StrataInvalid: a stratum has one item only, or there is not one name an item.
        ReliabilityUndefined: the totals do not vary.
    """
    if len(strata) != responses.item_count:
        raise StrataInvalid(f"{len(strata)} strata for {responses.item_count} items")
    covariance = item_moments(responses, missing=missing).covariance
    alpha(covariance)
    names, of_item, sizes = np.unique(np.asarray(strata), return_inverse=True, return_counts=True)
    if sizes.min() < 2:
        raise StrataInvalid(f"stratum {names[sizes.argmin()]!r} has one item; α needs two or more")
    error = 0.0
    for stratum in range(names.size):
        rows = np.flatnonzero(of_item == stratum)
        part = covariance[np.ix_(rows, rows)]
        # var(1 − α) = (J·Σ item variances − var) / (J − 1), which also holds when the part is constant.
        error += (len(rows) * float(np.trace(part)) - float(part.sum())) / (len(rows) - 1.0)
    return 1.0 - error / float(covariance.sum())
