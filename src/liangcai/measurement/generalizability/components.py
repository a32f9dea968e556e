"""Variance components of a measurement design: how much of the scores is due to each of its effects."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.generalizability.balanced import MeanSquares, mean_squares
from liangcai.measurement.generalizability.blocks import blocks_of
from liangcai.measurement.generalizability.design import Design, read_design
from liangcai.measurement.generalizability.likelihood import (
    Maximum,
    Point,
    maximise,
)
from liangcai.measurement.generalizability.observations import (
    Observations,
    ObservationsInvalid,
    observed,
)
from liangcai.measurement.results import Result

Method = Literal["reml", "anova"]
_METHODS = {
    "reml": "restricted maximum likelihood, components at least 0",
    "anova": "expected mean squares of a balanced design, components may be negative",
}
_SOURCES = {
    "reml": "Patterson & Thompson (1971); Gilmour, Thompson & Cullis (1995)",
    "anova": "Cronbach et al. (1972); Brennan (2001)",
}


@dataclass(frozen=True, slots=True)
class VarianceComponents(Result):
    """
    The variance of each effect of a design, the residual last.

    `variance` (E) may be negative by ANOVA only. `covariance` (E × E) is that of the estimates;
    `standard_errors` are NaN, as they do not exist, for a component at the boundary 0. `levels` are
    the numbers of conditions seen. `log_likelihood` is restricted, NaN for ANOVA.
    """

    title: ClassVar[str] = "Variance components"
    design: str
    effects: tuple[str, ...]
    variance: Array
    covariance: Array
    levels: Index
    degrees: Array
    mean_squares: Array
    mean: float
    mean_variance: float
    observations: int
    balanced: bool
    log_likelihood: float
    iterations: int
    method: str
    source: str
    findings: tuple[str, ...]

    @property
    def standard_errors(self) -> Array:
        """The standard errors of the components (E), NaN at the boundary."""
        spread = np.diag(self.covariance)
        return np.where(spread > 0, np.sqrt(np.maximum(spread, 0.0)), np.nan)

    def columns(self) -> Mapping[str, Any]:
        """Return one row an effect: variance, standard error, share of the total, mean square."""
        kept = np.maximum(self.variance, 0.0)
        return {
            "effect": self.effects,
            "levels": self.levels,
            "df": self.degrees,
            "mean square": self.mean_squares,
            "variance": self.variance,
            "standard error": self.standard_errors,
            "share": kept / kept.sum(),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the design, the mean and what was found on the way."""
        notes = {f"finding {n + 1}": text for n, text in enumerate(self.findings)}
        return {
            "design": self.design,
            "observations": self.observations,
            "balanced": self.balanced,
            "mean": self.mean,
            "restricted log-likelihood": self.log_likelihood,
            **notes,
        }


def variance_components(
    design: str,
    scores: npt.ArrayLike,
    facets: Mapping[str, npt.ArrayLike],
    *,
    method: Method = "reml",
    iterations: int = 200,
) -> VarianceComponents:
    """
    Return the variance components of a random-effects design such as "p x (r:t)".

    `scores` (N, NaN left out) come with a label of each facet (N each), in any order and number:
    REML needs no balance. The labels of a nested facet may repeat from nest to nest.

    Raises:
        DesignUnreadable: the notation cannot be read.
        ObservationsInvalid: the labels do not fit the design, or ANOVA meets unbalanced data.
        LabelMissing: a score has no label of a facet.
        DesignTooLarge: an unbalanced design exceeds what is estimated exactly.
        ComponentsNotFound: the likelihood was not maximised within `iterations`.
    """
    if method not in _METHODS:
        raise ObservationsInvalid(f"method {method!r} is unknown: reml or anova")
    read = read_design(design)
    seen = observed(read, scores, facets)
    sizes = seen.sizes()
    if sizes is None:
        if method == "anova":
            raise ObservationsInvalid(
                "ANOVA needs a balanced design without gaps: use method='reml'"
            )
        return _unbalanced(design, seen, iterations)
    table = mean_squares(seen, sizes)
    return (
        _anova(design, seen, table)
        if method == "anova"
        else _balanced(design, seen, table, iterations)
    )


