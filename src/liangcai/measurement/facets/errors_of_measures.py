"""Standard errors of the parameters: the inverse of the observed information in the centred space.

Up to a few thousand parameters the inverse is formed. Beyond, its diagonal is estimated from
products with fixed sign vectors (Bekas, Kokiopoulou & Saad, 2007) after its first-order part has
been taken out exactly; the spread between the vectors says how far the estimate is off.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.curvature import Curvature
from liangcai.measurement.facets.layout import Layout
from liangcai.measurement.facets.sparse_sums import scrambled

LARGEST_INVERSE = 4000
_SIGN_VECTORS = 128
_COLUMNS = 32
_SOLVER_STEPS = 300


@dataclass(frozen=True, slots=True, eq=False)
class ParameterErrors:
    """Variances of all parameters, their covariance where it was formed, and the variances' own relative error."""

    variance: Array
    covariance: Array | None
    relative_error: float


def parameter_errors(curvature: Curvature, layout: Layout) -> ParameterErrors | None:
    """Return the errors of the free parameters (0 for fixed ones), None if the information is not positive."""
    if layout.size <= LARGEST_INVERSE:
        covariance = _inverse(curvature.dense(), layout)
        if covariance is None:
            return None
        return ParameterErrors(np.maximum(np.diagonal(covariance), 0.0), covariance, 0.0)
    return _diagonal(curvature, layout)


def _inverse(matrix: Array, layout: Layout) -> Array | None:
    """Return Z(ZᵀMZ)⁻¹Zᵀ for Z spanning the centred space: (PMP + s(I − P))⁻¹ − (I − P)/s."""
    identity = np.eye(layout.size)
    kept = layout.project(identity)
    inside = layout.project(layout.project(matrix).T)
    scale = max(float(np.trace(inside)) / layout.size, 1e-12)
    try:
        factor, _ = linalg.cho_factor(inside + scale * (identity - kept), lower=True)
    except linalg.LinAlgError:
        return None
    lower, _ = linalg.lapack.dpotri(factor, lower=1)
    inverse = np.tril(lower) + np.tril(lower, -1).T
    return np.asarray(layout.project(layout.project(inverse).T), dtype=float)


def _diagonal(curvature: Curvature, layout: Layout) -> ParameterErrors | None:
    matrix = (curvature.direct - curvature.known.T @ curvature.known).tocsr()
    main = matrix.diagonal()
    main = np.where(layout.fixed, 1.0, main)
    if (main <= 0.0).any():
        return None
    apart = (matrix - sparse.diags_array(matrix.diagonal())).tocsr()
    samples = []
    for first in range(0, _SIGN_VECTORS, _COLUMNS):
        signs = _signs(layout.size, first, _COLUMNS)
        solved = _solve_columns(matrix, main, layout, layout.project(signs))
        if solved is None:
            return None
        # The inverse is D⁻¹ − D⁻¹RD⁻¹ + …; the second term has no diagonal, so what it puts into
        # the product is noise and can be taken out exactly.
        spread = np.where(layout.fixed[:, None], 0.0, signs / main[:, None])
        samples.append(signs * (solved + (apart @ spread) / main[:, None]))
    found = np.concatenate(samples, axis=1)
    variance = np.where(layout.fixed, 0.0, np.maximum(found.mean(axis=1), 0.0))
    free = ~layout.fixed
    error = found[free].std(axis=1, ddof=1) / np.sqrt(_SIGN_VECTORS)
    relative = float(np.median(error / np.maximum(variance[free], 1e-300)))
    return ParameterErrors(variance, None, relative)


def _solve_columns(
    matrix: sparse.csr_array, main: Array, layout: Layout, target: Array
) -> Array | None:
    """Return the centred solutions for all columns at once, None where the matrix is not positive."""
    rest, answer = target.copy(), np.zeros_like(target)
    steered = layout.project(rest, precision=main)
    way = steered.copy()
    size = np.einsum("pc,pc->c", rest, steered)
    goal = 1e-6 * size
    for _ in range(_SOLVER_STEPS):
        if (size <= goal).all():
            return answer
        image = layout.project(matrix @ way)
        along = np.einsum("pc,pc->c", way, image)
        if (along <= 0.0).any():
            return None
        pace = size / along
        answer += pace * way
        rest -= pace * image
        steered = layout.project(rest, precision=main)
        size, before = np.einsum("pc,pc->c", rest, steered), size
        way = steered + (size / before) * way
    return None


def _signs(rows: int, first: int, columns: int) -> Array:
    """Return ±1 that look drawn at random and are always the same in each place."""
    place = np.arange(rows)[:, None] * _SIGN_VECTORS + np.arange(first, first + columns)
    return np.where((scrambled(place) >> np.uint64(63)).astype(bool), 1.0, -1.0)
