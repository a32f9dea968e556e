"""How far units scatter around their element, estimated from a reference group."""

import math
from dataclasses import dataclass

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fractional.hierarchy import log_marginal
from liangcai.measurement.grid import Grid

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True, slots=True)
class UnitSpread:
    """The estimated spread in logits, its standard error (NaN at an end of the range) and the log marginal likelihood."""

    spread: float
    se: float
    log_likelihood: float


def unit_spread(
    log_likelihood: Array,
    group_of: Index,
    *,
    groups: int,
    grid: Grid,
    lowest: float = 0.15,
    highest: float = 2.0,
) -> UnitSpread:
    """Return the spread that makes the reference group's evidence most likely.

    Marginal maximum likelihood over log(spread) by golden section; the standard error comes
    from the curvature at the maximum. Arguments are those of `hierarchy.posteriors`.
    """

    def height(log_spread: float) -> float:
        spread = math.exp(log_spread)
        return log_marginal(log_likelihood, group_of, groups=groups, grid=grid, spread=spread)

    low, high = math.log(lowest), math.log(highest)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    left_height, right_height = height(left), height(right)
    while high - low > 1e-4:
        if left_height >= right_height:
            high, right, right_height = right, left, left_height
            left = high - _GOLDEN * (high - low)
            left_height = height(left)
        else:
            low, left, left_height = left, right, right_height
            right = low + _GOLDEN * (high - low)
            right_height = height(right)
    best = 0.5 * (low + high)
    top, reach = height(best), 0.05
    bend = (height(best + reach) - 2.0 * top + height(best - reach)) / reach**2
    inside = math.log(lowest) + reach < best < math.log(highest) - reach
    spread = math.exp(best)
    se = spread / math.sqrt(-bend) if inside and bend < 0.0 else math.nan
    return UnitSpread(spread, se, top)
