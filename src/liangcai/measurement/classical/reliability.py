"""Reliability of a total score: α with Feldt's interval, KR-20 and KR-21, Guttman's bounds, ω."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import f as f_distribution

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.classical.coefficients import (
    BOUNDS,
    ReliabilityUndefined,
)
from liangcai.measurement.classical.one_factor import FactorNotFound, one_factor
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.moments import (
    ItemMoments,
    Missing,
    TooFewObservations,
    item_moments,
    resolve_missing,
)
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level


class TooFewReplications(LiangcaiError):
    """A bootstrap of so few replications has no spread."""

    code = "measurement.classical.too-few-replications"


@dataclass(frozen=True, slots=True)
class Reliability(Result):
    """
    Reliability coefficients of one total score, one row each.

    `sem`: standard error of measurement s·√(1 − coefficient), in score points. `standard_error`,
    `lower` and `upper` are NaN where this method offers none. `omega` is NaN (it does not exist) with
    fewer than three items or without a one-factor solution.
    """

    title: ClassVar[str] = "Reliability"

    method: str
    source: str
    coefficient: tuple[str, ...]
    value: Array
    standard_error: Array
    lower: Array
    upper: Array
    sem: Array
    persons: float
    items: int
    mean: float
    deviation: float
    confidence: float
    missing: str

    def columns(self) -> Mapping[str, Any]:
        """Return one row a coefficient."""
        return {
            "coefficient": self.coefficient,
            "value": self.value,
            "standard_error": self.standard_error,
            "lower": self.lower,
            "upper": self.upper,
            "sem": self.sem,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the size of the sample and the moments of the total score."""
        return {
            "persons": self.persons,
            "items": self.items,
            "mean": self.mean,
            "standard deviation": self.deviation,
            "confidence": self.confidence,
            "missing": self.missing,
        }

    def of(self, coefficient: str) -> float:
        """Return the value of the named coefficient (ValueError if it is not in the table)."""
        return float(self.value[list(self.coefficient).index(coefficient)])


def reliability(
    responses: Responses, *, missing: Missing | None = None, confidence: float = 0.95
) -> Reliability:
    """
    Return α, Guttman's bounds and ω of the sum of the items; KR-20 and KR-21 if they are dichotomous.

    α (and KR-20) has the interval of Feldt (1965), exact for normal parallel scores, and, when no score
    is missing, the distribution-free standard error of Maydeu-Olivares, Coffman & Hartmann (2007).
    Under "pairwise" the interval rests on the fewest persons that answered any pair of items.
    ω is that of one factor by minimum residuals.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        ReliabilityUndefined: fewer than two items, or the totals do not vary.
        LevelImpossible: `confidence` is not between 0 and 1.
    """
    checked_level(confidence)
    kept = resolve_missing(responses, missing)
    moments = item_moments(kept, missing=missing)
    estimates = _coefficients(kept, moments)
    count = len(estimates)
    errors, lower, upper = (np.full(count, np.nan) for _ in range(3))
    interval = feldt_interval(
        estimates["alpha"], persons=moments.persons, items=kept.item_count, confidence=confidence
    )
    error = float("nan") if kept.has_missing else _alpha_error(kept, moments)
    for place, name in enumerate(estimates):
        if name in {"alpha", "KR-20"}:
            lower[place], upper[place], errors[place] = *interval, error
    return _table(
        estimates,
        errors=(errors, lower, upper),
        moments=moments,
        method="covariances of the items; Feldt interval; distribution-free error of α",
        source=(
            "Cronbach (1951); Guttman (1945); Kuder & Richardson (1937); Feldt (1965); McDonald (1999); "
            "Maydeu-Olivares, Coffman & Hartmann (2007)"
        ),
        confidence=confidence,
        missing=missing,
    )


def bootstrap_reliability(
    responses: Responses,
    *,
    rng: np.random.Generator,
    replications: int = 500,
    missing: Missing | None = None,
    confidence: float = 0.95,
) -> Reliability:
    """
    Return the coefficients of `reliability` with bootstrap standard errors and percentile intervals.

    Persons are drawn with replacement (Efron, 1979), weights counting as persons. A replicate in which a
    coefficient does not exist does not count for that coefficient.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        ReliabilityUndefined: fewer than two items, or the totals do not vary.
        TooFewReplications: fewer than two replications.
        LevelImpossible: `confidence` is not between 0 and 1.
    """
    checked_level(confidence)
    if replications < 2:
        raise TooFewReplications(f"{replications} replications: an error needs at least two")
    kept = resolve_missing(responses, missing)
    moments = item_moments(kept, missing=missing)
    estimates = _coefficients(kept, moments)
    replicates = np.full((replications, len(estimates)), np.nan)
    weight = np.ones(kept.person_count) if kept.weights is None else kept.weights
    persons = round(float(weight.sum()))
    for row in replicates:
        drawn = rng.multinomial(persons, weight / weight.sum()).astype(float)
        sample = Responses(kept.scores, kept.items, weights=drawn)
        try:
            row[:] = list(_coefficients(sample, item_moments(sample, missing=missing)).values())
        except (ReliabilityUndefined, TooFewObservations):
            continue
    tail = (1.0 - confidence) / 2.0
    errors, lower, upper = (np.full(len(estimates), np.nan) for _ in range(3))
    for place, column in enumerate(replicates.T):
        found = column[np.isfinite(column)]
        if found.size > 1:
            errors[place] = found.std(ddof=1)
            lower[place], upper[place] = np.quantile(found, [tail, 1.0 - tail])
    return _table(
        estimates,
        errors=(errors, lower, upper),
        moments=moments,
        method=f"covariances of the items; bootstrap of persons, {replications} replications",
        source="Guttman (1945); Kuder & Richardson (1937); McDonald (1999); Efron (1979)",
        confidence=confidence,
        missing=missing,
    )


