"""Standard errors from the observed information (Louis, 1982): complete minus missing information.

The missing information is the posterior variance of each person's complete-data score, summed.
Its second moments are, node by node, products of the design's columns weighted with the posterior,
so that no person's matrix is ever formed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.calibration.em import Position, Problem, expectation
from liangcai.measurement.calibration.estep import posterior_weights
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.mstep import working_slope
from liangcai.measurement.calibration.parameter_scores import (
    ParameterScores,
    parameter_scores,
)
from liangcai.measurement.calibration.prior_terms import prior_terms
from liangcai.measurement.calibration.shards import Executor, Floats, Sums
from liangcai.measurement.calibration.tables import (
    row_tables,
)

#: A posterior weight below this adds nothing that single precision could hold.
_NEGLIGIBLE = 1e-8
#: Numbers that the second moments of one pass over the persons may hold.
_MOST_NUMBERS = 24_000_000
#: Beyond this logit an asymptote is 0 or 1: it has no error of its own.
_EDGE = 9.0
_STEP = 1e-4
#: The least part of its complete information that a value must keep.
_FLAT = 1e-4


@dataclass(frozen=True, slots=True)
class Errors:
    """Covariance of the free item values (F × F), and the errors of the latent ones.

    `latent` are the standard errors of the free means and log standard deviations; `maximum` says
    whether the information is positive definite and not flat (else all errors are NaN). A value at the edge of
    its range has variance 0.
    """

    covariance: Array
    latent: Array
    maximum: bool


@dataclass(frozen=True, slots=True)
class MissingInformationTask:
    """Second moments at some nodes, and the products of the persons' mean scores (first pass only)."""

    values: Sequence[Floats]
    scores: Sequence[ParameterScores]
    nodes: range
    first: bool

    @property
    def dtype(self) -> npt.DTypeLike:
        """The precision of the values."""
        return self.values[0].dtype

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:
        """Return the moments (nodes × columns × columns) and the products (T × T)."""
        posterior, _ = posterior_weights(design, self.values[group])
        heavy = posterior > _NEGLIGIBLE
        if weights is not None:
            posterior *= weights.astype(posterior.dtype)
        width = design.shape[1]
        moments = np.zeros((len(self.nodes), width, width))
        for place, node in enumerate(self.nodes):
            rows = np.flatnonzero(heavy[node])
            part = design[rows]
            moments[place] = (part * posterior[node, rows, None]).T @ part
        size = self.scores[group].count
        products = np.zeros((size, size))
        if self.first:
            means = self.scores[group].means(design, posterior.T)
            if weights is not None:  # the posterior holds the weight; a product wants it once
                means /= np.sqrt(np.maximum(weights, 1e-300)).astype(means.dtype)[:, None]
            products = np.asarray(means.T @ means, dtype=float)
        return moments, products


def errors_at(
    problem: Problem, executor: Executor, at: Position, nodes: Array, dtype: npt.DTypeLike
) -> Errors:
    """Return the errors of all parameters at a maximum."""
    layout = problem.layout
    found = expectation(problem, executor, at, nodes, dtype)
    jacobian = layout.jacobian()
    free = jacobian.shape[1]
    latent = at.latent.free().size if at.latent.histogram is None else 0
    total = np.zeros((free + latent, free + latent))
    complete = _complete_information(problem, found.working, found.expected, nodes)
    by_row = jacobian.reshape(*found.working.shape, free)
    total[:free, :free] = np.einsum("ipf,ipr,irg->fg", by_row, complete, by_row, optimize=True)
    total[free:, free:] = _latent_information(at, found.persons, nodes)[:latent, :latent]
    whole = np.diag(total).copy()
    active = np.flatnonzero((jacobian != 0.0).any(axis=1))
    tracks = [_active_of(layout, active, group) for group in range(len(found.values))]
    scores = [parameter_scores(layout, problem.coding, found.tables, track) for track in tracks]
    if latent:
        rows, always = at.latent.free_scores(nodes), problem.coding.width - 1
        scores = [part.with_latent(rows[:, g], always) for g, part in enumerate(scores)]
    scores = [part.of_precision(dtype) for part in scores]
    for group, missing in enumerate(
        _missing_information(executor, found.values, scores, nodes.size)
    ):
        chain = np.zeros((missing.shape[0], free + latent))
        chain[: tracks[group].size, :free] = jacobian[tracks[group]]
        chain[tracks[group].size :, free:] = np.eye(latent)
        total -= chain.T @ missing @ chain
    inner = np.flatnonzero(~_at_the_edge(layout, at, total.shape[0]))
    return _inverted(0.5 * (total + total.T), whole, inner, free=free)


