"""Units that borrow strength from their element: an exact two-level posterior on a grid.

Model: the ability of a group (an element) is N(0, 1); the ability of each of its members (a
unit) is the group's plus an independent deviation N(0, spread²); observations bear on members.
The tree is integrated exactly by passing messages, so no sampling and no approximation beyond
the grid is involved. `spread` is an empirical-Bayes hyperparameter (Morris, 1983): pinned where
decisions are made, estimated from a reference group by `unit_spread`.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.grid import Grid, normalise

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Posteriors:
    """Masses on the grid: each group's, each observed member's, and an unobserved member's of each group."""

    group: Array
    member: Array
    unobserved: Array


def spread_kernel(grid: Grid, spread: float) -> Array:
    """Return the matrix of masses of N(node, spread²) on the grid; symmetric."""
    z = (grid.nodes[:, None] - grid.nodes[None, :]) / spread
    kernel = np.exp(-0.5 * z * z) * (grid.step / (spread * np.sqrt(2.0 * np.pi)))
    return np.asarray(kernel, dtype=float)


def standard_normal_log_density(grid: Grid) -> Array:
    """Return the log density of N(0, 1) at the nodes."""
    return np.asarray(-0.5 * grid.nodes**2 - 0.5 * np.log(2.0 * np.pi), dtype=float)


def posteriors(
    log_likelihood: Array, group_of: Index, *, groups: int, grid: Grid, kernel: Array
) -> Posteriors:
    """Return the posteriors of groups and members.

    `log_likelihood` has a row per observed member, `group_of` its group (non-decreasing),
    `groups` how many groups there are (some may have no observed member).
    """
    scaled, messages = _messages(log_likelihood, kernel)
    total = _group_totals(messages, group_of, groups, standard_normal_log_density(grid))
    group = normalise(total)
    cavity = normalise(total[group_of] - messages)
    member = scaled
    member *= cavity @ kernel
    member /= member.sum(axis=1, keepdims=True)
    unobserved = group @ kernel
    unobserved /= unobserved.sum(axis=1, keepdims=True)
    return Posteriors(group, member, unobserved)


def log_marginal(
    log_likelihood: Array, group_of: Index, *, groups: int, grid: Grid, spread: float
) -> float:
    """Return the log marginal likelihood of all observations for one `spread`."""
    kernel = spread_kernel(grid, spread)
    top = log_likelihood.max(axis=1)
    _, messages = _messages(log_likelihood, kernel)
    total = _group_totals(messages, group_of, groups, standard_normal_log_density(grid))
    peak = total.max(axis=1)
    inner = np.log((np.exp(total - peak[:, None])).sum(axis=1) * grid.step)
    return float(inner.sum() + peak.sum() + top.sum())


def _messages(log_likelihood: Array, kernel: Array) -> tuple[Array, Array]:
    """Return each member's likelihood scaled to a largest value of 1, and its log message upwards."""
    scaled = log_likelihood - log_likelihood.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    messages = scaled @ kernel
    np.maximum(messages, _SMALLEST, out=messages)
    np.log(messages, out=messages)
    return scaled, messages


def _group_totals(messages: Array, group_of: Index, groups: int, log_prior: Array) -> Array:
    total = np.tile(log_prior, (groups, 1))
    if group_of.size:
        starts = np.flatnonzero(np.r_[True, group_of[1:] != group_of[:-1]])
        total[group_of[starts]] += np.add.reduceat(messages, starts, axis=0)
    return total
