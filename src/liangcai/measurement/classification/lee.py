"""Classification by summed scores under an IRT model (Lee, 2010).

At each ability the distribution of the summed score is exact (Lord & Wingersky, 1984, generalised
to items with several steps); the true category is that of the expected summed score.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.special import ndtr, ndtri

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.brackets import halved
from liangcai.measurement.classification.quadrature import Points, checked_by_fewer_points
from liangcai.measurement.classification.rudner import checked_scores
from liangcai.measurement.classification.tables import (
    Classification,
    ClassificationInvalid,
    Placement,
    category_chances,
    category_of,
    checked_cuts,
    checked_weights,
    conditional_of,
    shares_by_category,
)
from liangcai.measurement.models.curves import expected_scores
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.scoring.totals import total_distribution

_METHOD = "exact summed-score distributions of an IRT model"
_SOURCE = "Lee (2010); Lord & Wingersky (1984)"
#: Persons up to this number are evaluated exactly; more are interpolated to this error.
_EXACT_PERSONS = 513
_TOLERANCE = 1e-6
_FINEST = 8193
_REACH = 9.0
_SCAN = 2049


@dataclass(frozen=True, slots=True)
class _Curves:
    """Chance of a summed score at or above each cut (Q × C) and expected score (Q), with their error."""

    reach: Array
    expected: Array
    error: float


def lee(
    items: ItemParameters,
    *,
    cuts: npt.ArrayLike,
    theta: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    mean: float = 0.0,
    sd: float = 1.0,
    true_cuts: npt.ArrayLike | None = None,
) -> Classification:
    """
    Return accuracy and consistency of a test whose summed scores are placed by `cuts`.

    With `theta` (and `weights`) the population are those abilities: persons' estimates (the P
    method) or nodes of a distribution. Without, abilities are N(mean, sd²) (the D method), and the
    integral is split where the true category changes. A score on a cut is above it; `true_cuts`
    are the cuts of the expected summed score, those of the observed score where not given. More
    than 513 abilities are interpolated on a grid refined until no curve is off by more than 1e-6
    midway between nodes; `numerical_error` says what was reached.

    Raises:
        ClassificationInvalid: a cut is not above 0 and at most the highest score, cuts do not rise,
            an ability is not finite, or `sd` is not above 0.
    """
    cut, highest = checked_cuts(cuts), int(items.steps.sum())
    if cut[0] <= 0.0 or cut[-1] > highest:
        raise ClassificationInvalid(
            f"cuts must lie above 0 and at most at the highest score {highest}: {cut.tolist()}"
        )
    true_cut = cut if true_cuts is None else checked_cuts(true_cuts)
    if true_cut.size != cut.size:
        raise ClassificationInvalid(f"{cut.size} cuts need {cut.size} true cuts")
    if theta is None:
        return _of_normal(items, cut, true_cut, mean=mean, sd=sd)
    ability = checked_scores(theta)
    weight = checked_weights(weights, ability.size)
    curves = _curves_of_persons(items, cut, ability)
    placed = Placement(ability, weight, category_of(curves.expected, true_cut))
    return _classification(cut, placed, curves)


def _classification(cuts: Array, placed: Placement, curves: _Curves) -> Classification:
    chances = category_chances(curves.reach)
    return Classification(
        method=_METHOD,
        source=_SOURCE,
        scale="summed score",
        cuts=cuts,
        joint=shares_by_category(chances, placed.category, weight=placed.weight),
        agreement=chances.T @ (placed.weight[:, None] * chances),
        conditional=conditional_of(placed, curves.reach, method=_METHOD, source=_SOURCE),
        numerical_error=curves.error,
    )


def _of_normal(
    items: ItemParameters, cuts: Array, true_cuts: Array, *, mean: float, sd: float
) -> Classification:
    if not (np.isfinite(mean) and np.isfinite(sd) and sd > 0.0):
        raise ClassificationInvalid(f"abilities need a finite mean and an sd above 0, not {sd!r}")
    breaks = ndtr((_crossings(items, true_cuts, mean, sd) - mean) / sd)

    def with_points(points: Points) -> Classification:
        z = np.where(points.below < 0.5, ndtri(points.below), -ndtri(points.above))
        ability = mean + sd * z
        curves = _exact(items, cuts, ability)
        category = category_of(curves.expected, true_cuts)
        return _classification(cuts, Placement(ability, points.weight, category), curves)

    return checked_by_fewer_points(breaks, with_points)


def _crossings(items: ItemParameters, levels: Array, mean: float, sd: float) -> Array:
    """Return every ability within 9 sd where the expected score crosses one of `levels`."""
    grid = mean + sd * np.linspace(-_REACH, _REACH, _SCAN)
    category = category_of(expected_scores(items, grid).sum(axis=0), levels)
    changes = np.flatnonzero(np.diff(category))
    low, high, side = grid[changes], grid[changes + 1], category[changes]

    def stays(ability: Array) -> Flags:
        expected = expected_scores(items, ability).sum(axis=0)
        return np.asarray(category_of(expected, levels) == side, dtype=bool)

    return halved(stays, low, high, halvings=50)


def _exact(items: ItemParameters, cuts: Array, ability: Array) -> _Curves:
    shares = total_distribution(items, ability)
    scores = np.arange(shares.shape[0], dtype=float)
    reached = (scores >= np.ceil(cuts - 1e-9)[:, None]).astype(float)
    return _Curves((reached @ shares).T, scores @ shares, 0.0)


def _curves_of_persons(items: ItemParameters, cuts: Array, ability: Array) -> _Curves:
    """Return the curves at every person: exact for few or equal ones, else interpolated."""
    distinct, place = np.unique(ability, return_inverse=True)
    if distinct.size <= _EXACT_PERSONS:
        curves = _exact(items, cuts, distinct)
        return _Curves(curves.reach[place], curves.expected[place], 0.0)
    nodes = np.linspace(distinct[0], distinct[-1], 129)
    values = _values(items, cuts, nodes)
    while True:
        spline = CubicSpline(nodes, values)
        between = 0.5 * (nodes[1:] + nodes[:-1])
        exact = _values(items, cuts, between)
        error = float(np.abs(spline(between) - exact).max())
        if error <= _TOLERANCE or nodes.size >= _FINEST:
            break
        nodes, values = _interleaved(nodes, between), _interleaved(values, exact)
    found = spline(ability)
    return _Curves(np.clip(found[:, :-1], 0.0, 1.0), found[:, -1] * items.steps.sum(), error)


def _values(items: ItemParameters, cuts: Array, ability: Array) -> Array:
    """Return chances and the expected share of the highest score as columns (Q × C + 1)."""
    curves = _exact(items, cuts, ability)
    return np.column_stack([curves.reach, curves.expected / items.steps.sum()])


def _interleaved(nodes: Array, between: Array) -> Array:
    merged = np.empty((nodes.shape[0] + between.shape[0], *nodes.shape[1:]))
    merged[::2], merged[1::2] = nodes, between
    return merged
