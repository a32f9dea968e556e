"""Standard errors of many measures: exact where the matrix is small, else from draws."""

import numpy as np
from scipy import sparse

from liangcai.measurement.arrays import Array
from liangcai.measurement.comparison.loglinear import Categories, Estimate, solved

EXACT_UP_TO = 3_000
_BATCH = 64
_DRAWS = 128


def inverse_of(information: sparse.csr_array, size: int) -> Array:
    """Return the inverse, where a shift of all of the first `size` parameters, if nothing fixes it, has no variance."""
    matrix = information.toarray()
    shift = np.concatenate([np.full(size, size**-0.5), np.zeros(matrix.shape[0] - size)])
    if shift @ matrix @ shift > 1e-8 * np.trace(matrix):
        return np.asarray(np.linalg.inv(matrix), dtype=float)
    scale = float(np.trace(matrix)) / size
    inverse = np.linalg.inv(matrix + scale * np.outer(shift, shift))
    return np.asarray(inverse - np.outer(shift, shift) / scale, dtype=float)


def measure_variances(
    table: Categories,
    estimate: Estimate,
    ridge: sparse.csr_array,
    *,
    centre: Array,
    size: int,
    shift: float,
    rng: np.random.Generator | None,
) -> tuple[Array, bool]:
    """
    Return the variances of the first `size` parameters, each plus centre·parameters, and whether exactly.

    `shift` is taken off each variance.
    """
    exact = size <= EXACT_UP_TO or rng is None
    if rng is None or exact:
        inverse = inverse_of(estimate.information, size)
        spread, beside = np.diag(inverse)[:size], inverse @ centre
    else:
        share, _value = table.probabilities(estimate.parameters)
        weights = table.totals(table.seen)
        spread = drawn_variances(table, share, weights, ridge, rng=rng, draws=_DRAWS)[:size]
        beside = solved(estimate.information, centre[:, None])[:, 0]
    found = spread + 2.0 * beside[:size] + float(centre @ beside) - shift
    return np.maximum(found, 0.0), exact


def drawn_variances(
    categories: Categories,
    share: Array,
    weights: Array,
    penalty: sparse.csr_array,
    *,
    rng: np.random.Generator,
    draws: int,
) -> Array:
    """
    Return the diagonal of the inverse of information + penalty from draws of that covariance.

    What a draw's neighbours leave open is known exactly, only the rest is averaged
    (Rao–Blackwellised Monte Carlo: Sidén, Lindgren, Bolin & Villani, 2018). `penalty` is diagonal.
    """
    information = sparse.csr_array(categories.information(share, weights) + penalty)
    diagonal = information.diagonal()
    beside = information - sparse.diags_array(diagonal)
    spread = categories.spread(share, weights).T.tocsr()
    ridge = np.sqrt(penalty.diagonal())
    total = np.zeros(diagonal.size)
    for start in range(0, draws, _BATCH):
        width = min(_BATCH, draws - start)
        right = spread @ rng.standard_normal((share.size, width))
        right += ridge[:, None] * rng.standard_normal((ridge.size, width))
        drawn = solved(information, right, precision=1e-5)
        total += (((beside @ drawn) / diagonal[:, None]) ** 2).sum(axis=1)
    return np.asarray(1.0 / diagonal + total / draws, dtype=float)