def _active_of(layout: Layout, active: Index, group: int) -> Index:
    """Return those active working parameters (flat places) that bear on the group's items."""
    return active[np.isin(active // layout.offset.shape[1], layout.of_group[group])]


def _complete_information(problem: Problem, working: Array, expected: Array, nodes: Array) -> Array:
    """Return the negative second derivatives of the expected log-posterior (I × P × P)."""
    width = working.shape[1]
    information = np.zeros((*working.shape, width))
    for place in range(width):
        shift = np.zeros(width)
        shift[place] = _STEP
        ends = []
        for moved in (working - shift, working + shift):
            slope = working_slope(
                problem.layout, row_tables(problem.layout, moved, nodes), expected
            ).gradient
            ends.append(slope + prior_terms(problem.layout, moved, problem.priors).gradient)
        information[:, :, place] = (ends[0] - ends[1]) / (2.0 * _STEP)
    return 0.5 * (information + np.swapaxes(information, 1, 2))


def _latent_information(at: Position, persons: Array, nodes: Array) -> Array:
    """Return the complete information of the free means and log standard deviations."""
    latent = at.latent
    z = (nodes[None, :] - latent.mean[:, None]) / latent.sd[:, None]
    means, sds = np.flatnonzero(latent.free_mean), np.flatnonzero(latent.free_sd)
    table = np.zeros((means.size + sds.size, means.size + sds.size))
    first, second = (persons * z).sum(axis=1), (persons * z * z).sum(axis=1)
    place, other = np.arange(means.size), means.size + np.arange(sds.size)
    table[place, place] = persons.sum(axis=1)[means] / latent.sd[means] ** 2
    table[other, other] = 2.0 * second[sds]
    for one, group in enumerate(means):
        for two in np.flatnonzero(sds == group):
            cross = 2.0 * first[group] / latent.sd[group]
            table[one, means.size + two] = table[means.size + two, one] = cross
    return table


def _missing_information(
    executor: Executor, values: Sequence[Floats], scores: Sequence[ParameterScores], nodes: int
) -> list[Array]:
    """Return each group's summed posterior variance of the scores (T × T)."""
    sizes = [part.count for part in scores]
    missing = [np.zeros((size, size)) for size in sizes]
    width = values[0].shape[0]
    chunk = max(1, _MOST_NUMBERS // width**2)
    for start in range(0, nodes, chunk):
        part = range(start, min(start + chunk, nodes))
        task = MissingInformationTask(values, scores, part, first=start == 0)
        for group, sums in enumerate(executor.sums(task)):
            if sums:
                moments, products = sums
                missing[group] += _contracted(moments, scores[group], part) - products
    return missing


def _contracted(moments: Array, scores: ParameterScores, nodes: range) -> Array:
    """Return Σ over nodes of Dᵀ·M·D with D the scores by the design's columns (columns × T).

    A parameter's scores lie in few columns: one a category of its item, and the one that says that
    the item was asked. So the products are formed entry by entry.
    """
    size = scores.count
    result = np.zeros((size, size))
    parts = [
        (scores.asked, scores.base),
        *zip(scores.columns, scores.extra, strict=True),
    ]
    for moment, node in zip(moments, nodes, strict=True):
        for place, (left, one) in enumerate(parts):
            for right, other in parts[: place + 1]:
                term = _picked(moment, left, right)
                term = term * one[:, node, None] * other[:, node]
                result += term
                if left is not right:
                    result += term.T
    return result


def _picked(moment: Array, left: Index, right: Index) -> Array:
    """Return the entries of these columns; a column that all parameters share is picked once."""
    if left.size and (right == right[0]).all():
        return np.asarray(moment[left, right[0]][:, None], dtype=float)
    return np.asarray(moment[left][:, right], dtype=float)


def _inverted(information: Array, whole: Array, inner: Index, *, free: int) -> Errors:
    """Invert the information of the values `inner`; `whole` is the diagonal of the complete one.

    Where nearly nothing of a value's complete information is observed, the others making up for it,
    the likelihood is flat: there is no one maximum, whatever the last digits say.
    """
    covariance = np.zeros_like(information)
    try:
        root = np.linalg.cholesky(information[np.ix_(inner, inner)])
        half = np.linalg.solve(root, np.eye(inner.size))
        covariance[np.ix_(inner, inner)] = half.T @ half
        left = 1.0 / np.maximum(np.diag(covariance)[inner] * whole[inner], 1e-300)
        flat = bool((left < _FLAT).any())
    except np.linalg.LinAlgError:
        flat = True
    if flat:
        covariance[:] = np.nan
    return Errors(covariance[:free, :free], np.sqrt(np.diag(covariance)[free:]), maximum=not flat)


def _at_the_edge(layout: Layout, at: Position, size: int) -> Flags:
    """Return which free values are logits of an asymptote that has gone to 0 or 1."""
    edge = np.zeros(size, dtype=bool)
    owner, place = np.nonzero(layout.used)
    moved = np.argmax(layout.local[owner, :, place] != 0.0, axis=1)
    logistic = np.zeros(layout.items.size, dtype=bool)
    for block in layout.blocks:
        if block.family == "logistic":
            logistic[block.rows] = True
    asymptote = logistic[owner] & (moved >= 2)
    edge[: owner.size] = asymptote & (np.abs(at.free[: owner.size]) > _EDGE)
    return edge