def feldt_interval(
    coefficient: float, *, persons: float, items: int, confidence: float = 0.95
) -> tuple[float, float]:
    """
    Return the lower and the upper limit for α (Feldt, 1965).

    (1 − α)/(1 − α̂) follows F with N − 1 and (N − 1)(J − 1) degrees of freedom.

    Raises:
        ReliabilityUndefined: one person or one item.
        LevelImpossible: `confidence` is not between 0 and 1.
    """
    if not (persons > 1 and items > 1):
        raise ReliabilityUndefined(f"{persons:g} persons and {items} items have no interval of α")
    checked_level(confidence)
    degrees = (persons - 1.0, (persons - 1.0) * (items - 1.0))
    tail = (1.0 - confidence) / 2.0
    high, low = f_distribution.ppf([1.0 - tail, tail], *degrees)
    return 1.0 - (1.0 - coefficient) * float(high), 1.0 - (1.0 - coefficient) * float(low)


def kr_21(*, mean: float, variance: float, items: int) -> float:
    """
    Return KR-21 (Kuder & Richardson, 1937) of a number-right score; `variance` has the divisor N.

    Raises:
        ReliabilityUndefined: fewer than two items, no variance, or a mean outside 0 to `items`.
    """
    if items < 2 or not (variance > 0.0 and 0.0 <= mean <= items):
        raise ReliabilityUndefined(
            f"KR-21 of {items} items with mean {mean:g} and variance {variance:g} does not exist"
        )
    return items / (items - 1.0) * (1.0 - mean * (items - mean) / (items * variance))


def _coefficients(responses: Responses, moments: ItemMoments) -> dict[str, float]:
    covariance = moments.covariance
    found = {name: bound(covariance) for name, bound in BOUNDS.items()}
    try:
        found["omega"] = one_factor(covariance, estimator="minres").omega
    except FactorNotFound:
        found["omega"] = float("nan")
    if responses.highest_scores().max() <= 1:
        persons, whole = moments.persons, float(covariance.sum())
        found["KR-20"] = found["alpha"]
        found["KR-21"] = kr_21(
            mean=float(moments.mean.sum()),
            variance=whole * (persons - 1.0) / persons,
            items=responses.item_count,
        )
    return found


def _alpha_error(responses: Responses, moments: ItemMoments) -> float:
    """Delta method on A = Σ var and B = var of the total: both are means over persons."""
    weight = np.ones(responses.person_count) if responses.weights is None else responses.weights
    persons, items = float(weight.sum()), responses.item_count
    total = responses.scores.sum(axis=1, dtype=np.int64) - moments.mean.sum()
    squares = np.concatenate(
        [
            np.einsum("nj,nj->n", centred, centred)
            for block in responses.blocks(8_192)
            for centred in [block - moments.mean]
        ]
    )
    within, whole = weight @ squares / persons, weight @ total**2 / persons
    influence = squares / whole - within * total**2 / whole**2
    spread = weight @ influence**2 / persons
    return float(items / (items - 1.0) * np.sqrt(spread / persons))


def _table(
    estimates: Mapping[str, float],
    *,
    errors: tuple[Array, Array, Array],
    moments: ItemMoments,
    method: str,
    source: str,
    confidence: float,
    missing: Missing | None,
) -> Reliability:
    value = np.array(list(estimates.values()))
    deviation = float(np.sqrt(moments.covariance.sum()))
    return Reliability(
        method=method,
        source=source,
        coefficient=tuple(estimates),
        value=value,
        standard_error=errors[0],
        lower=errors[1],
        upper=errors[2],
        sem=deviation * np.sqrt(np.clip(1.0 - value, 0.0, None)),
        persons=moments.persons,
        items=len(moments.items),
        mean=float(moments.mean.sum()),
        deviation=deviation,
        confidence=confidence,
        missing=missing or "none",
    )
