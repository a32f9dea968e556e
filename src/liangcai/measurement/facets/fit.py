"""How well ratings fit the model: mean squares per element or person.

Squared residuals are averaged over each person's posterior, not taken at an estimate: their
expectation under the model is then 1 whatever the number of ratings. (After joint estimation the
persons stand at Warm's estimates, and mean squares run low by about one over the number of
ratings a person has.) The standardised forms use the model's fourth moments and the cube root
(Wright & Masters, 1982); averaging over the posterior makes them a little conservative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.persons import fair_scores, fair_table
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.residuals import RatingResiduals, residuals_of
from liangcai.measurement.facets.scoring import Applied, applied, standing_of
from liangcai.measurement.facets.sparse_sums import totals
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class Fit(Result):
    """
    Infit and outfit of elements or persons, with 1 expected.

    `infit_z`, `outfit_z` are about N(0, 1) where the model holds. `correlation` is that of an
    element's scores with the mean of the same persons' other ratings, NaN where it does not exist
    (no variance, or persons without other ratings). `fair_average`: the expected score of the
    average person, all other facets at their mean; NaN for persons (see person measures) and
    after joint estimation.
    """

    title: ClassVar[str] = "Fit to the many-facet model"
    method: ClassVar[str] = (
        "infit and outfit mean squares over the persons' posteriors; cube root z"
    )
    source: ClassVar[str] = "Wright & Masters (1982)"

    facet: tuple[str, ...]
    element: tuple[str, ...]
    ratings: Array
    infit: Array
    infit_z: Array
    outfit: Array
    outfit_z: Array
    correlation: Array
    fair_average: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row an element or person."""
        return {
            "facet": self.facet,
            "element": self.element,
            "ratings": self.ratings,
            "infit": self.infit,
            "infit z": self.infit_z,
            "outfit": self.outfit,
            "outfit z": self.outfit_z,
            "correlation with other ratings": self.correlation,
            "fair average": self.fair_average,
        }


def element_fit(calibration: FacetCalibration, ratings: Ratings) -> Fit:
    """
    Return the fit of every element of every facet.

    Raises:
        RatingsInvalid: an element was not calibrated.
    """
    calibrated = applied(calibration, ratings)
    design = calibrated.design
    found = residuals_of(calibrated, standing_of(calibration, calibrated))
    codes = design.places[design.pattern]
    elements = calibration.measure.size
    parts = [_mean_squares(design.weight, found, column, elements) for column in codes.T]
    chosen = calibration.facet_of, np.arange(elements)
    infit, infit_z, outfit, outfit_z, count = (
        np.stack(values)[chosen] for values in zip(*parts, strict=True)
    )
    correlations = [_correlation(calibrated, column, elements) for column in codes.T]
    return Fit(
        facet=tuple(calibration.facets[place] for place in calibration.facet_of),
        element=calibration.elements,
        ratings=count,
        infit=infit,
        infit_z=infit_z,
        outfit=outfit,
        outfit_z=outfit_z,
        correlation=np.stack(correlations)[chosen],
        fair_average=_fair_averages(calibration),
    )


def person_fit(calibration: FacetCalibration, ratings: Ratings) -> Fit:
    """
    Return the fit of every person.

    Raises:
        RatingsInvalid: an element was not calibrated.
    """
    calibrated = applied(calibration, ratings)
    design = calibrated.design
    found = residuals_of(calibrated, standing_of(calibration, calibrated))
    infit, infit_z, outfit, outfit_z, count = _mean_squares(
        design.weight, found, design.person, design.persons
    )
    unknown = np.full(design.persons, np.nan)
    return Fit(
        facet=("person",) * design.persons,
        element=ratings.persons,
        ratings=count,
        infit=infit,
        infit_z=infit_z,
        outfit=outfit,
        outfit_z=outfit_z,
        correlation=unknown,
        fair_average=unknown,
    )


def _mean_squares(
    weight: Array, found: RatingResiduals, code: Index, size: int
) -> tuple[Array, Array, Array, Array, Array]:
    """Return infit, its z, outfit, its z and the number of ratings of each code; NaN where there are none."""

    def total(values: Array) -> Array:
        return totals(code, weight * values, size)

    with np.errstate(invalid="ignore", divide="ignore"):
        count, variance = total(np.ones_like(weight)), total(found.variance)
        infit, outfit = total(found.square) / variance, total(found.standard_square) / count
        infit_q = np.sqrt(total(found.fourth)) / variance
        outfit_q = np.sqrt(total(found.excess)) / count
        infit_z = (np.cbrt(infit) - 1.0) * 3.0 / infit_q + infit_q / 3.0
        outfit_z = (np.cbrt(outfit) - 1.0) * 3.0 / outfit_q + outfit_q / 3.0
    # A symmetric two-point score has no excess: its squares vary not at all, and z does not exist.
    infit_z = np.where(infit_q > 1e-6, infit_z, np.nan)
    outfit_z = np.where(outfit_q > 1e-6, outfit_z, np.nan)
    return infit, infit_z, outfit, outfit_z, count


def _correlation(calibrated: Applied, code: Index, size: int) -> Array:
    """Return the correlation of each element's scores with the mean of the persons' other ratings."""
    design, weight = calibrated.design, calibrated.design.weight
    held = totals(design.person, weight, design.persons)[design.person]
    rest = held - weight
    kept = rest > 1e-9
    weight, code = weight[kept], code[kept]
    x = design.number[kept].astype(float)
    y = (design.person_total[design.person[kept]] - weight * x) / rest[kept]

    def mean(values: Array) -> Array:
        count, total = totals(code, weight, size), totals(code, weight * values, size)
        return np.asarray(np.divide(total, count, out=np.full(size, np.nan), where=count > 0))

    x, y = x - mean(x)[code], y - mean(y)[code]
    spread = np.sqrt(mean(x * x) * mean(y * y))
    exists = spread > 1e-12
    unknown = np.full(size, np.nan)
    return np.asarray(np.divide(mean(x * y), spread, out=unknown, where=exists), dtype=float)


def _fair_averages(calibration: FacetCalibration) -> Array:
    """Return the expected score from each element for the average person, other facets at their mean."""
    fair = np.full(calibration.measure.size, np.nan)
    if calibration.estimation == "joint":
        return fair
    centre = float(calibration.population_mean.mean())
    for place, name in enumerate(calibration.facets):
        rows = calibration.rows_of(name)
        if place == calibration.categories.step_facet:
            fair[rows] = fair_table(calibration, np.array([centre]))[0][:, 0]
        else:
            severity = calibration.measure[rows]
            fair[rows] = fair_scores(calibration, centre - severity + severity.mean())[0]
    return fair
