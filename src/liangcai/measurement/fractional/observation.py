"""Several answers told as one observation on one curve."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.fractional.curves import Curves


@dataclass(frozen=True, slots=True)
class OneObservation:
    """Several answers told as one: a share of the possible score that counts as so many trials.

    `misfit` is the mean squared difference of the two log-likelihoods over the posterior.
    """

    share: float
    trials: float
    misfit: float


def as_one_observation(log_likelihood: Array, mass: Array, curve: Curves) -> OneObservation:
    """Return the observation on the one row of `curve` whose log-likelihood is closest to the given.

    Least squares weighted with the posterior `mass`, of log-likelihood on log P, log Q and a constant,
    the first two with coefficients of at least 0.
    """
    miss = curve.log_miss[0]
    hit = miss + curve.log_odds[0]
    columns = np.column_stack([hit, miss])
    columns = columns - mass @ columns
    target = log_likelihood - mass @ log_likelihood
    weights = _least_squares(columns, target, mass)
    if weights.min() < 0.0:
        singles = [_least_squares(columns[:, [side]], target, mass)[0] for side in (0, 1)]
        weights = np.where(np.arange(2) == int(weights.argmax()), np.maximum(singles, 0.0), 0.0)
    trials = float(weights.sum())
    misfit = float(mass @ (target - columns @ weights) ** 2)
    return OneObservation(float(weights[0]) / trials if trials else 0.5, trials, misfit)


def _least_squares(columns: Array, target: Array, mass: Array) -> Array:
    normal = columns.T * mass
    return np.asarray(np.linalg.solve(normal @ columns, normal @ target), dtype=float)
