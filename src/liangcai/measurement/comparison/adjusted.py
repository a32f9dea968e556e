"""Severities and steps for few ratings a script, by an adjusted profile likelihood.

At the joint maximum each script's measure is fitted to its own few ratings, and severities and
steps come out too far apart. Here the other parameters α maximise ℓ(θ̂(α), α) + ½ log|H(α)|, H being
the part of scripts and their centre in the information: the saddlepoint approximation of the likelihood given what
each script won and scored in all (Barndorff-Nielsen, 1983; Cox & Reid, 1987). The slope of the
determinant tilts the joint likelihood, again and again until nothing moves.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.comparison.loglinear import (
    Categories,
    Estimate,
    EstimatesNotFound,
    maximise,
)

_MOST_ROUNDS, _SETTLED = 100, 1e-7


@dataclass(frozen=True, slots=True)
class Observed:
    """Of each observation the scripts compared (one twice for a rating) and the slope; `score` of each category."""

    first: Index
    second: Index
    slope: Array
    score: Array

    def leverage(self, inverse: Array) -> Array:
        """Return the variance, under `inverse` over scripts, of what each observation is about."""
        alone = np.diag(inverse)
        paired = alone[self.first] + alone[self.second] - 2.0 * inverse[self.first, self.second]
        return np.where(self.first == self.second, alone[self.first], self.slope**2 * paired)


def maximise_adjusted(
    table: Categories,
    ridge: sparse.csr_array,
    start: Estimate,
    observed: Observed,
    *,
    scripts: int,
) -> Estimate:
    """
    Return the estimate, reached from the joint one `start`, with severities and steps adjusted.

    The first `scripts` parameters, and the centre after them, are their mode at the others.

    Raises:
        EstimatesNotFound: it did not settle.
    """
    found = start
    for _ in range(_MOST_ROUNDS):
        before = found.parameters
        tilt = _determinant_slope(table, found, observed, scripts)
        found = maximise(table, ridge, before, tilt=tilt)
        if np.abs(found.parameters - before).max(initial=0.0) < _SETTLED:
            return found
    raise EstimatesNotFound(f"severities and steps did not settle within {_MOST_ROUNDS} rounds")


def _determinant_slope(
    table: Categories, found: Estimate, observed: Observed, scripts: int
) -> Array:
    """Return ½ d log|H| by severities and steps, scripts and centre following to their mode; 0 for these."""
    share, _value = table.probabilities(found.parameters)
    weights = table.totals(table.seen)
    held = scripts + 1
    inverse = np.linalg.inv(found.information[:held, :held].toarray())
    # A script's measure is its own parameter and the centre.
    measures = inverse[:scripts, :scripts] + inverse[-1, -1]
    measures += inverse[:scripts, -1:] + inverse[-1:, :scripts]
    mean = table.totals(share * observed.score)
    squares = (observed.score - mean[table.owner]) ** 2
    apart = squares - table.totals(share * squares)[table.owner]
    pull = share * apart * (weights * observed.leverage(measures))[table.owner]
    direct = 0.5 * (table.features.T @ pull)
    follow = found.information[held:, :held] @ (inverse @ direct[:held])
    return np.concatenate([np.zeros(held), direct[held:] - follow])
