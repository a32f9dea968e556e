"""Ratios whose denominator may be 0: either they do not exist, or they add nothing."""

import numpy as np

from liangcai.measurement.arrays import Array


def ratio(over: Array, under: Array) -> Array:
    """Return over / under: NaN for 0/0, ±∞ for a non-zero number over 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.asarray(over) / np.asarray(under), dtype=float)


def share(over: Array | float, under: Array) -> Array:
    """Return over / under, 0 where `under` is 0 (an empty stratum adds nothing)."""
    safe = np.where(under > 0, under, 1.0)
    return np.asarray(np.where(under > 0, over / safe, 0.0), dtype=float)
