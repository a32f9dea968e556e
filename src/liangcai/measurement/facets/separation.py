"""How far a facet's measures are spread beyond their error: separation, reliability, homogeneity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import chi2

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.persons import PersonMeasures
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class Separation(Result):
    """
    Spread of the measures of each facet, and of the persons, against their errors.

    `sd` is the observed, `true_sd` the error-corrected spread; separation = true sd / root mean
    square error, reliability = true / observed variance, strata = (4·separation + 1)/3. For raters a
    high reliability means that they differ in severity. `chi_square` tests that all measures are
    equal. NaN where a facet has fewer than two free, non-extreme elements.
    """

    title: ClassVar[str] = "Separation of the facets"
    method: ClassVar[str] = (
        "error-corrected variance; fixed-effect chi-square of measures over errors"
    )
    source: ClassVar[str] = "Wright & Masters (1982)"

    facet: tuple[str, ...]
    count: Array
    sd: Array
    root_mean_square_error: Array
    true_sd: Array
    separation: Array
    reliability: Array
    strata: Array
    chi_square: Array
    p: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a facet."""
        return {
            "facet": self.facet,
            "count": self.count,
            "sd": self.sd,
            "RMSE": self.root_mean_square_error,
            "true sd": self.true_sd,
            "separation": self.separation,
            "reliability": self.reliability,
            "strata": self.strata,
            "chi-square": self.chi_square,
            "p": self.p,
        }


def separation_of(
    calibration: FacetCalibration, persons: PersonMeasures | None = None
) -> Separation:
    """Return the separation of every facet, and of the persons (by Warm's estimates) if given."""
    names, rows = [], []
    kept = ~calibration.extreme & ~calibration.anchored & np.isfinite(calibration.standard_error)
    for name in calibration.facets:
        here = calibration.rows_of(name)
        here = here[kept[here]]
        names.append(name)
        rows.append(_spread(calibration.measure[here], calibration.standard_error[here]))
    if persons is not None:
        names.append("person")
        inside = ~persons.extreme
        rows.append(_spread(persons.wle[inside], persons.wle_error[inside]))
    return Separation(tuple(names), *np.array(rows, dtype=float).T)


def _spread(measure: Array, error: Array) -> tuple[float, ...]:
    count = measure.size
    if count < 2:
        return (float(count), *(np.nan,) * 8)
    variance, noise = float(measure.var(ddof=1)), float(np.mean(error**2))
    true = max(variance - noise, 0.0)
    separation = np.sqrt(true / noise)
    precision = 1.0 / error**2
    centre = float(precision @ measure / precision.sum())
    statistic = float(precision @ (measure - centre) ** 2)
    reliability = true / variance if variance > 0.0 else 0.0
    return (
        float(count),
        float(np.sqrt(variance)),
        float(np.sqrt(noise)),
        float(np.sqrt(true)),
        float(separation),
        reliability,
        float((4.0 * separation + 1.0) / 3.0),
        statistic,
        float(chi2.sf(statistic, count - 1)),
    )
