"""The one map between ability (logits) and the score of a level (0 to 100)."""

import math

import numpy as np

from liangcai.measurement.arrays import Array

#: The score that the level's own cut location earns, whatever the level.
CUT_SCORE = 60.0
_CUT_LOGIT = math.log(CUT_SCORE / (100.0 - CUT_SCORE))


def score_of(theta: float | Array, *, location: float | Array, slope: float | Array = 1.0) -> Array:
    """Return the score of an ability for the level whose cut lies at `location`.

    The map is 100·logistic(slope·(theta − location) + logit 0.6): rising, 60 at the cut,
    towards 100 for full mastery and towards 0 for none.
    """
    z = np.asarray(slope * (np.asarray(theta, dtype=float) - location) + _CUT_LOGIT)
    return np.asarray(50.0 * (1.0 + np.tanh(0.5 * z)), dtype=float)


def theta_of(score: float | Array, *, location: float | Array, slope: float | Array = 1.0) -> Array:
    """Return the ability that earns `score` (above 0 and below 100): the inverse of `score_of`."""
    share = np.asarray(score, dtype=float) / 100.0
    return np.asarray(location + (np.log(share / (1.0 - share)) - _CUT_LOGIT) / slope, dtype=float)


def score_gradient(score: float | Array, *, slope: float | Array = 1.0) -> Array:
    """Return how many points one logit is worth at `score`: standard errors go through it."""
    share = np.asarray(score, dtype=float) / 100.0
    return np.asarray(100.0 * slope * share * (1.0 - share), dtype=float)


def location_of_even_odds(location: float | Array, *, slope: float | Array = 1.0) -> Array:
    """Return the ability that earns a score of 50 for the level whose cut lies at `location`."""
    return np.asarray(location - _CUT_LOGIT / np.asarray(slope, dtype=float), dtype=float)


def trials_of(se: float | Array) -> Array:
    """Return how many independent yes-or-no observations a score with this error is worth.

    `se` is in points and holds at the cut: a proportion of 0.6 seen in n trials has the
    standard error sqrt(0.24 / n).
    """
    share = CUT_SCORE / 100.0
    return np.asarray(share * (1.0 - share) * 1e4 / np.asarray(se, dtype=float) ** 2, dtype=float)
