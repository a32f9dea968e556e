"""Tetrachoric and polychoric correlations: two-step maximum likelihood over all pairs at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
)
from liangcai.measurement.brackets import climbed
from liangcai.measurement.dimensionality.tables import pair_tables
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.moments import Missing
from liangcai.measurement.results import Result

#: Estimates stop here; a pair that reaches it carries no finite standard error.
BOUND = 0.9999
_SMALLEST = 1e-300
#: Expected information of a person (about 1 at a correlation of 0) that is none.
_FLAT = 1e-30
_STEPS = 60


class PolychoricUndefined(LiangcaiError):
    """A polychoric correlation does not exist: an item of the pair does not vary."""

    code = "measurement.dimensionality.polychoric-undefined"


@dataclass(frozen=True, slots=True)
class PolychoricCorrelations(Result):
    """
    Polychoric correlations of J items (tetrachoric where both are dichotomous).

    `matrix` (J × J); `standard_errors` (J × J): asymptotic, with estimated thresholds allowed for, 0 on the
    diagonal, and NaN (it does not exist) for a pair whose estimate stopped at ±0.9999.
    `persons`: the fewest that any pair rests on.
    """

    title: ClassVar[str] = "Polychoric correlations"
    method: ClassVar[str] = (
        "two-step maximum likelihood: thresholds from the margins of each pair, then the correlation; "
        "an empty cell of a 2 × 2 table counts ½ with margins kept"
    )
    source: ClassVar[str] = "Olsson (1979); Brown & Benedetti (1977)"

    items: tuple[str, ...]
    matrix: Array
    standard_errors: Array
    persons: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row a pair of items."""
        first, second = np.triu_indices(len(self.items), 1)
        return {
            "item": [self.items[place] for place in first],
            "other": [self.items[place] for place in second],
            "correlation": self.matrix[first, second],
            "standard_error": self.standard_errors[first, second],
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the size of the sample and the smallest eigenvalue (below 0: smooth before use)."""
        return {
            "persons": self.persons,
            "smallest eigenvalue": float(np.linalg.eigvalsh(self.matrix)[0]),
        }


def polychoric_correlations(
    responses: Responses, *, missing: Missing | None = None
) -> PolychoricCorrelations:
    """
    Return the polychoric correlation of every pair of items, weights counting as persons.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        PolychoricUndefined: an item does not vary among those who answered both items of a pair.
    """
    first, second, tables = pair_tables(responses, missing=missing)
    _check(responses, first, second, tables)
    estimate, error = polychoric_of_tables(tables)
    items = responses.item_count
    matrix, errors = np.eye(items), np.zeros((items, items))
    matrix[first, second] = matrix[second, first] = estimate
    errors[first, second] = errors[second, first] = error
    persons = tables.sum(axis=(1, 2)).min() if len(tables) else responses.total_weight()
    return PolychoricCorrelations(responses.items, matrix, errors, float(persons))


def polychoric_of_tables(tables: Array) -> tuple[Array, Array]:
    """
    Return the polychoric correlation and its standard error for each two-way table (P × R × C).

    Tables hold counts; a row or column may be empty. NaN stands for the standard error of an estimate at ±0.9999.

    Raises:
        PolychoricUndefined: all counts of a table lie in one row or one column, or are no counts.
    """
    counts = np.asarray(tables, dtype=float)
    if counts.ndim != 3 or not (np.isfinite(counts) & (counts >= 0.0)).all():
        raise PolychoricUndefined(
            "tables are counts (tables × rows × columns), finite and at least 0, not "
            f"an array of shape {counts.shape}"
        )
    occupied = np.minimum(
        (counts.sum(axis=2) > 0.0).sum(axis=1), (counts.sum(axis=1) > 0.0).sum(axis=1)
    )
    if np.any(occupied < 2):
        raise PolychoricUndefined(
            f"table {int(np.argmin(occupied)) + 1}: all counts lie in one row or one column"
        )
    counts = _corrected(counts)
    rows, columns = thresholds(counts.sum(axis=2)), thresholds(counts.sum(axis=1))
    estimate = _maximum(counts, rows, columns)
    return estimate, _standard_error(counts, rows, columns, estimate)


def thresholds(margin: Array) -> Array:
    """Return where each normal variable is cut (… × K + 1, from −∞ to ∞) for counts … × K."""
    share = np.cumsum(margin, axis=-1) / margin.sum(axis=-1, keepdims=True)
    edge = np.zeros((*margin.shape[:-1], 1))
    # A sum of shares may miss 1 by a rounding error, which would be a threshold near 8.
    inner = np.where(share > 1.0 - 1e-12, 1.0, share)
    return np.asarray(ndtri(np.concatenate([edge, inner], axis=-1)))


def _check(responses: Responses, first: Index, second: Index, tables: Array) -> None:
    for axis, of_pair in ((2, first), (1, second)):
        constant = (tables.sum(axis=axis) > 0.0).sum(axis=1) < 2
        if constant.any():
            pair = int(np.argmax(constant))
            one, other = responses.items[first[pair]], responses.items[second[pair]]
            raise PolychoricUndefined(
                f"item {responses.items[of_pair[pair]]!r} does not vary among the persons who "
                f"answered {one!r} and {other!r}: leave it out"
            )


def _corrected(counts: Array) -> Array:
    """Move half a person into each empty cell of a 2 × 2 table; the margins stay."""
    used = (counts > 0.0).any(axis=2).sum(axis=1) * (counts > 0.0).any(axis=1).sum(axis=1)
    fourfold = (used == 4) & ((counts > 0.0).sum(axis=(1, 2)) < 4)
    if not fourfold.any():
        return counts
    corrected = counts.copy()
    for pair in np.flatnonzero(fourfold):
        rows = np.flatnonzero(counts[pair].any(axis=1))
        columns = np.flatnonzero(counts[pair].any(axis=0))
        cell = counts[pair][np.ix_(rows, columns)]
        empty_diagonal = cell[0, 0] == 0.0 or cell[1, 1] == 0.0
        empty_other = cell[0, 1] == 0.0 or cell[1, 0] == 0.0
        if empty_diagonal != empty_other:
            half = np.array([[0.5, -0.5], [-0.5, 0.5]]) * (1.0 if empty_diagonal else -1.0)
            corrected[pair][np.ix_(rows, columns)] = cell + half
    return corrected


def _maximum(counts: Array, rows: Array, columns: Array) -> Array:
    """Fisher scoring inside a bracket on which the score changes its sign; bisection where a step leaves it."""
    total = counts.sum(axis=(1, 2))
    low, high = np.full(len(counts), -BOUND), np.full(len(counts), BOUND)
    estimate = _start(counts, rows, columns)
    active = np.arange(len(counts))
    for _ in range(_STEPS):
        rho = estimate[active]
        probability = _cells(rows[active], columns[active], rho)
        slope = _cell_slopes(rows[active], columns[active], rho)
        safe = np.maximum(probability, _SMALLEST)
        seen = counts[active]
        score = np.where(seen > 0.0, seen * slope / safe, 0.0).sum(axis=(1, 2))
        expected = np.where(probability > 0.0, slope**2 / safe, 0.0).sum(axis=(1, 2))
        # A correlation at which something seen is impossible is too far out, however flat it is there.
        impossible = ((seen > 0.0) & (probability <= _SMALLEST)).any(axis=(1, 2))
        score = np.where(impossible, -np.copysign(1.0, rho), score)
        moved, low[active], high[active] = climbed(
            rho,
            gradient=score,
            bend=-np.maximum(total[active] * expected, _SMALLEST),
            low=low[active],
            high=high[active],
        )
        # Where the table tells nothing any more, its likelihood has levelled out towards ±1.
        flat = (expected < _FLAT) & ~impossible
        estimate[active] = np.where(flat, np.copysign(BOUND, rho), moved)
        far = np.abs(estimate[active] - rho) > 1e-10
        active = active[far & (high[active] - low[active] > 1e-12)]
        if not active.size:
            break
    return np.where(np.abs(estimate) > BOUND - 1e-8, np.sign(estimate) * BOUND, estimate)


def _start(counts: Array, rows: Array, columns: Array) -> Array:
    """Return the correlation of the means of the normal variables within categories."""
    share = counts / counts.sum(axis=(1, 2), keepdims=True)
    x, y = _category_means(rows), _category_means(columns)
    product = np.einsum("pab,pa,pb->p", share, x, y)
    scale = np.einsum("pab,pa->p", share, x**2) * np.einsum("pab,pb->p", share, y**2)
    return np.asarray(np.clip(product / np.sqrt(np.maximum(scale, _SMALLEST)), -0.95, 0.95))


def _category_means(limits: Array) -> Array:
    ordinate = np.exp(-0.5 * limits**2) / np.sqrt(2.0 * np.pi)
    mass = np.diff(ndtr(limits), axis=-1)
    return np.asarray(np.where(mass > 0.0, -np.diff(ordinate) / np.maximum(mass, _SMALLEST), 0.0))


def _cells(rows: Array, columns: Array, rho: Array) -> Array:
    joint = bivariate_normal_cdf(rows[:, :, None], columns[:, None, :], rho[:, None, None])
    return np.maximum(np.diff(np.diff(joint, axis=1), axis=2), 0.0)


def _cell_slopes(rows: Array, columns: Array, rho: Array) -> Array:
    """Return d P(cell) / d correlation: differences of the density at the corners (Plackett, 1954)."""
    corner = bivariate_normal_density(rows[:, :, None], columns[:, None, :], rho[:, None, None])
    return np.asarray(np.diff(np.diff(corner, axis=1), axis=2))


def _standard_error(counts: Array, rows: Array, columns: Array, rho: Array) -> Array:
    """Return √(E[influence²]/N), the influence being that of the two steps together."""
    total = counts.sum(axis=(1, 2))
    inside = np.abs(rho) < BOUND
    safe_rho = np.where(inside, rho, 0.0)
    probability = _cells(rows, columns, safe_rho)
    slope = _cell_slopes(rows, columns, safe_rho)
    ratio = np.where(probability > 0.0, slope / np.maximum(probability, _SMALLEST), 0.0)
    information = (ratio * slope).sum(axis=(1, 2))
    influence = (
        ratio
        - _threshold_part(rows, columns, safe_rho, ratio)
        - _threshold_part(columns, rows, safe_rho, ratio.swapaxes(1, 2)).swapaxes(1, 2)
    )
    variance = (probability * influence**2).sum(axis=(1, 2)) / np.maximum(
        information, _SMALLEST
    ) ** 2
    return np.where(inside, np.sqrt(variance / total), np.nan)


def _threshold_part(limits: Array, others: Array, rho: Array, ratio: Array) -> Array:
    """Return, by row category, Σ_a I(rho, threshold a)·(1[category ≤ a] − P_a)/φ(threshold a), as P × R × 1."""
    inner = limits[:, 1:-1]
    finite = np.isfinite(inner)
    cut = np.where(finite, inner, 0.0)
    ordinate = np.exp(-0.5 * cut**2) / np.sqrt(2.0 * np.pi)
    root = np.sqrt((1.0 - rho) * (1.0 + rho))[:, None, None]
    reach = ndtr((others[:, None, :] - rho[:, None, None] * cut[:, :, None]) / root)
    # Raising threshold a by dt moves φ(a)·(share of column b) dt from row a + 1 to row a.
    flow = np.where(finite, ordinate, 0.0)[:, :, None] * np.diff(reach, axis=2)
    cross = (flow * (ratio[:, :-1] - ratio[:, 1:])).sum(axis=2)
    weight = np.where(finite, cross / ordinate, 0.0)
    below = np.arange(ratio.shape[1])[:, None] <= np.arange(inner.shape[1])
    centred: Array = below[None] - np.where(finite, ndtr(cut), 0.0)[:, None, :]
    return np.asarray(np.einsum("pa,pra->pr", weight, centred)[:, :, None])
