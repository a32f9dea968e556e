"""Estimates within an adaptive test, for many persons at once: EAP, MAP, ML and Warm's WLE on a grid."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.item_pool import ItemPool
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.grid import Grid, running_integral

Kind = Literal["eap", "map", "ml", "wle"]
_FENCE_SLOPE = 3.0


class EstimatorInvalid(LiangcaiError):
    """An estimator is unknown, or its prior or fences make no sense."""

    code = "measurement.adaptive.estimator-invalid"


@dataclass(frozen=True, slots=True)
class Estimator:
    """
    How ability is estimated after every answer, with a normal prior of `mean` and `sd`.

    "eap": posterior mean and standard deviation (Bock & Mislevy, 1982). "map": posterior mode with
    se 1/√(information + 1/sd²). "ml": maximum likelihood with se 1/√information, kept finite by two
    imaginary items of slope 3 at the `fences`, the lower one answered right and the upper one wrong
    (Han, 2016). "wle": weighted likelihood (Warm, 1989), bounded by the ends of the grid. The prior
    always serves the criteria of selection that average over a posterior.

    Raises:
        EstimatorInvalid: the kind is unknown, `sd` is not above 0, or the fences do not rise.
    """

    kind: Kind = "eap"
    mean: float = 0.0
    sd: float = 1.0
    fences: tuple[float, float] = (-3.5, 3.5)

    def __post_init__(self) -> None:
        if self.kind not in {"eap", "map", "ml", "wle"}:
            raise EstimatorInvalid(f"no estimator {self.kind!r}: choose eap, map, ml or wle")
        if not (np.isfinite(self.mean) and np.isfinite(self.sd) and self.sd > 0.0):
            raise EstimatorInvalid(f"a prior N({self.mean}, {self.sd}²) needs an sd above 0")
        if not self.fences[0] < self.fences[1]:
            raise EstimatorInvalid(f"the lower fence must lie below the upper one: {self.fences}")

    def log_prior(self, grid: Grid) -> Array:
        """Return the log density of the prior at the nodes, up to a constant."""
        return np.asarray(-0.5 * ((grid.nodes - self.mean) / self.sd) ** 2, dtype=float)

    def log_fences(self, grid: Grid) -> Array:
        """Return the log-likelihood of the two imaginary items at the nodes."""
        lower, upper = self.fences
        below = np.logaddexp(0.0, -_FENCE_SLOPE * (grid.nodes - lower))
        above = np.logaddexp(0.0, _FENCE_SLOPE * (grid.nodes - upper))
        return np.asarray(-below - above, dtype=float)


def mass_of(log_posterior: Array) -> Array:
    """Return unnormalised masses whose largest entry is 1, row by row (N × Q)."""
    mass: Array = log_posterior - log_posterior.max(axis=1, keepdims=True)
    np.maximum(mass, -700.0, out=mass)
    np.exp(mass, out=mass)
    return mass


def mean_and_sd(mass: Array, powers: Array) -> tuple[Array, Array]:
    """Return the mean and the standard deviation of each row of masses; `powers` are those of the pool."""
    total, first, second = (mass @ powers).T
    mean = first / total
    return mean, np.sqrt(np.maximum(second / total - mean * mean, 0.0))


def peak_estimate(
    pool: ItemPool, estimator: Estimator, log_posterior: Array, items: Index
) -> tuple[Array, Array]:
    """Return the estimates (N) of "map", "ml" or "wle" and their standard errors.

    `log_posterior` is N × Q with the estimator's prior in it, `items` N × n the items answered. The
    highest node is refined by Newton steps on a quartic through its five neighbours.
    """
    height = log_posterior
    if estimator.kind == "ml":
        height = height - estimator.log_prior(pool.grid) + estimator.log_fences(pool.grid)
    elif estimator.kind == "wle":
        height = height - estimator.log_prior(pool.grid) + _warm_weight(pool, items)
    theta = _peak(height, pool.grid)
    precision = information_at(pool, items, theta)
    if estimator.kind == "map":
        precision = precision + estimator.sd**-2
    return theta, 1.0 / np.sqrt(np.maximum(precision, 1e-12))


def information_at(pool: ItemPool, items: Index, theta: Array) -> Array:
    """Return the information of each person's own items (N × n) at their ability (N), linear between nodes."""
    position = np.clip((theta - pool.grid.nodes[0]) / pool.grid.step, 0, pool.grid.nodes.size - 1)
    left = np.minimum(position.astype(np.intp), pool.grid.nodes.size - 2)
    part = (position - left)[:, None]
    low, high = pool.by_node[left[:, None], items], pool.by_node[left[:, None] + 1, items]
    return np.asarray(((1.0 - part) * low + part * high).sum(axis=1), dtype=float)


def _warm_weight(pool: ItemPool, items: Index) -> Array:
    """∫ J/(2I), the logarithm of the weight that makes the likelihood unbiased to first order."""
    if not items.shape[1]:
        return np.zeros((items.shape[0], pool.grid.nodes.size))
    information = sum(pool.tables.information[column] for column in items.T)
    bias = sum(pool.warm[column] for column in items.T) / np.maximum(2.0 * information, 1e-300)
    return running_integral(np.asarray(bias, dtype=float), pool.grid.step)


def _peak(height: Array, grid: Grid) -> Array:
    rows = np.arange(height.shape[0])
    top = height.argmax(axis=1)
    centre = np.clip(top, 2, grid.nodes.size - 3)
    f = [height[rows, centre + shift] for shift in (-2, -1, 0, 1, 2)]
    first = (f[0] - 8.0 * f[1] + 8.0 * f[3] - f[4]) / 12.0
    second = (-f[0] + 16.0 * f[1] - 30.0 * f[2] + 16.0 * f[3] - f[4]) / 12.0
    third = (-f[0] + 2.0 * f[1] - 2.0 * f[3] + f[4]) / 2.0
    fourth = f[0] - 4.0 * f[1] + 6.0 * f[2] - 4.0 * f[3] + f[4]
    offset = (top - centre).astype(float)
    step = offset.copy()
    for _ in range(3):
        rise = first + step * (second + step * (third / 2.0 + step * fourth / 6.0))
        bend = second + step * (third + step * fourth / 2.0)
        move = np.where(bend < 0.0, -rise / np.where(bend < 0.0, bend, -1.0), 0.0)
        step = np.clip(step + move, offset - 1.0, offset + 1.0)
    ends = (top == 0) | (top == grid.nodes.size - 1)
    inner = grid.nodes[centre] + step * grid.step
    return np.asarray(np.where(ends, grid.nodes[top], inner), dtype=float)
