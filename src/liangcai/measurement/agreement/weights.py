"""Weights of agreement: how much a pair of different categories still agrees, from 1 to below 0."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.agreement.ratings import RatingsInvalid
from liangcai.measurement.arrays import Array

Scheme = Literal["identity", "linear", "quadratic"]
MOST_CATEGORIES = 1_000
_POWERS = {"linear": 1.0, "quadratic": 2.0}


def agreement_weights(scheme: Scheme | npt.ArrayLike, values: Array) -> Array:
    """
    Return the K × K weights: 1 on the diagonal, less the farther apart two categories lie.

    `linear` is 1 − |u − v|/range and `quadratic` 1 − (u − v)²/range² (Cohen, 1968; Fleiss & Cohen,
    1973) of the categories' `values`; a matrix is taken as it is.

    Raises:
        RatingsInvalid: more than 1,000 categories, an unknown scheme, or a matrix that is not K × K, symmetric, at most 1 and
            1 on the diagonal.
    """
    count = values.size
    if count > MOST_CATEGORIES:
        raise RatingsInvalid(
            f"{count} different ratings are measurements rather than categories (at most "
            f"{MOST_CATEGORIES}): use intraclass_correlation, or krippendorff_alpha at the interval level"
        )
    if isinstance(scheme, str):
        if scheme == "identity":
            return np.eye(count)
        if scheme not in _POWERS:
            known = "identity, linear, quadratic or a matrix"
            raise RatingsInvalid(f"weights {scheme!r} are unknown: give {known}")
        reach = float(np.ptp(values)) or 1.0
        apart = np.abs(values[:, None] - values[None, :]) / reach
        return np.asarray(1.0 - apart ** _POWERS[scheme], dtype=float)
    matrix = np.asarray(scheme, dtype=float)
    if matrix.shape != (count, count):
        raise RatingsInvalid(
            f"weights have the shape {matrix.shape} for {count} categories: name all categories"
        )
    fits = np.isfinite(matrix).all() and np.array_equal(matrix, matrix.T)
    if not fits or (np.diag(matrix) != 1.0).any() or (matrix > 1.0).any():
        raise RatingsInvalid("weights must be finite, symmetric, at most 1, and 1 on the diagonal")
    return matrix


def scheme_name(scheme: Scheme | npt.ArrayLike) -> str:
    """Return how the weights are called in a result."""
    return scheme if isinstance(scheme, str) else "custom"
