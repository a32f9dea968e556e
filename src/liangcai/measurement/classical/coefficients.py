"""Lower bounds of reliability as functions of the items' covariance matrix (J × J)."""

from collections.abc import Callable

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array

#: Up to this many items the best split is found among all splits.
_ENUMERATED = 16


class ReliabilityUndefined(LiangcaiError):
    """The reliability of this total does not exist: too few items, or persons do not differ."""

    code = "measurement.classical.reliability-undefined"


def alpha(covariance: Array) -> float:
    """
    Return coefficient α (Cronbach, 1951), Guttman's λ3; KR-20 when items are dichotomous.

    Raises:
        ReliabilityUndefined: fewer than two items, or the total does not vary.
    """
    items, whole = _checked(covariance)
    return items / (items - 1.0) * (1.0 - float(np.trace(covariance)) / whole)


def lambda_1(covariance: Array) -> float:
    """Return Guttman's λ1 (1945): 1 − Σ item variances / total variance."""
    _, whole = _checked(covariance)
    return 1.0 - float(np.trace(covariance)) / whole


def lambda_2(covariance: Array) -> float:
    """Return Guttman's λ2 (1945), never below α."""
    items, whole = _checked(covariance)
    squares = float((_between(covariance) ** 2).sum())
    return lambda_1(covariance) + float(np.sqrt(items / (items - 1.0) * squares)) / whole


def lambda_4(covariance: Array) -> float:
    """Return Guttman's λ4 (1945) of the best split that `best_split` finds."""
    signs = best_split(covariance)
    return split_coefficient(covariance, signs)


def lambda_5(covariance: Array) -> float:
    """Return Guttman's λ5 (1945): as λ2, through the item that covaries most with the others."""
    _, whole = _checked(covariance)
    most = float((_between(covariance) ** 2).sum(axis=0).max())
    return lambda_1(covariance) + 2.0 * float(np.sqrt(most)) / whole


def lambda_6(covariance: Array) -> float:
    """Return Guttman's λ6 (1945): what regression on the other items does not explain is error."""
    _, whole = _checked(covariance)
    return 1.0 - float(_residual_variance(covariance).sum()) / whole


def split_coefficient(covariance: Array, signs: Array) -> float:
    """Return 4·cov(one half, other half) / total variance for halves marked +1 and −1 (Rulon, 1939)."""
    _, whole = _checked(covariance)
    return 1.0 - float(signs @ covariance @ signs) / whole


def half_correlation(covariance: Array, signs: Array) -> float:
    """Return the correlation of the halves marked +1 and −1; NaN (it does not exist) if one is constant."""
    halves = np.stack([signs > 0, signs < 0]).astype(float)
    moments = halves @ covariance @ halves.T
    scale = float(np.sqrt(max(moments[0, 0] * moments[1, 1], 0.0)))
    return float(moments[0, 1]) / scale if scale > 0.0 else float("nan")


def best_split(covariance: Array) -> Array:
    """
    Return halves (J signs, the first +1) with the largest split-half coefficient.

    With up to 16 items all splits are compared. Beyond that, items change halves one and two at a time
    from several fixed starts until nothing improves: the result is then a lower bound of the maximum.
    """
    items, _ = _checked(covariance)
    if items <= _ENUMERATED:
        codes = np.arange(2 ** (items - 1))[:, None] >> np.arange(items - 1)
        signs = np.column_stack([np.ones(len(codes)), 1.0 - 2.0 * (codes & 1)])
        signs = signs[np.any(signs < 0.0, axis=1)]
        loss = np.einsum("si,si->s", signs @ covariance, signs)
        return np.asarray(signs[int(np.argmin(loss))])
    _, vectors = np.linalg.eigh(covariance)
    starts = [np.where(vectors[:, place] >= 0.0, 1.0, -1.0) for place in range(8)]
    starts += [
        1.0 - 2.0 * (np.arange(items) % 2),
        np.where(np.arange(items) < items / 2, 1.0, -1.0),
    ]
    found = [_improved(covariance, start) for start in starts if np.ptp(start) > 0.0]
    best = min(found, key=lambda signs: float(signs @ covariance @ signs))
    return np.asarray(best * best[0])


def _improved(covariance: Array, signs: Array) -> Array:
    """Flip the one item, or the pair, that lowers s'Cs most, until none does."""
    between, current = _between(covariance), signs.copy()
    tolerance = 1e-12 * float(np.abs(covariance).sum())
    while True:
        pull = current * (between @ current)
        gain = -4.0 * (pull[:, None] + pull[None, :] - 2.0 * np.outer(current, current) * between)
        np.fill_diagonal(gain, -4.0 * pull)
        flipped = np.unique(np.unravel_index(int(np.argmin(gain)), gain.shape))
        trial = current.copy()
        trial[flipped] *= -1.0
        if gain.min() >= -tolerance or np.ptp(trial) == 0.0:
            return current
        current = trial


def _residual_variance(covariance: Array) -> Array:
    items = len(covariance)
    if np.linalg.cond(covariance) < 1e10:
        return np.asarray(1.0 / np.diag(np.linalg.inv(covariance)))
    residual = np.empty(items)
    for place in range(items):
        others = np.delete(np.arange(items), place)
        with_others = covariance[place, others]
        inner = np.linalg.pinv(covariance[np.ix_(others, others)], hermitian=True)
        residual[place] = covariance[place, place] - with_others @ inner @ with_others
    return np.maximum(residual, 0.0)


def _between(covariance: Array) -> Array:
    between = np.array(covariance, dtype=float)
    np.fill_diagonal(between, 0.0)
    return between


def _checked(covariance: Array) -> tuple[int, float]:
    items, whole = len(covariance), float(np.sum(covariance))
    if items < 2:
        raise ReliabilityUndefined(f"{items} item: internal consistency needs at least two")
    if not whole > 1e-12 * float(np.abs(covariance).sum()):
        raise ReliabilityUndefined(
            "all persons have one total score: its reliability does not exist"
        )
    return items, whole


#: Guttman's bounds that any covariance matrix has, by name, in reading order.
BOUNDS: dict[str, Callable[[Array], float]] = {
    "alpha": alpha,
    "lambda 1": lambda_1,
    "lambda 2": lambda_2,
    "lambda 4": lambda_4,
    "lambda 5": lambda_5,
    "lambda 6": lambda_6,
}
