"""Answers that a person of known ability would give."""

from collections.abc import Callable

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters


def simulated_scores(items: ItemParameters, rows: Index, theta: Array, chance: Array) -> Index:
    """Return the score of each person (N) on an item of their own.

    `rows` is each person's item, `theta` their true ability, `chance` a number in [0, 1): the score
    is how many k ≥ 1 have chance < P(X ≥ k | theta), so with one chance a person of higher ability
    never scores lower on an item whose P(X ≥ k) rises.
    """
    families = [FAMILY_OF[model] for model in set(items.models)]
    if len(set(families)) == 1:
        return _count(_REACH[families[0]](items, rows, theta), chance)
    codes = np.array([FAMILY_OF[model] for model in items.models])[rows]
    scores = np.zeros(rows.size, dtype=np.intp)
    for family in set(families):
        own = np.flatnonzero(codes == family)
        scores[own] = _count(_REACH[family](items, rows[own], theta[own]), chance[own])
    return scores


def _count(reach: Array, chance: Array) -> Index:
    return np.asarray((chance[:, None] < reach).sum(axis=1), dtype=np.intp)


def _logistic(items: ItemParameters, rows: Index, theta: Array) -> Array:
    share = _share(items.a[rows] * (theta - items.b[rows, 0]))
    c, d = items.c[rows], items.d[rows]
    return np.asarray(c + (d - c) * share, dtype=float)[:, None]


def _graded(items: ItemParameters, rows: Index, theta: Array) -> Array:
    # A threshold that an item does not have is NaN, and no chance is below NaN.
    return _share(items.a[rows, None] * (theta[:, None] - items.b[rows]))


def _share(z: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)), dtype=float)


def _partial_credit(items: ItemParameters, rows: Index, theta: Array) -> Array:
    steps = items.a[rows, None] * (theta[:, None] - items.b[rows])
    return _divided_by_total(np.cumsum(steps, axis=1))


def _nominal(items: ItemParameters, rows: Index, theta: Array) -> Array:
    return _divided_by_total(items.category_slopes[rows] * theta[:, None] + items.b[rows])


def _divided_by_total(z: Array) -> Array:
    """P(X ≥ k), k = 1 …, from the exponents of categories 1 …; that of category 0 is 0, NaN means none."""
    z = np.concatenate([np.zeros((z.shape[0], 1)), np.where(np.isnan(z), -np.inf, z)], axis=1)
    share = np.exp(z - z.max(axis=1, keepdims=True))
    reach = np.cumsum(share[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(reach[:, 1:] / reach[:, :1], dtype=float)


_REACH: dict[str, Callable[[ItemParameters, Index, Array], Array]] = {
    "logistic": _logistic,
    "graded": _graded,
    "partial-credit": _partial_credit,
    "nominal": _nominal,
}
