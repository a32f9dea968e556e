"""Posterior means on several correlated dimensions when each item measures one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.curves import information
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    answered_counts,
    distinct_patterns,
    matched,
    tables_at,
)
from liangcai.measurement.scoring.persons import ScoringInvalid
from liangcai.measurement.scoring.prior import (
    REACH,
    GridTooFine,
    PriorInvalid,
    checked_rows,
    wider,
)

_MOST_DIMENSIONS = 4
_STEP = 0.8
_FINER = 0.8
_TOLERANCE = 1e-5
_EDGE_MASS = 1e-7
# In four dimensions every sd more is dear, so the grid is widened by a quarter at a time.
_WIDENING = 0.25
_SAMPLE = 48
_MOST_NODES = 1 << 24
_CELLS = 1 << 21


@dataclass(frozen=True, slots=True)
class DimensionScores(Result):
    """
    Posterior means and standard deviations, N persons × D dimensions, in logits.

    `answered` counts the items answered per dimension: a dimension without any borrows all it
    has from the others. `quadrature_error` is by how much a finer grid moved any checked value,
    in prior standard deviations.
    """

    title: ClassVar[str] = "Scores on several dimensions"
    method = "expected a posteriori on a product grid; se is the posterior standard deviation"
    source = "Bock & Mislevy (1982); Adams, Wilson & Wang (1997)"

    persons: tuple[str, ...] | None
    theta: Array
    se: Array
    answered: Index
    mean: Array
    covariance: Array
    quadrature_error: float

    def columns(self) -> dict[str, Any]:
        """Return person and, for each dimension, theta, se and answered."""
        table: dict[str, Any] = {
            "person": self.persons or tuple(str(row + 1) for row in range(self.theta.shape[0]))
        }
        for place in range(self.theta.shape[1]):
            table[f"theta{place + 1}"] = self.theta[:, place]
            table[f"se{place + 1}"] = self.se[:, place]
            table[f"answered{place + 1}"] = self.answered[:, place]
        return table

    def facts(self) -> dict[str, Any]:
        """Return counts, the latent correlations and the error of the quadrature."""
        sd = np.sqrt(np.diag(self.covariance))
        return {
            "persons": self.theta.shape[0],
            "dimensions": self.theta.shape[1],
            "latent correlations": (self.covariance / np.outer(sd, sd))[
                np.triu_indices(sd.size, 1)
            ],
            "quadrature error": self.quadrature_error,
        }


def score_dimensions(
    responses: Responses,
    items: ItemParameters,
    *,
    covariance: npt.ArrayLike,
    mean: npt.ArrayLike | None = None,
) -> DimensionScores:
    """
    Return EAP scores on up to four dimensions under a normal prior with the latent `covariance` (D × D).

    `items.dimension` says which dimension an item measures; `mean` (D) is 0 by default.

    Raises:
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: the covariance is not symmetric and positive definite, the mean of another size,
            or a posterior 48 or more prior standard deviations away.
        ScoringInvalid: more than four dimensions, or an item of a dimension without prior.
        GridTooFine: the posteriors are too narrow for a product grid.
    """
    chosen = matched(responses, items)
    spread = np.atleast_2d(np.asarray(covariance, dtype=float))
    count = spread.shape[0]
    centre = np.zeros(count) if mean is None else np.asarray(mean, dtype=float).ravel()
    _check(spread, centre)
    if count > _MOST_DIMENSIONS or chosen.dimension.max(initial=0) >= count:
        raise ScoringInvalid(
            f"{count} dimensions in the covariance, items on dimension up to "
            f"{chosen.dimension.max(initial=0) + 1}: both at most {_MOST_DIMENSIONS} and in accord"
        )
    repeated = distinct_patterns(responses)
    seen = responses if repeated is None else responses.select_persons(repeated[0])
    found, error = _verified(seen, chosen, centre, spread)
    if repeated is not None:
        found = found[:, repeated[1]]
    parts = [
        answered_counts(responses.select_items(np.flatnonzero(chosen.dimension == place)))
        for place in range(count)
    ]
    return DimensionScores(
        persons=responses.persons,
        theta=found[0],
        se=found[1],
        answered=np.stack(parts, axis=1),
        mean=centre,
        covariance=spread,
        quadrature_error=error,
    )


def _check(spread: Array, centre: Array) -> None:
    square = spread.ndim == 2 and spread.shape == (centre.size, centre.size)
    if not square or not np.isfinite(spread).all() or not np.isfinite(centre).all():
        raise PriorInvalid(f"a {centre.size} × {centre.size} finite covariance and mean are needed")
    if not np.allclose(spread, spread.T) or np.linalg.eigvalsh(spread).min() <= 0.0:
        raise PriorInvalid("the latent covariance must be symmetric and positive definite")


def _verified(
    responses: Responses, items: ItemParameters, centre: Array, spread: Array
) -> tuple[Array, float]:
    """Return everybody's moments on a grid widened and refined until it holds, and by how much it errs."""
    step, reach, unit = _STEP, REACH, np.sqrt(np.diag(spread))
    sample = responses.select_persons(checked_rows(responses, most=_SAMPLE))
    while True:
        axes = _axes(items, centre, spread, step=step, reach=reach)
        few, edge = _moments(sample, items, axes, centre, spread)
        if edge > _EDGE_MASS:
            reach = wider(reach, by=_WIDENING * reach)
            continue
        finer = _axes(items, centre, spread, step=_FINER * step, reach=reach + 1.0)
        moved = _moments(sample, items, finer, centre, spread)[0] - few
        error = float(np.abs(moved / unit).max(initial=0.0))
        if error > _TOLERANCE:
            step *= _FINER
            continue
        found, edge = _moments(responses, items, axes, centre, spread)
        if edge <= _EDGE_MASS:
            return found, error
        reach = wider(reach, by=_WIDENING * reach)


