"""Intervals of proportions."""

import numpy as np
from scipy.special import ndtri

from liangcai.measurement.arrays import Array


def wilson_interval(successes: Array, trials: Array, confidence: float) -> tuple[Array, Array]:
    """Return the score interval of a proportion (Wilson, 1927); trials above 0."""
    z = float(ndtri(0.5 + confidence / 2.0))
    part = successes / trials
    centre = (part + z**2 / (2.0 * trials)) / (1.0 + z**2 / trials)
    reach = z / (1.0 + z**2 / trials)
    reach = reach * np.sqrt(part * (1.0 - part) / trials + z**2 / (4.0 * trials**2))
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)
