"""The pattern of scores that a total allows and that fits worst, when steps of an item come in sequence.

A step of an item is taken only after the easier steps of that item, so the worst pattern is not
simply the hardest steps. It is found exactly by dynamic programming over items (Emons, 2008, needs
this maximum), once for each design: each set of items that some person answered.
"""

import numpy as np

from liangcai.measurement.arrays import Array, Index


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
    result = np.empty(total.size)
    for number, row in enumerate(first):
        persons = np.flatnonzero(design.ravel() == number)
        used = np.flatnonzero(asked[row])
        values = -np.arange(used.size, dtype=float) if places else weights[used]
        result[persons] = _least(item[used], values)[total[persons].astype(np.intp)]
    return result


def _least(item: Index, weights: Array) -> Array:
    """Return the least weight of each number of steps, 0 … S."""
    best = np.zeros(1)
    for name in np.unique(item):
        sums = np.concatenate([[0.0], np.cumsum(weights[item == name])])
        joined = np.full(best.size + sums.size - 1, np.inf)
        for steps, value in enumerate(sums):
            reach = joined[steps : steps + best.size]
            np.minimum(reach, best + value, out=reach)
        best = joined
    return best
