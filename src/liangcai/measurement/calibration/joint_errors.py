"""Errors of between-item models: the cross-products of the persons' scores (Berndt et al., 1974)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.calibration.information import Errors
from liangcai.measurement.calibration.joint_grid import DimensionColumns, JointGrid, chunks
from liangcai.measurement.calibration.joint_problem import JointProblem
from liangcai.measurement.calibration.parameter_scores import (
    ParameterScores,
    parameter_scores,
)
from liangcai.measurement.calibration.shards import Floats, Sums
from liangcai.measurement.calibration.tables import log_probabilities, row_tables


@dataclass(frozen=True, slots=True)
class ScoreProductTask:
    """The weighted cross-products of the persons' scores."""

    parts: tuple[DimensionColumns, ...]
    grid: JointGrid
    masses: Array
    scores: ParameterScores
    dimension: Index  # of each parameter
    precision: Array
    pairs: tuple[tuple[int, int], ...]

    @property
    def dtype(self) -> npt.DTypeLike:
        """Double precision."""
        return np.float64

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:  # noqa: ARG002  (one group)
        """Return the products (working parameters and covariances, both ways)."""
        held = np.ones(design.shape[0]) if weights is None else weights
        size = self.scores.count + len(self.pairs)
        products = np.zeros((size, size))
        for chunk in chunks(design, self.parts, self.grid, self.masses):
            items = self._item_scores(design[chunk.rows], chunk.marginals(self.grid))
            moments = chunk.second_moments(self.grid, self.masses)
            shape = 0.5 * (self.precision @ moments @ self.precision - self.precision)
            density = [shape[:, one, two] * (1.0 + (one != two)) for one, two in self.pairs]
            scores = np.concatenate([items, np.array(density).reshape(-1, len(items)).T], axis=1)
            products += (scores * held[chunk.rows, None]).T @ scores
        return (products,)

    def _item_scores(self, design: Floats, marginals: Array) -> Array:
        found = np.zeros((design.shape[0], self.scores.count))
        for dimension, posterior in enumerate(marginals):
            own = np.flatnonzero(self.dimension == dimension)
            found[:, own] = self.scores.means(design, posterior, own)
        return found


def cross_product_errors(
    joint: JointProblem,
    grid: JointGrid,
    free: Array,
    covariance: Array,
    fixed: Flags,
) -> Errors:
    """Return the errors of the items; variances in `fixed` dimensions are 1 by definition."""
    layout = joint.problem.layout
    tables = row_tables(layout, layout.working(free), grid.nodes)
    log = log_probabilities(layout, tables, grid.nodes.size)
    jacobian = layout.jacobian()
    active = np.flatnonzero((jacobian != 0.0).any(axis=1))
    pairs = tuple(
        (one, two)
        for one in range(joint.count)
        for two in range(one + 1)
        if one != two or not fixed[one]
    )
    task = ScoreProductTask(
        joint.parts(log),
        grid,
        grid.masses(covariance),
        parameter_scores(layout, joint.problem.coding, tables, active),
        joint.dimension[layout.items[active // layout.offset.shape[1]]],
        np.asarray(np.linalg.inv(covariance), dtype=float),
        pairs,
    )
    products = joint.executor.sums(task)[0][0]
    chain = np.zeros((products.shape[0], jacobian.shape[1] + len(pairs)))
    chain[: active.size, : jacobian.shape[1]] = jacobian[active]
    chain[active.size :, jacobian.shape[1] :] = np.eye(len(pairs))
    return _inverted(chain.T @ products @ chain, jacobian.shape[1])


def _inverted(information: Array, free: int) -> Errors:
    try:
        root = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return Errors(np.full((free, free), np.nan), np.zeros(0), maximum=False)
    half = np.linalg.solve(root, np.eye(root.shape[0]))
    return Errors((half.T @ half)[:free, :free], np.zeros(0), maximum=True)
