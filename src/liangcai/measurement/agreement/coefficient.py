"""A coefficient of agreement with its base rates, and how it is resampled over persons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from liangcai.measurement.agreement.ratings import AgreementUndefined, Patterns, RatingsInvalid
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.results import Result

#: Weights of the patterns (B × P, persons of each) to coefficient, observed and expected agreement (B each).
Statistic = Callable[[Array], tuple[Array, Array, Array]]
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """
    The request for an interval: persons are drawn with replacement `replications` times.

    `percentile` is Efron (1979); `bca`, the default, corrects bias and acceleration (Efron, 1987).
    """

    rng: np.random.Generator
    replications: int = 2000
    level: float = 0.95
    method: Literal["bca", "percentile"] = "bca"

    def __post_init__(self) -> None:
        if not self.replications >= 50 or not 0.0 < self.level < 1.0:
            raise RatingsInvalid("a bootstrap needs at least 50 replications and a level in (0, 1)")
        if self.method not in {"bca", "percentile"}:
            raise RatingsInvalid(f"interval {self.method!r} is unknown: bca or percentile")


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap interval; `undefined` counts replications in which the coefficient does not exist."""

    lower: float
    upper: float
    level: float
    method: str
    replications: int
    undefined: int


@dataclass(frozen=True, slots=True)
class Agreement(Result):
    """
    A coefficient of agreement with everything needed to judge it.

    `observed` and `expected` are the (weighted) agreement seen and by chance; `standard_error` is
    over persons, NaN where it does not exist (one person); `base_rates` is K categories × R
    raters, NaN for a rater without ratings; `findings` say what weakens the coefficient.
    """

    title: ClassVar[str] = "Agreement of raters"
    coefficient: str
    method: str
    source: str
    value: float
    observed: float
    expected: float
    standard_error: float
    interval: Interval | None
    persons: int
    ratings: int
    categories: tuple[str, ...]
    base_rates: Array
    findings: tuple[str, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return each category's base rate for each rater."""
        rates = {f"rater {n + 1}": column for n, column in enumerate(self.base_rates.T)}
        return {"category": self.categories, **rates}

    def facts(self) -> Mapping[str, Any]:
        """Return the coefficient, its error, its interval and the agreement behind it."""
        bounds = {} if self.interval is None else {"interval": _bounds(self.interval)}
        notes = {f"finding {n + 1}": text for n, text in enumerate(self.findings)}
        return {
            self.coefficient: self.value,
            "standard error": self.standard_error,
            **bounds,
            "observed agreement": self.observed,
            "agreement by chance": self.expected,
            "persons": self.persons,
            "ratings": self.ratings,
            **notes,
        }


def _bounds(interval: Interval) -> str:
    return f"{interval.lower:.6g} to {interval.upper:.6g} ({interval.level:.0%}, {interval.method})"


def jackknife(statistic: Statistic, patterns: Patterns) -> tuple[float, float]:
    """Return standard error and acceleration from leaving out one person at a time (Efron & Stein, 1981)."""
    if patterns.persons < 2:
        return np.nan, 0.0
    size = len(patterns.counts)
    values = np.concatenate(
        [
            statistic(patterns.counts - np.eye(stop - start, size, start))[0]
            for start, stop in _spans(size, size)
        ]
    )
    return jackknife_moments(values, patterns.counts)


def jackknife_moments(values: Array, counts: Index) -> tuple[float, float]:
    """Return the same from the `values` without one person of each pattern, and the persons of each."""
    persons = int(counts.sum())
    exists = np.isfinite(values)
    weights = np.where(exists, counts, 0)
    left = np.where(exists, values, 0.0)
    if weights.sum() < 2:
        return np.nan, 0.0
    apart = (weights @ left) / weights.sum() - left
    squares = float(weights @ apart**2)
    error = np.sqrt((persons - 1) / persons * squares)
    skew = float(weights @ apart**3) / (6.0 * squares**1.5) if squares > 0 else 0.0
    return float(error), skew


def bootstrap_interval(
    statistic: Statistic, patterns: Patterns, plan: Bootstrap, *, value: float
) -> Interval:
    """
    Return the interval of a statistic; persons of one pattern are drawn together.

    Raises:
        AgreementUndefined: the coefficient exists in fewer than half of the replications.
    """
    values = drawn(lambda weights: statistic(weights)[0], patterns.counts, plan)
    acceleration = jackknife(statistic, patterns)[1] if plan.method == "bca" else 0.0
    return interval_from(values, plan, value=value, acceleration=acceleration)


def drawn(statistic: Callable[[Array], Array], counts: Index, plan: Bootstrap) -> Array:
    """Return a statistic (of weights B × P) for every replication, persons drawn with replacement."""
    persons = int(counts.sum())
    draws = [
        statistic(plan.rng.multinomial(persons, counts / persons, size=stop - start).astype(float))
        for start, stop in _spans(plan.replications, counts.size)
    ]
    return np.concatenate(draws)


def interval_from(values: Array, plan: Bootstrap, *, value: float, acceleration: float) -> Interval:
    """
    Return the interval of a coefficient that is `value` from its `values` in the replications.

    Raises:
        AgreementUndefined: fewer than half of them exist.
    """
    held = np.sort(values[np.isfinite(values)])
    if held.size < plan.replications / 2:
        raise AgreementUndefined(
            f"the coefficient does not exist in {plan.replications - held.size} of "
            f"{plan.replications} resamples: report it without an interval"
        )
    tails = np.array([(1.0 - plan.level) / 2.0, (1.0 + plan.level) / 2.0])
    if plan.method == "bca" and held[0] < held[-1]:
        tails = _corrected(tails, held, value=value, acceleration=acceleration)
    lower, upper = np.quantile(held, tails)
    return Interval(
        float(lower),
        float(upper),
        plan.level,
        plan.method,
        plan.replications,
        plan.replications - held.size,
    )


def _corrected(tails: Array, held: Array, *, value: float, acceleration: float) -> Array:
    # Half of the ties counts as below, as suits a statistic with few values.
    below = (held < value).sum() + 0.5 * (held == value).sum()
    share = np.clip(below / held.size, 0.5 / held.size, 1.0 - 0.5 / held.size)
    bias = ndtri(share)
    moved = bias + ndtri(tails)
    return np.asarray(ndtr(bias + moved / (1.0 - acceleration * moved)), dtype=float)


def _spans(rows: int, width: int) -> list[tuple[int, int]]:
    step = max(1, _CELLS // max(width, 1))
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]
