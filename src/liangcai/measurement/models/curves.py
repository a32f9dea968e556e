"""Category curves of calibrated items: P(X = k | theta) with two derivatives, information, expected score.

Families: logistic with two asymptotes (Birnbaum, 1968; Barton & Lord, 1981), graded response
(Samejima, 1969), partial credit (Masters, 1982; Muraki, 1992; Andrich, 1978) and nominal
(Bock, 1972). All arrays are J items × K categories × Q abilities; a category that an item does
not have has probability 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class CategoryCurves:
    """Probability of each category and its first and second derivative by ability (J × K × Q each)."""

    probability: Array
    slope: Array
    bend: Array

    def log_probability(self) -> Array:
        """Return log P, −∞ for a category that an item does not have."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.probability), dtype=float)

    def information(self) -> Array:
        """Return the Fisher information Σ P'²/P of each item at each ability (J × Q)."""
        ratio = self.slope**2 / np.maximum(self.probability, _SMALLEST)
        return np.asarray(ratio.sum(axis=1), dtype=float)

    def warm_numerator(self) -> Array:
        """Return Σ P'P''/P, the numerator J of Warm's bias term (J × Q)."""
        ratio = self.slope * self.bend / np.maximum(self.probability, _SMALLEST)
        return np.asarray(ratio.sum(axis=1), dtype=float)

    def expected_score(self) -> Array:
        """Return Σ k·P_k (J × Q)."""
        scores = np.arange(self.probability.shape[1], dtype=float)
        return np.asarray(np.einsum("k,jkq->jq", scores, self.probability), dtype=float)


def category_curves(items: ItemParameters, theta: Array) -> CategoryCurves:
    """Return the curves of every item at every ability of `theta` (Q logits)."""
    categories = items.b.shape[1] + 1
    shape = (items.count, categories, theta.size)
    curves = CategoryCurves(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    families = np.array([FAMILY_OF[model] for model in items.models])
    for family in np.unique(families):
        rows = np.flatnonzero(families == family)
        drawn = _DRAW[str(family)](items, rows, theta)
        width = drawn.probability.shape[1]
        curves.probability[rows, :width] = drawn.probability
        curves.slope[rows, :width] = drawn.slope
        curves.bend[rows, :width] = drawn.bend
    return curves


def log_probabilities(items: ItemParameters, theta: Array) -> Array:
    """Return log P(X = k | theta), J × K × Q, −∞ for a category that an item does not have."""
    return category_curves(items, theta).log_probability()


def information(items: ItemParameters, theta: Array) -> Array:
    """Return the Fisher information of each item at each ability (J × Q)."""
    return category_curves(items, theta).information()


def expected_scores(items: ItemParameters, theta: Array) -> Array:
    """Return the expected score of each item at each ability (J × Q)."""
    return category_curves(items, theta).expected_score()


def _both_sides(z: Array) -> tuple[Array, Array]:
    """Return the logistic function of z and of −z, both to full relative precision."""
    tail = np.exp(-np.abs(z))
    large = 1.0 / (1.0 + tail)
    tail *= large
    right = z >= 0.0
    return np.where(right, large, tail), np.where(right, tail, large)


def _logistic(items: ItemParameters, rows: Index, theta: Array) -> CategoryCurves:
    a, c, d = (values[rows, None] for values in (items.a, items.c, items.d))
    share, rest = _both_sides(a * (theta[None, :] - items.b[rows, :1]))
    slope = (d - c) * a * share * rest
    bend = slope * a * (rest - share)
    right, wrong = c + (d - c) * share, (1.0 - d) + (d - c) * rest
    return CategoryCurves(
        np.stack([wrong, right], axis=1), np.stack([-slope, slope], 1), np.stack([-bend, bend], 1)
    )


def _graded(items: ItemParameters, rows: Index, theta: Array) -> CategoryCurves:
    a, b = items.a[rows, None, None], items.b[rows, :, None]
    z = a * (theta - b)
    # Beyond an item's last threshold P(X ≥ k) is 0; the difference of two logistics is formed
    # from the smaller tails so that rare categories keep their digits.
    missing = np.isnan(z)
    z[missing] = -np.inf
    reach, fall, rise, turn = np.zeros((4, rows.size, z.shape[1] + 2, theta.size))
    inner = slice(1, -1)
    reach[:, 0] = fall[:, -1] = 1.0
    reach[:, inner], fall[:, inner] = _both_sides(z)
    np.multiply(reach[:, inner] * fall[:, inner], a, out=rise[:, inner])
    np.multiply(rise[:, inner] * (fall[:, inner] - reach[:, inner]), a, out=turn[:, inner])
    probability = np.where(
        reach[:, :-1] < 0.5, reach[:, :-1] - reach[:, 1:], fall[:, 1:] - fall[:, :-1]
    )
    return CategoryCurves(
        np.maximum(probability, 0.0), rise[:, :-1] - rise[:, 1:], turn[:, :-1] - turn[:, 1:]
    )


def _partial_credit(items: ItemParameters, rows: Index, theta: Array) -> CategoryCurves:
    b = items.b[rows]
    scores = np.arange(b.shape[1] + 1, dtype=float)
    slopes = items.a[rows, None] * scores
    steps = np.concatenate([np.zeros((rows.size, 1)), np.cumsum(-items.a[rows, None] * b, 1)], 1)
    return _divided_by_total(slopes, steps, theta)


def _nominal(items: ItemParameters, rows: Index, theta: Array) -> CategoryCurves:
    first = np.zeros((rows.size, 1))
    slopes = np.concatenate([first, items.category_slopes[rows]], axis=1)
    return _divided_by_total(slopes, np.concatenate([first, items.b[rows]], axis=1), theta)


def _divided_by_total(slopes: Array, intercepts: Array, theta: Array) -> CategoryCurves:
    """P_k ∝ exp(slope_k·theta + intercept_k); a NaN intercept means no such category."""
    exists = ~np.isnan(intercepts)
    slopes = np.where(exists, slopes, 0.0)[:, :, None]
    z = slopes * theta + np.where(exists, intercepts, -np.inf)[:, :, None]
    z -= z.max(axis=1, keepdims=True)
    share = np.exp(z)
    share /= share.sum(axis=1, keepdims=True)
    centred = slopes - (slopes * share).sum(axis=1, keepdims=True)
    spread = (slopes * centred * share).sum(axis=1, keepdims=True)
    return CategoryCurves(share, share * centred, share * (centred**2 - spread))


_DRAW: dict[str, Callable[[ItemParameters, Index, Array], CategoryCurves]] = {
    "logistic": _logistic,
    "graded": _graded,
    "partial-credit": _partial_credit,
    "nominal": _nominal,
}
