"""Points sought between two ends, for whole arrays at once: by halving, and by Newton steps that cannot leave."""

from collections.abc import Callable

import numpy as np

from liangcai.measurement.arrays import Array, Flags


def halved(is_below: Callable[[Array], Flags], low: Array, high: Array, *, halvings: int) -> Array:
    """Return, entry by entry, the point between `low` and `high` up to which `is_below` holds."""
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        below = is_below(middle)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(0.5 * (low + high), dtype=float)


def climbed(
    at: Array, *, gradient: Array, bend: Array, low: Array, high: Array
) -> tuple[Array, Array, Array]:
    """
    Return where to look next for a maximum between `low` and `high`, and the ends drawn closer.

    `gradient` and `bend` are those at `at`; the bend must be negative, or an estimate of it that is.
    The step is Newton's where it stays between the ends, otherwise to their middle.
    """
    low = np.where(gradient > 0.0, np.maximum(low, at), low)
    high = np.where(gradient < 0.0, np.minimum(high, at), high)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        moved = at - gradient / bend
    inside = (moved >= low) & (moved <= high)
    return np.where(inside, moved, 0.5 * (low + high)), low, high
