"""Which parameters a many-facet model has, which are held fixed, and how they are centred.

All parameters lie in one vector: the measures of the elements of every facet, the steps of every
step group (padded to the longest scale), the population means, the logs of the population
standard deviations.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from liangcai.measurement.arrays import Array, Flags, Index


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Places of the parameters; `fixed` ones never move, each row of `origins` marks some that sum to 0."""

    elements: int
    step_groups: int
    steps: int
    means: int
    spreads: int
    fixed: Flags
    origins: sparse.csr_array

    @property
    def size(self) -> int:
        """The length of the parameter vector."""
        return int(self.fixed.size)

    @property
    def step_start(self) -> int:
        """The place of the first step."""
        return self.elements

    @property
    def mean_start(self) -> int:
        """The place of the first population mean."""
        return self.elements + self.step_groups * self.steps

    @property
    def spread_start(self) -> int:
        """The place of the first log standard deviation."""
        return self.mean_start + self.means

    def measures(self, vector: Array) -> Array:
        """Return the elements' part of a vector."""
        return vector[: self.elements]

    def step_table(self, vector: Array) -> Array:
        """Return the steps' part, step groups × steps."""
        part = vector[self.step_start : self.mean_start]
        return part.reshape(self.step_groups, self.steps)

    def population_means(self, vector: Array) -> Array:
        """Return the means' part."""
        return vector[self.mean_start : self.spread_start]

    def spreads_of(self, vector: Array) -> Array:
        """Return the population standard deviations, back from their logs."""
        return np.asarray(np.exp(vector[self.spread_start :]), dtype=float)

    def free_count(self) -> int:
        """Return the number of parameters that can move independently."""
        free = (~self.fixed).astype(float)
        return int(free.sum() - np.count_nonzero(self.origins @ free))

    def project(self, target: Array, *, precision: Array | None = None) -> Array:
        """
        Return the vector (or matrix of columns) with 0 where fixed and each origin's sum taken off.

        With `precision` D the result is D⁻¹(v − Aᵀλ), the centred step of a diagonal model;
        without it the orthogonal projection.
        """
        share = np.where(self.fixed, 0.0, 1.0 if precision is None else 1.0 / precision)
        weight = self.origins @ share
        column = share if target.ndim == 1 else share[:, None]
        total = self.origins @ (column * target)
        scale = np.divide(1.0, weight, out=np.zeros_like(weight), where=weight > 0)
        level = total * (scale if target.ndim == 1 else scale[:, None])
        return np.asarray(column * (target - self.origins.T @ level), dtype=float)


def origins_of(label: Index, size: int) -> sparse.csr_array:
    """Return the rows that sum the parameters of one `label` (≥ 0; −1 marks those of no origin)."""
    held = np.flatnonzero(label >= 0)
    _, row = np.unique(label[held], return_inverse=True)
    count = int(row.max(initial=-1)) + 1
    return sparse.coo_array((np.ones(held.size), (row, held)), shape=(count, size)).tocsr()