def _axes(
    items: ItemParameters, centre: Array, spread: Array, *, step: float, reach: float
) -> list[Array]:
    precision = np.diag(np.linalg.inv(spread))
    axes = []
    for place, middle in enumerate(centre):
        half = reach * float(np.sqrt(spread[place, place]))
        members = items.select(np.flatnonzero(items.dimension == place))
        spots = np.linspace(middle - half, middle + half, 121)
        most = (
            float(information(members, spots).sum(axis=0).max(initial=0.0))
            if members.count
            else 0.0
        )
        width = step / np.sqrt(most + precision[place])
        axes.append(np.linspace(middle - half, middle + half, 1 + int(np.ceil(2 * half / width))))
    if np.prod([float(axis.size) for axis in axes]) > _MOST_NODES:
        raise GridTooFine(
            f"a product grid of {' × '.join(str(axis.size) for axis in axes)} nodes is too large: "
            "with so many items per dimension, score each dimension on its own"
        )
    return axes


def _moments(
    responses: Responses, items: ItemParameters, axes: Sequence[Array], centre: Array, spread: Array
) -> tuple[Array, float]:
    """Return means and standard deviations (2 × N × D), and the largest mass on an end of an axis."""
    members = [np.flatnonzero(items.dimension == place) for place in range(len(axes))]
    tables = [tables_at(items.select(m), axis) for m, axis in zip(members, axes, strict=True)]
    half = (len(axes) + 1) // 2
    table = _prior_table(axes, centre, spread, half)
    rows = max(16, min(4096, _CELLS // max(table.shape)))
    result, edge = np.empty((2, responses.person_count, len(axes))), 0.0
    for start in range(0, responses.person_count, rows):
        block = np.asarray(responses.scores[start : start + rows])
        likelihoods = []
        for tabled, columns in zip(tables, members, strict=True):
            log = tabled.log_likelihood(block[:, columns])
            likelihoods.append(np.exp(log - log.max(axis=1, keepdims=True)))
        near, far = _products(likelihoods[:half]), _products(likelihoods[half:])
        near, far = near * (far @ table.T), far * (near @ table)
        part = slice(start, start + rows)
        result[:, part, :half], one = _marginal_moments(near, axes[:half], centre[:half])
        result[:, part, half:], other = _marginal_moments(far, axes[half:], centre[half:])
        edge = max(edge, one, other)
    return result, edge


def _products(likelihoods: Sequence[Array]) -> Array:
    """Return every product of one likelihood per dimension (n × Q₁Q₂…; a column of ones for none)."""
    product = np.ones((likelihoods[0].shape[0] if likelihoods else 1, 1))
    for one in likelihoods:
        product = (product[:, :, None] * one[:, None, :]).reshape(one.shape[0], -1)
    return product


def _marginal_moments(joint: Array, axes: Sequence[Array], centre: Array) -> tuple[Array, float]:
    """Return mean and sd on each axis of joint masses (2 × n × dimensions), and the largest mass on an end."""
    cells = joint.reshape(joint.shape[0], *(axis.size for axis in axes))
    moments, edge = np.empty((2, joint.shape[0], len(axes))), 0.0
    for place, axis in enumerate(axes):
        others = tuple(n + 1 for n in range(len(axes)) if n != place)
        mass = cells.sum(axis=others)
        offset = axis - centre[place]
        total, first, second = (mass @ offset**power for power in range(3))
        mean = first / total
        edge = max(edge, float((mass[:, [0, -1]] / total[:, None]).max(initial=0.0)))
        moments[0, :, place] = mean + centre[place]
        moments[1, :, place] = np.sqrt(np.maximum(second / total - mean**2, 0.0))
    return moments, edge


def _prior_table(axes: Sequence[Array], centre: Array, spread: Array, half: int) -> Array:
    """Return prior masses, the first `half` dimensions along the rows, the others along the columns."""
    precision = np.linalg.inv(spread)
    offsets = [axis - middle for axis, middle in zip(axes, centre, strict=True)]
    near, far = _points(offsets[:half]), _points(offsets[half:])
    form = -near @ precision[:half, half:] @ far.T
    form -= 0.5 * ((near @ precision[:half, :half]) * near).sum(axis=1)[:, None]
    form -= 0.5 * ((far @ precision[half:, half:]) * far).sum(axis=1)
    np.exp(form, out=form)
    form /= form.sum()
    return np.asarray(form, dtype=float)


def _points(offsets: Sequence[Array]) -> Array:
    """Return every point of a product grid (points × dimensions; one point without any)."""
    mesh = np.meshgrid(*offsets, indexing="ij") if offsets else []
    return np.stack([one.ravel() for one in mesh], axis=1) if mesh else np.zeros((1, 0))
