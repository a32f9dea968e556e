"""A fixed set of normally distributed points for integrals that have no closed form."""

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.normal import normal_scores

#: A prime number of points, and the generator with the smallest worst-case error (P₂, summed
#: over three and five dimensions) among all Korobov lattices of that size.
POINTS = 8191
_GENERATOR = 742


def normal_lattice(dimensions: int) -> Array:
    """Return POINTS points of independent N(0, 1) coordinates, one column per dimension.

    A Korobov rank-1 lattice (Korobov, 1959; Sloan & Joe, 1994), moved by half a step and sent
    through the normal quantile function: the same points on every machine and in every run.
    """
    scores = normal_scores(POINTS)
    index = np.arange(POINTS, dtype=np.int64)
    multiplier, columns = 1, []
    for _ in range(dimensions):
        columns.append(scores[index * multiplier % POINTS])
        multiplier = multiplier * _GENERATOR % POINTS
    return np.stack(columns, axis=1)
