"""The pattern of scores that a total allows and that fits worst, when steps of an item come in sequence.

A step of an item is taken only after the easier steps of that item, so the worst pattern is not
simply the hardest steps. It is found exactly by dynamic programming over items (Emons, 2008, needs
this maximum), once for each design: each set of items that some person answered.
"""

import numpy as np

from liangcai.measurement.arrays import Array, Flags, Index


def least_totals(
    asked: Array, total: Array, item: Index, weights: Array, *, places: bool = False
) -> Array:
    """
    Return the least sum of step weights over patterns with `total` steps among those asked.

    `asked` (N × S) and `item`, `weights` (S) are in order of difficulty. With `places`, weights are
    minus the steps' places among the asked ones, closing the gaps of steps that were not.
    """
    packed = np.packbits(asked.astype(bool), axis=1)
    _, first, design = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    used = asked[first] > 0.0
    own: Array = 1.0 - np.cumsum(used, axis=1, dtype=float)
    values = own if places else np.broadcast_to(weights, used.shape)
    least = _least(used, item, values)
    return np.asarray(least[design.ravel(), total.astype(np.intp)], dtype=float)


def _least(used: Flags, item: Index, weights: Array) -> Array:
    """Return the least weight of each number of steps, designs × 0 … S (∞ beyond a design's steps)."""
    designs, steps = used.shape
    best = np.full((designs, steps + 1), np.inf)
    best[:, 0] = 0.0
    reached = 0
    for name in np.unique(item):
        columns = np.flatnonzero(item == name)
        # An item is asked with all its steps or not at all.
        cost = np.where(used[:, columns], np.cumsum(weights[:, columns], axis=1), np.inf)
        before = best[:, : reached + 1].copy()
        for taken in range(1, columns.size + 1):
            reach = best[:, taken : reached + taken + 1]
            np.minimum(reach, before + cost[:, taken - 1 : taken], out=reach)
        reached += columns.size
    return best
