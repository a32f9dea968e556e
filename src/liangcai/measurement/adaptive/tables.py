"""Tables of items over a grid of abilities: log probability of every score, and information.

A step of an adaptive test is then a few small matrix products: pure, the same for the same
arguments, and fast enough to be computed anew from all answers.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.grid import Grid
from liangcai.measurement.models.curves import CategoryCurves, category_curves
from liangcai.measurement.models.items import ItemParameters

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Pool:
    """Items with equally many categories: log P[item, category, node] and Fisher information."""

    log_probability: Array
    information: Array


def drawn(curves: CategoryCurves) -> Pool:
    """Return the pool of items whose curves are given; an impossible score has P = 1e-300."""
    logs = np.log(np.maximum(curves.probability, _SMALLEST))
    return Pool(np.asarray(logs, dtype=float), curves.information())


def right_or_wrong(parameters: Array, nodes: Array) -> Pool:
    """Return the pool of three-parameter logistic items (Birnbaum, 1968), rows (a, b, c).

    Category 0 is wrong, 1 right; information is a²(1 − c)s²(1 − s)/P with s = logistic(a(theta − b)).
    """
    a, b, c = parameters.T
    return drawn(category_curves(_items("3pl", a, b[:, None], c), nodes))


def graded(slopes: Array, thresholds: Array, nodes: Array) -> Pool:
    """Return the pool of graded response items (Samejima, 1969).

    `thresholds` has a rising row per item: P(category ≥ k) = logistic(a(theta − threshold[k−1])).
    Information is the sum over categories of P'²/P.
    """
    return drawn(category_curves(_items("grm", slopes, thresholds, np.zeros(slopes.size)), nodes))


def _items(model: str, a: Array, b: Array, c: Array) -> ItemParameters:
    return ItemParameters(
        names=tuple(map(str, range(a.size))),
        models=(model,) * a.size,
        a=a,
        b=b,
        c=c,
        d=np.ones(a.size),
        category_slopes=np.full_like(b, np.nan),
        dimension=np.zeros(a.size, dtype=np.intp),
    )


def averaged_over_members(pool: Pool, kernel: Array, grid: Grid) -> Pool:
    """Return the pool as the group sees it: each curve averaged over how members scatter about it.

    `kernel` is `fractional.hierarchy.spread_kernel`. The information is that of the averaged curves, ΣP'²/P with
    slopes from neighbouring nodes.
    """
    weights = kernel / kernel.sum(axis=1, keepdims=True)
    probability = np.exp(pool.log_probability) @ weights.T
    slope = np.gradient(probability, grid.step, axis=2)
    probability = np.maximum(probability, _SMALLEST)
    return Pool(np.log(probability), (slope**2 / probability).sum(axis=1))


def log_likelihoods(pool: Pool, items: Index, shares: Array) -> Array:
    """Return a row over the nodes for each answer.

    `shares` has a row per answer over the categories, summing to 1: all in one category for an
    ordinary answer, split between wrong and right for partial credit (a fractional quasi-likelihood).
    """
    rows = np.einsum("ack,ac->ak", pool.log_probability[items], shares)
    return np.asarray(rows, dtype=float)


def mean_and_se(grid: Grid, mass: Array) -> tuple[Array, Array]:
    """Return the posterior mean (EAP, Bock & Mislevy, 1982) and standard deviation of each row."""
    mean = mass @ grid.nodes
    variance = mass @ grid.nodes**2 - mean**2
    return mean, np.sqrt(np.maximum(variance, 0.0))
