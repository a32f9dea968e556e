"""Intervals of proportions."""

from statistics import NormalDist

import numpy as np

from liangcai.measurement.arrays import Array


def wilson_interval(
    rate: Array | float, *, trials: Array | float, confidence: float = 0.95
) -> tuple[Array, Array]:
    """
    Return the score interval of each proportion `rate` (0 to 1) seen in `trials` (above 0), Wilson (1927).

    Trials need not be whole: an effective number of persons serves as well.
    """
    rate = np.asarray(rate, dtype=float)
    squared = NormalDist().inv_cdf(0.5 + confidence / 2.0) ** 2 / trials
    centre = (rate + 0.5 * squared) / (1.0 + squared)
    reach = np.sqrt(rate * (1.0 - rate) * squared + 0.25 * squared**2) / (1.0 + squared)
    # The rate itself lies inside; at 0 and 1 it is an end, which rounding must not miss.
    return np.clip(centre - reach, 0.0, rate), np.clip(centre + reach, rate, 1.0)
