"""Drift: severity period by period, and whether it has a trend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import chi2, norm

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.interaction import Interaction, interaction
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.results import Result
from liangcai.measurement.significance import adjusted


@dataclass(frozen=True, slots=True)
class Drift(Result):
    """
    Drift of each element of a facet over the periods, in their sorted order.

    `severity` (E × T) is the measure of the element in each period, NaN without ratings;
    `trend` its change per period (weighted least squares), with error, z and p; `change_p` tests
    any change at all. A drift that all elements share cannot be told from better or worse persons.
    """

    title: ClassVar[str] = "Drift over time"
    method: ClassVar[str] = "bias by period added to the measure; weighted linear trend"
    source: ClassVar[str] = "Myford & Wolfe (2009)"

    facet: str
    elements: tuple[str, ...]
    periods: tuple[str, ...]
    severity: Array
    severity_error: Array
    trend: Array
    trend_error: Array
    z: Array
    p: Array
    p_holm: Array
    change_p: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row an element: severity by period, trend, error, z, p values."""
        by_period = {
            f"severity {name}": self.severity[:, place] for place, name in enumerate(self.periods)
        }
        return {
            self.facet: self.elements,
            **by_period,
            "trend": self.trend,
            "trend error": self.trend_error,
            "z": self.z,
            "p": self.p,
            "p (Holm)": self.p_holm,
            "p of any change": self.change_p,
        }


def drift(calibration: FacetCalibration, ratings: Ratings, *, facet: str) -> Drift:
    """
    Return the drift of the elements of `facet` over the periods of `ratings`.

    Raises:
        InteractionInvalid: the ratings have no periods.
        RatingsInvalid: the facet or an element was not calibrated.
    """
    cells = interaction(calibration, ratings, between=(facet, "period"))
    rows = calibration.rows_of(facet)
    elements = tuple(calibration.elements[row] for row in rows)
    bias, error = _table(cells, elements, ratings.period_names)
    known = np.isfinite(bias)
    precision = np.where(known, 1.0 / error**2, 0.0)
    bias = np.where(known, bias, 0.0)
    time = np.arange(len(ratings.period_names), dtype=float)
    total = precision.sum(axis=1)
    several = known.sum(axis=1) > 1
    safe = np.where(several, total, 1.0)
    away = time - ((precision @ time) / safe)[:, None]
    level = (precision * bias).sum(axis=1) / safe
    spread = np.where(several, (precision * away**2).sum(axis=1), np.nan)
    trend = (precision * away * bias).sum(axis=1) / spread
    trend_error = 1.0 / np.sqrt(spread)
    change = (precision * (bias - level[:, None]) ** 2).sum(axis=1)
    z = trend / trend_error
    p = 2.0 * norm.sf(np.abs(z))
    free = np.maximum(known.sum(axis=1) - 1, 1)
    return Drift(
        facet=facet,
        elements=elements,
        periods=ratings.period_names,
        severity=np.where(known, calibration.measure[rows][:, None] + bias, np.nan),
        severity_error=np.where(known, error, np.nan),
        trend=trend,
        trend_error=trend_error,
        z=z,
        p=p,
        p_holm=adjusted(p, "holm"),
        change_p=np.where(several, chi2.sf(change, free), np.nan),
    )


def _table(
    cells: Interaction, elements: tuple[str, ...], periods: tuple[str, ...]
) -> tuple[Array, Array]:
    """Return bias and error as elements × periods, NaN where there is no rating."""
    row = {name: place for place, name in enumerate(elements)}
    column = {name: place for place, name in enumerate(periods)}
    at = [row[name] for name in cells.first], [column[name] for name in cells.second]
    bias, error = np.full((2, len(elements), len(periods)), np.nan)
    bias[at], error[at] = cells.bias, cells.standard_error
    return bias, error
