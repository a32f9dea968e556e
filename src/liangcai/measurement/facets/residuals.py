"""Residuals of single ratings, averaged over where their persons stand."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.moments import moments_of
from liangcai.measurement.facets.scoring import Applied, Standing

#: Residuals are never divided by less: a rating that cannot vary is not unexpected without bound.
SMALLEST_VARIANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class RatingResiduals:
    """
    Expectations of each rating (n, in the order of a design), averaged over the persons' standing.

    In category numbers: `expected`, `variance` (within a standing), `square` of the residual,
    `standard_square` (over the variance), `fourth` moment, and `excess`, fourth/variance² − 1.
    """

    expected: Array
    variance: Array
    square: Array
    standard_square: Array
    fourth: Array
    excess: Array


def residuals_of(calibrated: Applied, standing: Standing) -> RatingResiduals:
    """Return the residual moments of every rating, in the design's order."""
    design = calibrated.design
    sums = np.zeros((6, design.person.size))
    for theta, mass in zip(standing.points.T, standing.masses.T, strict=True):
        for rows in calibrated.curves.blocks():
            moments = moments_of(calibrated.curves.probabilities(theta, rows))
            share = mass[design.person[rows]]
            variance = np.maximum(moments.variance, SMALLEST_VARIANCE)
            square = (design.number[rows] - moments.mean) ** 2
            values = (
                moments.mean,
                moments.variance,
                square,
                square / variance,
                moments.fourth - moments.variance**2,
                np.maximum(moments.fourth / variance**2 - 1.0, 0.0),
            )
            for row, value in enumerate(values):
                sums[row, rows] += share * value
    return RatingResiduals(*sums)
