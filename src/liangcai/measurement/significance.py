"""Significance: levels, tails of χ², and p-values adjusted because there are many."""

from typing import Literal, get_args

import numpy as np
from scipy.special import chdtrc

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array

Adjustment = Literal["none", "benjamini-hochberg", "holm"]


class LevelImpossible(LiangcaiError):
    """A level of significance is not between 0 and 1."""

    code = "measurement.level-impossible"


class AdjustmentUnknown(LiangcaiError):
    """No adjustment of p-values has this name."""

    code = "measurement.adjustment-unknown"


def checked_level(level: float) -> float:
    """
    Return the level of significance.

    Raises:
        LevelImpossible: it is not strictly between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise LevelImpossible(f"a level lies strictly between 0 and 1, not {level!r}")
    return level


def adjusted(p: Array, adjustment: Adjustment) -> Array:
    """
    Return adjusted p-values, in the order given; NaN (no test) stays NaN and is not counted.

    "benjamini-hochberg" bounds the expected share of false flags (Benjamini & Hochberg, 1995),
    "holm" the chance of a single false flag (Holm, 1979).

    Raises:
        AdjustmentUnknown: the name is none of these.
    """
    if adjustment not in get_args(Adjustment):
        raise AdjustmentUnknown(
            f"no adjustment is called {adjustment!r}; there are {', '.join(get_args(Adjustment))}"
        )
    result = np.array(p, dtype=float)
    known = np.flatnonzero(~np.isnan(result))
    if adjustment == "none" or known.size == 0:
        return result
    order = known[np.argsort(result[known], kind="stable")]
    rank = np.arange(1, order.size + 1)
    if adjustment == "holm":
        raised = np.maximum.accumulate(result[order] * (order.size - rank + 1))
    else:
        raised = np.minimum.accumulate((result[order] * order.size / rank)[::-1])[::-1]
    result[order] = np.minimum(raised, 1.0)
    return result


def tail(chi2: Array, df: Array | float) -> Array:
    """Return P(χ² with `df` degrees of freedom exceeds `chi2`), NaN where there is no statistic."""
    return np.asarray(chdtrc(df, chi2), dtype=float)
