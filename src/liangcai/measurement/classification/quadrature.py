"""Integrals over a distribution, cut where the integrand jumps, with their error.

The variable is the log odds of the distribution function: any distribution becomes logistic, so
integrands that are smooth inside become smooth everywhere, heavy or singular ends included.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from liangcai.measurement.arrays import Array
from liangcai.measurement.classification.tables import Classification

#: Beyond these log odds lies a mass below 1e-16.
_END = 37.0
_WIDEST_PIECE = 1.5
#: Gauss–Legendre nodes of each piece, and those of the check.
NODES, CHECK_NODES = 12, 7


@dataclass(frozen=True, slots=True)
class Points:
    """Probabilities `below` and `above` (summing to 1, each exact when small) and their weights."""

    below: Array
    above: Array
    weight: Array


def points_between(breaks: Array, *, nodes: int = NODES) -> Points:
    """Return the points of an integral over (0, 1), exact for integrands smooth between `breaks`.

    `breaks` are probabilities; those of 0 and 1 are ignored.
    """
    inner = breaks[(breaks > 0.0) & (breaks < 1.0)]
    jumps = np.unique(np.clip(logit(inner), -_END, _END))
    ends = np.concatenate([[-_END], jumps, [_END]])
    edges = np.unique(np.concatenate([np.arange(-_END, _END, _WIDEST_PIECE), ends]))
    place, share = np.polynomial.legendre.leggauss(nodes)
    half, centre = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    odds = (centre[:, None] + half[:, None] * place).ravel()
    below, above = expit(odds), expit(-odds)
    weight = (half[:, None] * share).ravel() * below * above
    return Points(below, above, weight / weight.sum())


def checked_by_fewer_points(
    breaks: Array, with_points: Callable[[Points], Classification]
) -> Classification:
    """Return the classification at full resolution, its error that of the halved resolution."""
    fine = with_points(points_between(breaks))
    coarse = with_points(points_between(breaks, nodes=CHECK_NODES))
    error = max(
        float(np.abs(fine.joint - coarse.joint).max()),
        float(np.abs(fine.agreement - coarse.agreement).max()),
    )
    return replace(fine, numerical_error=error)
