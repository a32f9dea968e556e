"""The M-step: one safeguarded Fisher scoring step of all rows at once, shared parameters included."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.families import Table
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.prior_terms import prior_terms
from liangcai.measurement.calibration.priors import Priors
from liangcai.measurement.calibration.tables import row_tables

_LONGEST_STEP = 2.0
_RIDGE = 1e-9
_HALVINGS = 12


@dataclass(frozen=True, slots=True)
class Slope:
    """Gradient and Fisher information of the expected log-likelihood in the working parameters."""

    gradient: Array  # I × P
    information: Array  # I × P × P


@dataclass(frozen=True, slots=True)
class Step:
    """A scoring step: the new free values, the diagonal of the information they moved in.

    `decrement` is gradient·information⁻¹·gradient: 0 only where the gradient is.
    """

    free: Array
    scale: Array
    decrement: float


def working_slope(layout: Layout, tables: Sequence[Table], expected: Array) -> Slope:
    """Return gradient and information at the expected counts (I × K × Q)."""
    rows, width = layout.offset.shape
    gradient, information = np.zeros((rows, width)), np.zeros((rows, width, width))
    for block, table in zip(layout.blocks, tables, strict=True):
        counts = expected[block.rows, : block.steps + 1]
        slopes = np.moveaxis(table.slopes, 2, 1).reshape(block.rows.size, block.width, -1)
        weights = np.exp(table.log_probability) * counts.sum(axis=1, keepdims=True)
        size = block.rows.size
        gradient[block.rows, : block.width] = (slopes @ counts.reshape(size, -1, 1))[:, :, 0]
        information[block.rows, : block.width, : block.width] = (
            slopes * weights.reshape(size, 1, -1)
        ) @ np.swapaxes(slopes, 1, 2)
    return Slope(gradient, information)


def objective(layout: Layout, tables: Sequence[Table], expected: Array) -> Array:
    """Return the expected complete log-likelihood of each row (I)."""
    value = np.zeros(layout.items.size)
    for block, table in zip(layout.blocks, tables, strict=True):
        counts = expected[block.rows, : block.steps + 1]
        value[block.rows] = (counts * table.log_probability).sum(axis=(1, 2))
    return value


def scoring_step(
    layout: Layout,
    free: Array,
    tables: Sequence[Table],
    expected: Array,
    *,
    nodes: Array,
    priors: Priors,
) -> Step:
    """Return the free item values after one Fisher scoring step that does not lose likelihood."""
    slope = working_slope(layout, tables, expected)
    terms = prior_terms(layout, layout.working(free), priors)
    direction, scale, decrement = _direction(
        layout, slope.gradient + terms.gradient, slope.information + terms.information
    )
    direction = direction * _shortening(layout, direction)
    # So close to the maximum scoring cannot overshoot, unless asymptotes may cross.
    if decrement.max(initial=0.0) < 0.1 and "4pl" not in layout.models:
        return Step(free + direction, scale, float(decrement.sum()))
    before = objective(layout, tables, expected) + terms.value
    moved = _guarded(layout, free, direction, before, (expected, nodes, priors))
    return Step(moved, scale, float(decrement.sum()))


def _shortening(layout: Layout, direction: Array) -> Array | float:
    """Return the factor that brings each row's step within reach.

    Cut coordinate by coordinate a step need not ascend, and no halving of it would.
    """
    size = np.abs(direction)
    if layout.shared.shape[2]:
        return _LONGEST_STEP / max(_LONGEST_STEP, float(size.max(initial=0.0)))
    owner = np.nonzero(layout.used)[0]
    longest = np.full(layout.used.shape[0], _LONGEST_STEP)
    np.maximum.at(longest, owner, size)
    return np.asarray(_LONGEST_STEP / longest[owner])


def _guarded(
    layout: Layout, free: Array, direction: Array, before: Array, at: tuple[Array, Array, Priors]
) -> Array:
    """Halve the step of each row that lost likelihood; of all, where shared parameters moved."""
    expected, nodes, priors = at
    owner = np.nonzero(layout.used)[0]
    shared = layout.shared.shape[2] > 0
    length = np.ones(direction.size)
    for _ in range(_HALVINGS):
        moved = free + length * direction
        working = layout.working(moved)
        value = objective(layout, row_tables(layout, working, nodes), expected)
        value += prior_terms(layout, working, priors).value
        slack = 1e-9 * (1.0 + np.abs(before))
        if shared:
            if value.sum() >= before.sum() - slack.sum():
                return moved
            length *= 0.5
        else:
            worse = ~(value >= before - slack)
            if not worse.any():
                return moved
            length[worse[owner]] *= 0.5
    return np.asarray(free + np.where(length > 0.5**_HALVINGS, length, 0.0) * direction)


def _direction(layout: Layout, gradient: Array, information: Array) -> tuple[Array, Array, Array]:
    """Solve the arrow system: rows' own parameters, and the shared ones by Schur's complement."""
    local, shared = layout.local, layout.shared
    own = np.swapaxes(local, 1, 2) @ information @ local
    place = np.arange(own.shape[1])
    diagonal = own[:, place, place]
    own[:, place, place] += np.where(layout.used, _RIDGE * (1.0 + diagonal), 1.0)
    pull = (np.swapaxes(local, 1, 2) @ gradient[:, :, None])[:, :, 0]
    if shared.shape[2] == 0:
        step = np.asarray(np.linalg.solve(own, pull[:, :, None])[:, :, 0], dtype=float)
        decrement = np.asarray((step * pull).sum(axis=1), dtype=float)
        return step[layout.used], diagonal[layout.used], decrement
    cross = np.swapaxes(local, 1, 2) @ information @ shared
    common = (np.swapaxes(shared, 1, 2) @ information @ shared).sum(axis=0)
    pull_common = (np.swapaxes(shared, 1, 2) @ gradient[:, :, None])[:, :, 0].sum(axis=0)
    solved = np.linalg.solve(own, np.concatenate([cross, pull[:, :, None]], axis=2))
    schur = common - (np.swapaxes(cross, 1, 2) @ solved[:, :, :-1]).sum(axis=0)
    rest = pull_common - (np.swapaxes(cross, 1, 2) @ solved[:, :, -1:])[:, :, 0].sum(axis=0)
    schur += np.diag(_RIDGE * (1.0 + np.diag(common)))
    sigma = np.linalg.solve(schur, rest)
    step = np.asarray(solved[:, :, -1] - solved[:, :, :-1] @ sigma, dtype=float)
    decrement = np.array([(step * pull).sum() + sigma @ pull_common], dtype=float)
    scale = np.concatenate([diagonal[layout.used], np.diag(common)])
    return np.concatenate([step[layout.used], sigma]), scale, decrement
