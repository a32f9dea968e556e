"""Distributions of summed scores given ability (Lord & Wingersky, 1984; several categories: Hanson, 1994)."""

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters


def total_distribution(items: ItemParameters, theta: Array) -> Array:
    """Return P(total = s | theta) for every total score, (S + 1) × Q, S the sum of highest scores."""
    probability = category_curves(items, theta).probability
    return added(np.ones((1, theta.size)), probability, items.steps)


def added(distribution: Array, probability: Array, steps: Index) -> Array:
    """Return the distribution of a total after items (J × K × Q) are added to `distribution` (S × Q)."""
    total = np.asarray(distribution, dtype=float)
    for row, highest in zip(probability, steps, strict=True):
        size, top = total.shape[0], int(highest)
        grown = np.zeros((size + top, total.shape[1]))
        for score in range(top + 1):
            grown[score : score + size] += total * row[score]
        total = grown
    return total


def totals_without_each(probability: Array, steps: Index) -> list[Array]:
    """
    Return, for every item, the distribution of the total over all other items.

    Halves are split again and again, each carrying the items outside it: the number of
    additions grows as J·log J, and nothing is ever divided out.
    """
    highest = np.asarray(steps, dtype=np.intp)
    results: list[Array] = [np.ones((1, probability.shape[2]))] * highest.size

    def split(low: int, high: int, outside: Array) -> None:
        if high - low == 1:
            results[low] = outside
            return
        middle = (low + high) // 2
        split(low, middle, added(outside, probability[middle:high], highest[middle:high]))
        split(middle, high, added(outside, probability[low:middle], highest[low:middle]))

    if highest.size:
        split(0, highest.size, np.ones((1, probability.shape[2])))
    return results
