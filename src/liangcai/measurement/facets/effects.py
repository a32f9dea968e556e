"""Rater effects by name: severe, lenient, erratic, too uniform, drawn to the middle, drawn to the ends.

Each label has a size and a certainty threshold; both must be passed. The thresholds are
arguments, their defaults are those common in the literature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.fit import element_fit
from liangcai.measurement.facets.moments import moments_of
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.scoring import Applied, Standing, applied, standing_of
from liangcai.measurement.facets.sparse_sums import totals
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class EffectRules:
    """
    When an effect is named. Every label also asks for |z| ≥ `certainty`.

    `severity`: logits from the mean of the facet. `erratic`, `uniform`: infit above, below.
    `centrality`: slope of the residuals on the expected scores, below −centrality drawn to the
    middle, above it drawn to the ends. `fewest`: ratings below which nothing but a constant score
    is named.
    """

    severity: float = 0.5
    erratic: float = 1.5
    uniform: float = 0.5
    centrality: float = 0.2
    certainty: float = 2.0
    fewest: int = 10


@dataclass(frozen=True, slots=True)
class RaterEffects(Result):
    """
    Named effects, one row each: a rater may have several or none.

    `effect` is one of severe, lenient, erratic, uniform, central, extreme, constant; `value` is
    the statistic it rests on (logits, infit, slope, or the constant score), `z` its certainty (NaN for a
    constant score), `threshold` what it was held against. `slope`, `slope_z` (R) of all raters.
    """

    title: ClassVar[str] = "Rater effects"
    method: ClassVar[str] = "severity, infit and residual–expectation slope against thresholds"
    source: ClassVar[str] = "Myford & Wolfe (2003, 2004); Wolfe & Song (2015)"

    facet: str
    rater: tuple[str, ...]
    effect: tuple[str, ...]
    value: Array
    z: Array
    threshold: Array
    raters: tuple[str, ...]
    slope: Array
    slope_z: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a named effect."""
        return {
            self.facet: self.rater,
            "effect": self.effect,
            "value": self.value,
            "z": self.z,
            "threshold": self.threshold,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return how many raters there are and how many have a named effect."""
        return {"raters": len(self.raters), "with an effect": len(set(self.rater))}


def rater_effects(
    calibration: FacetCalibration,
    ratings: Ratings,
    *,
    facet: str,
    rules: EffectRules | None = None,
) -> RaterEffects:
    """
    Return the effects of the elements of `facet`, severest first within each kind.

    Raises:
        RatingsInvalid: the facet or an element was not calibrated.
    """
    asked = rules or EffectRules()
    calibrated = applied(calibration, ratings)
    rows = calibration.rows_of(facet)
    names = tuple(calibration.elements[row] for row in rows)
    fit = element_fit(calibration, ratings)
    code = calibrated.ratings.elements[:, calibration.facets.index(facet)]
    slope, slope_z = _slopes(
        calibrated, standing_of(calibration, calibrated), code[calibrated.design.rows], rows.size
    )
    measure = calibration.measure[rows]
    away = measure - measure.mean()
    error = calibration.standard_error[rows]
    sure = np.divide(away, error, out=np.zeros_like(away), where=error > 0)
    infit, infit_z = fit.infit[rows], fit.infit_z[rows]
    low, high = _range(calibrated.ratings.scores, code, rows.size)
    enough = fit.ratings[rows] >= asked.fewest
    tests = (
        ("severe", away, sure, asked.severity, 1.0),
        ("lenient", away, sure, -asked.severity, -1.0),
        ("erratic", infit, infit_z, asked.erratic, 1.0),
        ("uniform", infit, infit_z, asked.uniform, -1.0),
        ("central", slope, slope_z, -asked.centrality, -1.0),
        ("extreme", slope, slope_z, asked.centrality, 1.0),
    )
    found: list[tuple[str, str, float, float, float]] = []
    for effect, value, z, threshold, side in tests:
        passed = (side * value > side * threshold) & (side * z >= asked.certainty) & enough
        order = np.flatnonzero(passed)
        order = order[np.argsort(-side * value[order], kind="stable")]
        found += [
            (names[row], effect, float(value[row]), float(z[row]), threshold) for row in order
        ]
    for row in np.flatnonzero((low == high) & (fit.ratings[rows] > 1.0)):
        found.append((names[row], "constant", float(low[row]), np.nan, np.nan))
    rater, effect_names, values, certainties, thresholds = (
        zip(*found, strict=True) if found else ((), (), (), (), ())
    )
    return RaterEffects(
        facet=facet,
        rater=rater,
        effect=effect_names,
        value=np.array(values, dtype=float),
        z=np.array(certainties, dtype=float),
        threshold=np.array(thresholds, dtype=float),
        raters=names,
        slope=slope,
        slope_z=slope_z,
    )


def _range(scores: Index, code: Index, size: int) -> tuple[Array, Array]:
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, code, scores)
    np.maximum.at(high, code, scores)
    return low, high


def _slopes(calibrated: Applied, standing: Standing, code: Index, size: int) -> tuple[Array, Array]:
    """
    Return each rater's slope of residuals on centred expected scores and its z; NaN without variance.

    Products of residual and expectation are formed at each abscissa of the persons' posteriors and
    then averaged: their expectation is 0 under the model, while products of averages are not.
    """
    design, weight = calibrated.design, calibrated.design.weight
    mean, sums = np.zeros(weight.size), np.zeros((2, size))
    passes = list(zip(standing.points.T, standing.masses.T, strict=True))
    for theta, mass in passes:
        for rows in calibrated.curves.blocks():
            moments = moments_of(calibrated.curves.probabilities(theta, rows))
            mean[rows] += mass[design.person[rows]] * moments.mean
    count = totals(code, weight, size)
    level = totals(code, weight * mean, size) / np.maximum(count, 1e-300)
    noise = np.zeros(size)
    for theta, mass in passes:
        for rows in calibrated.curves.blocks():
            moments = moments_of(calibrated.curves.probabilities(theta, rows))
            share = mass[design.person[rows]] * weight[rows]
            away = moments.mean - level[code[rows]]
            residual = design.number[rows] - moments.mean
            values = (share * residual * away, share * away**2)
            for row, value in enumerate(values):
                sums[row] += totals(code[rows], value, size)
            noise += totals(code[rows], share * moments.variance * away**2, size)
    known = (sums[1] > 1e-9) & (noise > 1e-12)
    slope = np.divide(sums[0], sums[1], out=np.full(size, np.nan), where=known)
    z = np.divide(sums[0], np.sqrt(noise), out=np.full(size, np.nan), where=known)
    return slope, z
