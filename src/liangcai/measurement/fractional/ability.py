"""One ability from many observations: Warm's weighted likelihood estimate, for many persons at once."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.brackets import climbed
from liangcai.measurement.fractional.curves import Curves, score_at
from liangcai.measurement.grid import Grid, running_integral

_STEPS = 5


@dataclass(frozen=True, slots=True)
class Observations:
    """Scored observations sorted by the group (a person's unit or component) they bear on.

    `curve` is a row of `parameters`, `share` the share of the possible score, `trials` what the
    observation counts as, `starts` where each group's observations begin (none is empty).
    """

    parameters: Array
    curve: Index
    share: Array
    trials: Array
    starts: Index

    def owner(self) -> Index:
        """Return the group of each observation."""
        lengths = np.diff(np.append(self.starts, self.curve.size))
        return np.repeat(np.arange(self.starts.size), lengths)


@dataclass(frozen=True, slots=True)
class Abilities:
    """Estimates and standard errors in logits, one per group."""

    theta: Array
    se: Array


@dataclass(frozen=True, slots=True)
class Tally:
    """Trials and successes of each group on each curve: all that the likelihood depends on."""

    trials: Array
    successes: Array


def tally(seen: Observations) -> Tally:
    """Add up the observations; what follows are plain matrix products."""
    groups, curves = seen.starts.size, seen.parameters.shape[0]
    cell = seen.owner() * curves + seen.curve
    size, shape = groups * curves, (groups, curves)
    return Tally(
        trials=_sum_by(cell, seen.trials, size).reshape(shape),
        successes=_sum_by(cell, seen.trials * seen.share, size).reshape(shape),
    )


def _sum_by(cell: Index, weights: Array, size: int) -> Array:
    return np.asarray(np.bincount(cell, weights, size), dtype=float)


def log_likelihoods(counts: Tally, curves: Curves) -> Array:
    """Return the log-likelihood of each group of observations at the nodes of `curves`."""
    return np.asarray(
        counts.successes @ curves.log_odds + counts.trials @ curves.log_miss, dtype=float
    )


def weighted_likelihood(seen: Observations, curves: Curves, grid: Grid) -> Abilities:
    """Return weighted likelihood estimates (Warm, 1989) with se = 1/√information.

    The estimate is the highest point of log-likelihood plus the integral of J/(2I) on the
    whole grid, which for guessing items may have more than one peak; it is then refined by
    Newton steps inside the neighbouring cells. Estimates stay within the grid.
    """
    counts = tally(seen)
    information = counts.trials @ curves.information
    bias = counts.trials @ curves.tilt
    bias /= 2.0 * np.maximum(information, 1e-300)
    weight = running_integral(bias, grid.step)
    peak = np.argmax(log_likelihoods(counts, curves) + weight, axis=1)
    rows, inner = np.arange(peak.size), np.clip(peak, 1, grid.nodes.size - 2)
    bias_slope = (bias[rows, inner + 1] - bias[rows, inner - 1]) / (2.0 * grid.step)
    return _refine(seen, grid, grid.nodes[peak], bias_slope)


def _refine(seen: Observations, grid: Grid, start: Array, bias_slope: Array) -> Abilities:
    low = np.maximum(start - grid.step, grid.nodes[0])
    high = np.minimum(start + grid.step, grid.nodes[-1])
    owner = seen.owner()
    parameters = seen.parameters[seen.curve]
    theta = start
    for _ in range(_STEPS):
        parts = score_at(parameters, theta[owner], seen.share, seen.trials)
        information = np.add.reduceat(parts.information, seen.starts)
        gradient = np.add.reduceat(parts.gradient, seen.starts)
        gradient += np.add.reduceat(parts.tilt, seen.starts) / (2.0 * information)
        curvature = np.add.reduceat(parts.curvature, seen.starts) + bias_slope
        bend = np.where(curvature < 0.0, curvature, -information)
        theta, low, high = climbed(theta, gradient=gradient, bend=bend, low=low, high=high)
    parts = score_at(parameters, theta[owner], seen.share, seen.trials)
    information = np.add.reduceat(parts.information, seen.starts)
    return Abilities(theta, 1.0 / np.sqrt(information))