def _anova(design: str, seen: Observations, table: MeanSquares) -> VarianceComponents:
    variance, covariance = table.solved()
    below = [
        f"{name} is negative ({value:.4g}): no variance was seen, use 0"
        for name, value in zip(_labels(seen.design), variance, strict=True)
        if value < 0
    ]
    return _result(
        design, seen, variance, covariance, table=table, method="anova", findings=tuple(below)
    )


def _balanced(
    design: str, seen: Observations, table: MeanSquares, iterations: int
) -> VarianceComponents:
    if table.squares[-1] <= 0.0:
        raise ObservationsInvalid(
            "the residual is exactly 0: the likelihood has no maximum; use method='anova'"
        )
    start = np.maximum(table.solved()[0], 0.0)
    found = maximise(table.likelihood, start, tolerance=1e-10, most=iterations)
    return _restricted(design, seen, found, table)


def _unbalanced(design: str, seen: Observations, iterations: int) -> VarianceComponents:
    # In standard units, so that no origin or unit of the scores costs digits.
    origin, unit = float(seen.scores.mean()), float(seen.scores.std())
    blocks = blocks_of(replace(seen, scores=(seen.scores - origin) / unit))
    start = np.full(len(seen.levels), 1.0 / len(seen.levels))
    found = maximise(blocks.likelihood, start, tolerance=1e-7, most=iterations)
    if found.components[-1] <= 1e-7:
        raise ObservationsInvalid("the residual is 0: the restricted likelihood has no maximum")
    mean, spread = blocks.mean(found.components)
    return _restricted(
        design,
        seen,
        _rescaled(found, unit, seen.scores.size),
        None,
        mean=origin + unit * mean,
        mean_variance=unit**2 * spread,
    )


def _rescaled(found: Maximum, unit: float, size: int) -> Maximum:
    value = found.point.value - (size - 1) * float(np.log(unit))
    point = Point(value, found.point.slope / unit**2, found.point.information / unit**4)
    return Maximum(unit**2 * found.components, point, found.held, found.iterations)


def _restricted(
    design: str,
    seen: Observations,
    found: Maximum,
    table: MeanSquares | None,
    *,
    mean: float | None = None,
    mean_variance: float | None = None,
) -> VarianceComponents:
    free = found.components > 0.0
    covariance = np.zeros((free.size, free.size))
    covariance[np.ix_(free, free)] = np.linalg.pinv(found.point.information[np.ix_(free, free)])
    held = [
        f"{name} is at its boundary 0; it has no standard error, and those of the others take it as 0"
        for name, positive in zip(_labels(seen.design), free, strict=True)
        if not positive
    ]
    return _result(
        design,
        seen,
        found.components,
        covariance,
        table=table,
        method="reml",
        findings=tuple(held),
        log_likelihood=found.point.value,
        iterations=found.iterations,
        mean=mean,
        mean_variance=mean_variance,
    )


def _result(
    design: str,
    seen: Observations,
    variance: Array,
    covariance: Array,
    *,
    table: MeanSquares | None,
    method: Method,
    findings: tuple[str, ...],
    log_likelihood: float = float("nan"),
    iterations: int = 0,
    mean: float | None = None,
    mean_variance: float | None = None,
) -> VarianceComponents:
    absent = np.full(len(seen.levels), np.nan)
    levels = np.array(seen.levels, dtype=np.intp)
    return VarianceComponents(
        design,
        _labels(seen.design),
        variance,
        covariance,
        levels,
        absent if table is None else table.degrees,
        absent if table is None else table.squares,
        float(seen.scores.mean()) if mean is None else mean,
        float((variance / levels).sum()) if mean_variance is None else mean_variance,
        seen.scores.size,
        table is not None,
        log_likelihood,
        iterations,
        _METHODS[method],
        _SOURCES[method],
        findings,
    )


def _labels(design: Design) -> tuple[str, ...]:
    return tuple(design.label(effect) for effect in design.effects())
