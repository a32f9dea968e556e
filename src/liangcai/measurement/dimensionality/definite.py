"""Correlation matrices made positive definite: the nearest one, by alternating projections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result

_STEPS = 20_000


class NotACorrelationMatrix(LiangcaiError):
    """The matrix is not symmetric with ones on the diagonal, or holds values that are not finite."""

    code = "measurement.dimensionality.not-a-correlation-matrix"


class SmoothingFailed(LiangcaiError):
    """The projections did not settle: the smallest eigenvalue asked for is too large."""

    code = "measurement.dimensionality.smoothing-failed"


@dataclass(frozen=True, slots=True)
class SmoothedCorrelations(Result):
    """A positive definite correlation matrix and how far it is from the given one (Frobenius norm)."""

    title: ClassVar[str] = "Smoothed correlation matrix"
    method: ClassVar[str] = "nearest correlation matrix by alternating projections with correction"
    source: ClassVar[str] = "Higham (2002)"

    matrix: Array
    distance: float
    smallest_before: float
    smallest_after: float

    def columns(self) -> Mapping[str, Any]:
        """Return the matrix, one column an item."""
        return {str(place + 1): self.matrix[:, place] for place in range(len(self.matrix))}

    def facts(self) -> Mapping[str, Any]:
        """Return what changed."""
        return {
            "distance": self.distance,
            "smallest eigenvalue before": self.smallest_before,
            "smallest eigenvalue after": self.smallest_after,
        }


def nearest_correlation(matrix: Array, *, smallest: float = 1e-6) -> SmoothedCorrelations:
    """
    Return the nearest correlation matrix whose eigenvalues are at least `smallest` (from 0 to below 1).

    A matrix that already has such eigenvalues comes back as it is.

    Raises:
        NotACorrelationMatrix: see its description.
        SmoothingFailed: `smallest` is 1 or more, or the projections did not settle.
    """
    given = checked_correlations(matrix)
    if not 0.0 <= smallest < 1.0:
        raise SmoothingFailed(f"a smallest eigenvalue of {smallest:g} is not from 0 to below 1")
    before = float(np.linalg.eigvalsh(given)[0])
    if before >= smallest:
        return SmoothedCorrelations(given, 0.0, before, before)
    current, correction = given.copy(), np.zeros_like(given)
    for _ in range(_STEPS):
        shifted = current - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, smallest)) @ vectors.T
        correction = projected - shifted
        following = projected.copy()
        np.fill_diagonal(following, 1.0)
        gap = float(np.abs(following - current).max())
        current = following
        if gap < 1e-10:
            break
    else:
        raise SmoothingFailed(f"the projections still move by {gap:.1e}: lower `smallest`")
    # The last step set the diagonal; scaling the projection to it keeps every eigenvalue above 0.
    deviation = np.sqrt(np.diag(projected))
    final = projected / np.outer(deviation, deviation)
    final = 0.5 * (final + final.T)
    np.fill_diagonal(final, 1.0)
    return SmoothedCorrelations(
        final,
        float(np.linalg.norm(final - given)),
        before,
        float(np.linalg.eigvalsh(final)[0]),
    )


def checked_correlations(matrix: Array) -> Array:
    """
    Return the matrix if it has the form of a correlation matrix.

    Raises:
        NotACorrelationMatrix: see its description.
    """
    given = np.asarray(matrix, dtype=float)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or given.shape[0] < 1:
        raise NotACorrelationMatrix(f"a matrix of shape {given.shape} is not square")
    if not np.isfinite(given).all():
        row, column = np.argwhere(~np.isfinite(given))[0]
        raise NotACorrelationMatrix(
            f"the correlation of items {row + 1} and {column + 1} does not exist: leave a constant item out"
        )
    if np.abs(given - given.T).max() > 1e-8 or np.abs(np.diag(given) - 1.0).max() > 1e-8:
        raise NotACorrelationMatrix("the matrix is not symmetric with ones on its diagonal")
    return given
