"""The E-step of between-item multidimensional models: each item measures one of D correlated abilities.

Given the abilities a person's likelihood is a product over the dimensions, so that integrals over
the D-dimensional grid are products of two matrices of half as many dimensions with the density
between them. Everything is in double precision: a density with high correlations is tiny off its
ridge.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.calibration.shards import Floats, Sums

#: Persons by joint nodes that are held at a time.
_MOST_NUMBERS = 4_000_000


@dataclass(frozen=True, slots=True)
class JointGrid:
    """The same even nodes in each of D dimensions, in two halves; `left` and `right` list their points."""

    nodes: Array
    dimensions: int

    @property
    def halves(self) -> tuple[int, int]:
        """How many dimensions each half has."""
        left = math.ceil(self.dimensions / 2)
        return left, self.dimensions - left

    def points(self, count: int) -> Array:
        """Return the points of a half with so many dimensions (points × count)."""
        return np.array(list(product(self.nodes, repeat=count)), dtype=float).reshape(
            self.nodes.size**count, count
        )

    def masses(self, covariance: Array) -> Array:
        """Return the masses of N(0, covariance), left points × right points, summing to 1."""
        left, right = (self.points(count) for count in self.halves)
        precision = np.linalg.inv(covariance)
        split = left.shape[1]
        log = -0.5 * ((left @ precision[:split, :split]) * left).sum(axis=1)[:, None]
        log = log - 0.5 * ((right @ precision[split:, split:]) * right).sum(axis=1)
        log -= left @ precision[:split, split:] @ right.T
        log -= log.max()
        mass = np.exp(log)
        return np.asarray(mass / mass.sum(), dtype=float)


@dataclass(frozen=True, slots=True)
class DimensionColumns:
    """The design's columns of one dimension and their values at the nodes (columns × nodes)."""

    columns: Index
    values: Array


@dataclass(frozen=True, slots=True)
class Chunk:
    """Persons of a block held at a time: the likelihoods of both halves, and what the others say.

    `seen_left` is what the right half and the density say about the points of the left one, and the
    other way round; the posterior of the left points is left·seen_left ÷ total.
    """

    rows: slice
    left: Array
    right: Array
    seen_left: Array
    seen_right: Array
    total: Array
    log_likelihood: Array

    def halves(self) -> tuple[Array, Array]:
        """Return the posteriors of the left and of the right points (persons × points)."""
        share = 1.0 / self.total[:, None]
        return self.left * self.seen_left * share, self.right * self.seen_right * share

    def marginals(self, grid: JointGrid) -> Array:
        """Return each dimension's posterior (D × persons × nodes)."""
        parts = zip(self.halves(), grid.halves, strict=True)
        return np.concatenate([_marginals(half, count, grid.nodes.size) for half, count in parts])

    def second_moments(self, grid: JointGrid, masses: Array) -> Array:
        """Return the posterior means of the products of the abilities (persons × D × D)."""
        split, size = grid.halves[0], grid.dimensions
        persons = self.total.size
        table = np.empty((persons, size, size))
        points = [grid.points(count) for count in grid.halves]
        for half, at, posterior in zip((0, 1), points, self.halves(), strict=True):
            wide = at.shape[1]
            squares = (at[:, :, None] * at[:, None, :]).reshape(at.shape[0], wide**2)
            place = slice(0, split) if half == 0 else slice(split, size)
            table[:, place, place] = (posterior @ squares).reshape(persons, wide, wide)
        for one in range(split):
            seen = (self.left * points[0][:, one]) @ masses * self.right / self.total[:, None]
            table[:, one, split:] = table[:, split:, one] = seen @ points[1]
        return table


def chunks(
    design: Floats, parts: Sequence[DimensionColumns], grid: JointGrid, masses: Array
) -> Iterator[Chunk]:
    """Yield the persons of a block in chunks that fit into memory."""
    rows = max(1, _MOST_NUMBERS // max(masses.shape))
    split = grid.halves[0]
    for start in range(0, design.shape[0], rows):
        chunk = slice(start, min(start + rows, design.shape[0]))
        likelihoods, peak = _likelihoods(design[chunk], parts)
        left = _outer(likelihoods[:split], peak.size)
        right = _outer(likelihoods[split:], peak.size)
        seen_right, seen_left = left @ masses, right @ masses.T
        total = np.maximum(np.einsum("nb,nb->n", seen_right, right), 1e-300)
        yield Chunk(chunk, left, right, seen_left, seen_right, total, np.log(total) + peak)


def _likelihoods(design: Floats, parts: Sequence[DimensionColumns]) -> tuple[list[Array], Array]:
    found, peaks = [], np.zeros(design.shape[0])
    for part in parts:
        log = design[:, part.columns] @ part.values
        peak = log.max(axis=1)
        peaks += peak
        found.append(np.exp(log - peak[:, None]))
    return found, peaks


def _outer(factors: Sequence[Array], persons: int) -> Array:
    """Return the products over all combinations of nodes (persons × points)."""
    table = np.ones((persons, 1))
    for factor in factors:
        table = (table[:, :, None] * factor[:, None, :]).reshape(persons, -1)
    return table


def _marginals(half: Array, dimensions: int, nodes: int) -> Array:
    shaped = half.reshape(half.shape[0], *(nodes,) * dimensions)
    axes = range(1, dimensions + 1)
    return np.reshape(
        [shaped.sum(axis=tuple(axis for axis in axes if axis != kept)) for kept in axes],
        (dimensions, half.shape[0], nodes),
    )


@dataclass(frozen=True, slots=True)
class JointCountTask:
    """Expected counts of each column at its dimension's nodes, the joint mass, the log-likelihood."""

    parts: tuple[DimensionColumns, ...]
    grid: JointGrid
    masses: Array

    @property
    def dtype(self) -> npt.DTypeLike:
        """Double precision."""
        return np.float64

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:  # noqa: ARG002  (one group)
        """Return counts (columns × nodes), persons (D × nodes), joint mass, log-likelihood."""
        held = np.ones(design.shape[0]) if weights is None else weights
        grid, nodes = self.grid, self.grid.nodes.size
        expected, persons = np.zeros((design.shape[1], nodes)), np.zeros((grid.dimensions, nodes))
        joint, log_likelihood = np.zeros_like(self.masses), np.zeros(1)
        for chunk in chunks(design, self.parts, grid, self.masses):
            weight, part = held[chunk.rows], design[chunk.rows]
            weighted = chunk.marginals(grid) * weight[:, None]
            for columns, posterior in zip(self.parts, weighted, strict=True):
                expected[columns.columns] += part[:, columns.columns].T @ posterior
            persons += weighted.sum(axis=1)
            joint += chunk.left.T @ (chunk.right * (weight / chunk.total)[:, None])
            log_likelihood += chunk.log_likelihood @ weight
        return expected, persons, joint * self.masses, log_likelihood
