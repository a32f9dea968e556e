"""Moments of single ratings at given person measures: what scores, fit and information are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.design import Design, category_weights, offsets
from liangcai.measurement.facets.sparse_sums import totals

_BLOCK = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class RatingCurves:
    """The curves of a design's ratings at one parameter vector: offsets (U) and category weights."""

    design: Design
    offset: Array
    weights: Array

    @classmethod
    def of(cls, design: Design, vector: Array) -> "RatingCurves":
        """Return the curves at `vector`."""
        return cls(design, offsets(design, vector), category_weights(design, vector))

    def probabilities(self, theta: Array, rows: slice = slice(None)) -> Array:
        """Return P(category) of the ratings of `rows` (n × (K + 1)) for person measures `theta` (N)."""
        pattern = self.design.pattern[rows]
        place = theta[self.design.person[rows]] - self.offset[pattern]
        return probabilities_at(place, self.weights, self.design.group[pattern])

    def blocks(self) -> Iterator[slice]:
        """Return the ratings in pieces that stay in the processor's cache."""
        count = self.design.pattern.size
        return (slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK))


def probabilities_at(place: Array, weights: Array, group: Index) -> Array:
    """Return P(category) at `place` = theta − offset (n logits), as n × (K + 1)."""
    # Categories are the slow axis in memory: sums over them then run along whole columns.
    numbers = np.arange(weights.shape[1])
    z = numbers[:, None] * place
    z += weights.T if weights.shape[0] == 1 else np.ascontiguousarray(weights[group].T)
    z -= z.max(axis=0)
    np.exp(z, out=z)
    z /= z.sum(axis=0)
    return np.asarray(z.T, dtype=float)


def survival(probability: Array) -> Array:
    """Return P(category ≥ j) for j = 1 … K."""
    upper = np.triu(np.ones((probability.shape[1] - 1, probability.shape[1])), 1)
    return np.asarray((upper @ probability.T).T, dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Mean, variance, third and fourth central moment of each rating's category number (n each)."""

    mean: Array
    variance: Array
    third: Array
    fourth: Array


def moments_of(probability: Array) -> Moments:
    """Return the central moments of category numbers 0 … K under `probability` (n × (K + 1))."""
    chance = probability.T
    numbers = np.arange(chance.shape[0], dtype=float)
    mean = numbers @ chance
    distance = numbers[:, None] - mean
    held = chance * distance * distance
    variance = held.sum(axis=0)
    held *= distance
    third = held.sum(axis=0)
    held *= distance
    return Moments(mean, variance, third, held.sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class PersonSums:
    """Cumulants of each person's total (N each): mean, variance (the information), third, fourth."""

    mean: Array
    information: Array
    third: Array
    fourth: Array

    def excess(self) -> Array:
        """Return fourth/information − (third/information)²: the derivative by theta of third/information."""
        return np.asarray(self.fourth / self.information - (self.third / self.information) ** 2)


def person_sums(curves: RatingCurves, theta: Array) -> PersonSums:
    """Return the cumulants of the persons' totals at `theta` (N)."""
    design = curves.design
    sums = np.zeros((4, design.persons))
    for rows in curves.blocks():
        moments = moments_of(curves.probabilities(theta, rows))
        weight, first, last = design.weight[rows], *design.person[[rows.start, rows.stop - 1]]
        who, here = design.person[rows] - first, slice(first, last + 1)
        fourth = moments.fourth - 3.0 * moments.variance**2
        for row, values in enumerate((moments.mean, moments.variance, moments.third, fourth)):
            sums[row, here] += totals(who, weight * values, last + 1 - first)
    return PersonSums(*sums)
