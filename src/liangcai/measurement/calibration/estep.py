"""The E-step as blocked matrix products: expected counts of every category at every node.

With Y the design of a block (persons × columns) and Z the values of its columns at the nodes
(columns × nodes), Y·Z are log-likelihoods, their row-wise soft maximum W the posterior weights
and Yᵀ·W the expected counts (Bock & Aitkin, 1981). No array of all persons by nodes exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.shards import Executor, Floats, Sums

#: Weights below exp(−80) count as that: smaller ones would be denormal and slow.
_LEAST = -80.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Expected counts (columns × nodes, the last row all persons) and log-likelihood of one group."""

    expected: Array
    log_likelihood: float


def posterior_weights(design: Floats, values: Floats) -> tuple[Floats, Array]:
    """Return unnormalised posterior weights (nodes × persons) and each person's log-likelihood."""
    log = values.T @ design.T  # nodes × persons: reductions run along the persons
    peak = log.max(axis=0)
    log -= peak
    np.maximum(log, _LEAST, out=log)
    np.exp(log, out=log)
    total = log.sum(axis=0)
    log /= total
    return log, np.log(total).astype(float) + peak


@dataclass(frozen=True, slots=True)
class CountTask:
    """Expected counts of one block, and its log-likelihood."""

    values: Sequence[Floats]

    @property
    def dtype(self) -> npt.DTypeLike:
        """The precision of the values."""
        return self.values[0].dtype

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:
        """Return the counts (columns × nodes) and the log-likelihood (one entry)."""
        posterior, marginal = posterior_weights(design, self.values[group])
        if weights is not None:
            posterior *= weights.astype(posterior.dtype)
            marginal = marginal * weights
        expected = np.asarray((posterior @ design).T, dtype=float)
        return expected, np.array([marginal.sum()])


@dataclass(frozen=True, slots=True)
class LikelihoodTask:
    """The log-likelihood on a grid and on every other node of it, in double precision."""

    values: Sequence[Floats]
    coarse_offset: Sequence[float]

    @property
    def dtype(self) -> npt.DTypeLike:
        """Double precision."""
        return np.float64

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:
        """Return the two log-likelihoods."""
        log = self.values[group].T @ design.T
        peak = log.max(axis=0)
        log -= peak
        np.maximum(log, -700.0, out=log)
        np.exp(log, out=log)
        coarse = log[::2].sum(axis=0)
        fine = coarse + log[1::2].sum(axis=0)
        weight = np.ones(design.shape[0]) if weights is None else weights
        total = weight @ (np.log(fine) + peak)
        other = weight @ (np.log(coarse) + peak) + weight.sum() * self.coarse_offset[group]
        return (np.array([total, other]),)


def expected_counts(executor: Executor, values: Sequence[Floats]) -> list[Counts]:
    """Return each group's expected counts and log-likelihood."""
    shape = values[0].shape
    counts = []
    for sums in executor.sums(CountTask(values)):
        expected, log = sums or (np.zeros(shape), np.zeros(1))
        counts.append(Counts(expected, float(log[0])))
    return counts
