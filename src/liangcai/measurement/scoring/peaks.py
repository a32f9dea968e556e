"""Highest points of likelihoods: where each lies on the grid, then Newton steps with exact derivatives."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.brackets import climbed
from liangcai.measurement.grid import Grid
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters
from liangcai.measurement.responses.matrix import Scores
from liangcai.measurement.scoring.likelihood import LogTables, log_tables

_POINTS = 9
_PLATEAU = 1e-9
_CLOSE = 1e-6
_ROUNDS = 60
_TINY = 1e-300
_ENOUGH = 1e-290
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class Objective:
    """What is to be made largest: log-likelihood, plus a normal log prior, or plus Warm's weight."""

    items: ItemParameters
    grid: Grid
    weighted: bool = False
    prior_mean: Array | None = None
    prior_sd: Array | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is known of the items, drawn once for all persons.

    `log` is at the nodes; `information` and `tilt` (J × 4Q − 3, empty unless Warm's weight is asked
    for) also at three places between each two nodes.
    """

    log: LogTables
    information: Array
    tilt: Array


def drawn(objective: Objective) -> Drawn:
    """Return the items' tables on the objective's grid."""
    items, nodes = objective.items, objective.grid.nodes
    log = log_tables(category_curves(items, nodes), items)
    if not objective.weighted:
        none = np.zeros((items.count, 0))
        return Drawn(log, none, none)
    between = category_curves(items, np.linspace(nodes[0], nodes[-1], 4 * nodes.size - 3))
    return Drawn(log, between.information(), between.warm_numerator())


@dataclass(frozen=True, slots=True)
class Peaks:
    """Positions, information there (the prior's included), and whether the peak lies beyond an end."""

    theta: Array
    information: Array
    beyond: Index


def find_peaks(objective: Objective, scores: Scores, tables: Drawn) -> Peaks:
    """
    Return the global maximum for each row of `scores`; `tables` are the items' on the grid.

    The best node is taken, a polynomial through nine nodes gives the start, and Newton steps kept
    between the neighbouring nodes finish. A maximum that an end of the grid reaches to within
    1e-9 is taken to lie beyond it.
    """
    heights = tables.log.log_likelihood(scores)
    nodes, step = objective.grid.nodes, objective.grid.step
    if objective.weighted:
        heights += _warm_weight(tables, scores, step)
    if objective.prior_mean is not None and objective.prior_sd is not None:
        z = (nodes[None, :] - objective.prior_mean[:, None]) / objective.prior_sd[:, None]
        heights -= 0.5 * z * z
    best = heights.argmax(axis=1)
    top = heights[np.arange(best.size), best] - _PLATEAU
    best = np.where(heights[:, 0] >= top, 0, np.where(heights[:, -1] >= top, nodes.size - 1, best))
    low, high = nodes[np.maximum(best - 1, 0)], nodes[np.minimum(best + 1, nodes.size - 1)]
    start, bend = _local_start(heights, best, objective.grid)
    return _refined(objective, scores, _Start(np.clip(start, low, high), bend, low, high))


def _warm_weight(tables: Drawn, scores: Scores, step: float) -> Array:
    """Return the integral of J/(2I) along the grid, the log of Warm's weight (n × Q; 1 × Q if all are alike)."""
    answered = (scores >= 0).astype(float)
    if answered.all():
        answered = answered[:1]
    bias = answered @ tables.tilt
    bias /= np.maximum(2.0 * (answered @ tables.information), _TINY)
    # Boole's rule in each cell: of two peaks, the weight decides which one is the higher.
    cells = 7.0 * (bias[:, :-1:4] + bias[:, 4::4]) + 12.0 * bias[:, 2::4]
    cells += 32.0 * (bias[:, 1::4] + bias[:, 3::4])
    weight = np.zeros((bias.shape[0], cells.shape[1] + 1))
    np.cumsum(cells * (step / 90.0), axis=1, out=weight[:, 1:])
    return weight


def _local_start(heights: Array, best: Index, grid: Grid) -> tuple[Array, Array]:
    """Return the top of the polynomial through the nine nodes around the best one, and its bend there."""
    count = min(_POINTS, grid.nodes.size)
    first = np.clip(best - count // 2, 0, grid.nodes.size - count)
    window = heights[np.arange(best.size)[:, None], first[:, None] + np.arange(count)]
    window -= window.max(axis=1, keepdims=True)
    half = 0.5 * (count - 1)
    vandermonde = np.vander(np.linspace(-1.0, 1.0, count), increasing=True)
    coefficients = np.linalg.solve(vandermonde, window.T)
    orders = np.arange(1.0, count)[:, None]
    slope, bend = coefficients[1:] * orders, (coefficients[1:] * orders)[1:] * orders[:-1]
    place = (best - first - half) / half
    low, high = place - 1.0 / half, place + 1.0 / half
    for _ in range(4):
        rise = np.polynomial.polynomial.polyval(place, slope, tensor=False)
        turn = np.polynomial.polynomial.polyval(place, bend, tensor=False)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = place - rise / turn
        place = np.where((turn < 0.0) & np.isfinite(moved), np.clip(moved, low, high), place)
    turn = np.polynomial.polynomial.polyval(place, bend, tensor=False)
    start = grid.nodes[first] + (place + 1.0) * half * grid.step
    return start, turn / (half * grid.step) ** 2


@dataclass(frozen=True, slots=True)
class _Slopes:
    gradient: Array
    curvature: Array
    information: Array
    tilt: Array


def _slopes(objective: Objective, scores: Scores, theta: Array, rows: Index) -> _Slopes:
    """Return first and second derivative of the objective and the information, each at its own theta."""
    items = objective.items
    plain = np.array([FAMILY_OF[model] == "logistic" for model in items.models], dtype=bool)
    plain &= (items.c == 0.0) & (items.d == 1.0)
    parts = []
    for members, slopes in ((plain, _plain_slopes), (~plain, _curve_slopes)):
        if members.all():
            parts.append(slopes(items, scores, theta))
        elif members.any():
            places = np.flatnonzero(members)
            parts.append(slopes(items.select(places), scores[:, places], theta))
    gradient, curvature, information, tilt = (
        sum((getattr(part, name) for part in parts), np.zeros(theta.size))
        for name in ("gradient", "curvature", "information", "tilt")
    )
    if objective.weighted:
        gradient = gradient + tilt / np.maximum(2.0 * information, _TINY)
    if objective.prior_mean is not None and objective.prior_sd is not None:
        precision = 1.0 / objective.prior_sd[rows] ** 2
        gradient = gradient - (theta - objective.prior_mean[rows]) * precision
        curvature, information = curvature - precision, information + precision
    return _Slopes(gradient, curvature, information, tilt)


def _plain_slopes(items: ItemParameters, scores: Scores, theta: Array) -> _Slopes:
    """Two-parameter items: Σ a(x − P), −Σ a²PQ and Σ a³PQ(Q − P), as products with the slopes."""
    a = items.a
    chance = np.multiply.outer(-theta, a)
    chance += a * items.b[:, 0]
    np.exp(np.clip(chance, -_LARGEST_EXPONENT, _LARGEST_EXPONENT, out=chance), out=chance)
    chance += 1.0
    np.reciprocal(chance, out=chance)
    missing = scores < 0
    gaps = bool(missing.any())
    if gaps:
        chance[missing] = 0.0
    gradient = np.where(missing, 0, scores).astype(float) @ a if gaps else scores.astype(float) @ a
    gradient -= chance @ a
    spread = chance * (1.0 - chance)
    information = spread @ a**2
    spread *= 1.0 - 2.0 * chance
    return _Slopes(gradient, -information, information, spread @ a**3)


def _curve_slopes(items: ItemParameters, scores: Scores, theta: Array) -> _Slopes:
    """Any items: Σ P'/P and Σ P''/P − (P'/P)² of the scores given."""
    curves = category_curves(items, theta)
    answered = scores.T >= 0
    picked = np.where(answered, scores.T, 0).astype(np.intp)[:, None, :]
    chance = np.maximum(np.take_along_axis(curves.probability, picked, 1)[:, 0], _TINY)
    pull = np.take_along_axis(curves.slope, picked, 1)[:, 0] / chance
    bend = np.take_along_axis(curves.bend, picked, 1)[:, 0] / chance
    return _Slopes(
        np.where(answered, pull, 0.0).sum(axis=0),
        np.where(answered, bend - pull**2, 0.0).sum(axis=0),
        np.where(answered, curves.information(), 0.0).sum(axis=0),
        np.where(answered, curves.warm_numerator(), 0.0).sum(axis=0),
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """Where each search begins, the objective's second derivative there, and the ends that hold it."""

    theta: Array
    bend: Array
    low: Array
    high: Array


def _refined(objective: Objective, scores: Scores, start: _Start) -> Peaks:
    """Return the peaks by Newton steps between the two ends."""
    # Of Warm's weight the second derivative is not drawn: what the polynomial bends more is its share.
    share = np.zeros_like(start.theta)
    theta, low, high = start.theta.copy(), start.low.copy(), start.high.copy()
    left, right = objective.grid.nodes[0], objective.grid.nodes[-1]
    information = np.zeros_like(theta)
    active = np.arange(theta.size, dtype=np.intp)
    for number in range(_ROUNDS):
        here = theta[active]
        at = _slopes(objective, scores[active], here, active)
        information[active] = at.information
        if objective.weighted and number == 0:
            share = start.bend - at.curvature
        curvature = at.curvature + share[active]
        bend = np.where(curvature < 0.0, curvature, -np.maximum(at.information, _ENOUGH))
        moved, low[active], high[active] = climbed(
            here, gradient=at.gradient, bend=bend, low=low[active], high=high[active]
        )
        theta[active] = moved
        scale = 1.0 / np.sqrt(np.maximum(at.information, _ENOUGH))
        settled = (np.abs(moved - here) <= _CLOSE * scale) | (
            high[active] - low[active] <= 1e-13 * scale
        )
        active = active[~settled]
        if not active.size:
            break
    edge = 1e-6 * objective.grid.step
    beyond = np.where(theta <= left + edge, -1, np.where(theta >= right - edge, 1, 0))
    return Peaks(theta, information, beyond.astype(np.intp))
