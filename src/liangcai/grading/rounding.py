"""Stated decimals: what is shown, compared with a cut and hashed is one and the same number."""

import numpy as np

from liangcai.measurement.arrays import Array

LOGIT_DECIMALS = 3
SCORE_DECIMALS = 2
CHANCE_DECIMALS = 4
#: A value this close below a half (in units of the last decimal) goes up: the last bits of a
#: processor never decide on which side of a cut or of a hash somebody falls.
_SNAP = 1e-6


def rounded(values: Array, decimals: int) -> Array:
    """Return the values rounded half up at so many decimals, never −0."""
    scale = 10.0**decimals
    return np.asarray(np.floor(values * scale + (0.5 + _SNAP)) / scale, dtype=float)


def rounded_one(value: float, decimals: int) -> float:
    """Return one value rounded as `rounded` does."""
    return float(rounded(np.array(value), decimals))


def percent_in_words(chance: float) -> str:
    """Return a probability in percent with one decimal, never as a certainty."""
    return ">99.9" if chance > 0.9994 else "<0.1" if chance < 0.0006 else f"{100.0 * chance:.1f}"
