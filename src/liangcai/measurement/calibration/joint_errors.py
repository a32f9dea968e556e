"""Errors of between-item models: the cross-products of the persons' scores (Berndt et al., 1974)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.calibration.families import Table
from liangcai.measurement.calibration.information import Errors
from liangcai.measurement.calibration.joint_grid import DimensionColumns, JointGrid, chunks
from liangcai.measurement.calibration.shards import Floats, Sums
from liangcai.measurement.calibration.tables import log_probabilities, row_tables

if TYPE_CHECKING:
    from liangcai.measurement.calibration.multidimensional import JointProblem


@dataclass(frozen=True, slots=True)
class ScoreTables:
    """Scores by the T working parameters: of category 0 (T × Q), what category k adds (K × T × Q)."""

    base: Array
    extra: Array
    columns: Index  # K × T: the design column of category k, −1 for none
    asked: Index  # T: the column that says whether the item was asked
    dimension: Index  # T


@dataclass(frozen=True, slots=True)
class ScoreProductTask:
    """The weighted cross-products of the persons' scores."""

    parts: tuple[DimensionColumns, ...]
    grid: JointGrid
    masses: Array
    scores: ScoreTables
    precision: Array
    pairs: tuple[tuple[int, int], ...]

    @property
    def dtype(self) -> npt.DTypeLike:
        """Double precision."""
        return np.float64

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:  # noqa: ARG002  (one group)
        """Return the products (working parameters and covariances, both ways)."""
        held = np.ones(design.shape[0]) if weights is None else weights
        size = self.scores.base.shape[0] + len(self.pairs)
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
        found = np.zeros((design.shape[0], self.scores.base.shape[0]))
        for dimension, posterior in enumerate(marginals):
            own = np.flatnonzero(self.scores.dimension == dimension)
            base = posterior @ self.scores.base[own].T
            found[:, own] = base * design[:, self.scores.asked[own]]
            for extra, columns in zip(self.scores.extra, self.scores.columns, strict=True):
                held = own[columns[own] >= 0]
                found[:, held] += (posterior @ extra[held].T) * design[:, columns[held]]
        return found


def cross_product_errors(
    joint: "JointProblem",
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
        _score_tables(joint, tables, active, grid.nodes.size),
        np.asarray(np.linalg.inv(covariance), dtype=float),
        pairs,
    )
    products = joint.executor.sums(task)[0][0]
    chain = np.zeros((products.shape[0], jacobian.shape[1] + len(pairs)))
    chain[: active.size, : jacobian.shape[1]] = jacobian[active]
    chain[active.size :, jacobian.shape[1] :] = np.eye(len(pairs))
    return _inverted(chain.T @ products @ chain, jacobian.shape[1])


def _score_tables(
    joint: "JointProblem", tables: list[Table], active: Index, nodes: int
) -> ScoreTables:
    layout, coding = joint.problem.layout, joint.problem.coding
    rows, width = layout.offset.shape
    most = int(layout.steps.max()) + 1
    full = np.zeros((rows, most, width, nodes))
    for block, table in zip(layout.blocks, tables, strict=True):
        full[block.rows, : block.steps + 1, : block.width] = table.slopes
    row, place = active // width, active % width
    item = layout.items[row]
    columns = np.full((coding.item_count, most), -1, dtype=np.intp)
    columns[coding.owners, coding.categories] = np.arange(coding.owners.size)
    base = full[row, 0, place]
    extra = np.moveaxis(full[row, 1:, place] - base[:, None], 1, 0)
    one = np.full(item.size, coding.width - 1)
    asked = coding.owners.size + item if coding.asked else one
    return ScoreTables(base, extra, columns[item, 1:].T, asked, joint.dimension[item])


def _inverted(information: Array, free: int) -> Errors:
    try:
        root = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return Errors(np.full((free, free), np.nan), np.zeros(0), maximum=False)
    half = np.linalg.solve(root, np.eye(root.shape[0]))
    return Errors((half.T @ half)[:free, :free], np.zeros(0), maximum=True)
