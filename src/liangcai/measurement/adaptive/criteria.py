"""What an item is worth to a person: criteria over the posterior, and the pick among the best."""

import numpy as np

from liangcai.measurement.adaptive.tables import Pool
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.grid import Grid

_SMALLEST = 1e-300


def expected_information(pool: Pool, mass: Array) -> Array:
    """Return each item's information averaged over the posterior (van der Linden, 1998).

    `mass` holds one posterior over the nodes, or a row for each of N persons; so does the result
    over the items. The maximum posterior-weighted information of Veerkamp & Berger (1997) is this
    with the likelihood in place of the posterior.
    """
    return np.asarray(mass @ pool.information.T, dtype=float)


def expected_variance(pool: Pool, mass: Array, grid: Grid) -> Array:
    """Return each item's expected posterior variance after its answer (van der Linden, 1998).

    `mass` is one posterior over the nodes, or a row for each of N persons.
    """
    return variance_after(np.exp(pool.log_probability), mass, grid)


def variance_after(probability: Array, mass: Array, grid: Grid) -> Array:
    """Return `expected_variance` from the probabilities J × K × Q themselves."""
    items, categories, nodes = probability.shape
    flat = probability.reshape(items * categories, nodes).T
    centre = (mass @ grid.nodes)[..., None]
    # About the present mean: the difference of squares then keeps its digits.
    deviation = grid.nodes - centre
    chance = np.maximum(mass @ flat, _SMALLEST)
    shift = (mass * deviation) @ flat
    square = (mass * deviation**2) @ flat
    left = (square - shift**2 / chance).reshape(*mass.shape[:-1], items, categories)
    return np.asarray(left.sum(axis=-1), dtype=float)


def divergence(log_probability: Array, mass: Array, node: Index) -> Array:
    """Return Kullback–Leibler information weighted with the posterior (Chang & Ying, 1996), N × J.

    Σ_q mass_q Σ_k P_k(node) log(P_k(node)/P_k(q)) for each row of `mass` (N × Q), where `node` (N)
    is the place of the estimate on the grid and `log_probability` is J × K × Q.
    """
    items, categories, nodes = log_probability.shape
    flat = log_probability.reshape(items * categories, nodes)
    here = flat.T[node]
    gap = np.exp(here) * (here - mass @ flat.T)
    return np.asarray(gap.reshape(-1, items, categories).sum(axis=2), dtype=float)


def one_of_the_best(merit: Array, *, among: int, chance: float) -> int:
    """Return the place of one of the `among` largest merits (randomesque; Kingsbury & Zara, 1989).

    Equal merits (to nine decimals, so that a processor's last bit decides nothing) rank in order of
    place; `chance` in [0, 1) picks among the best.
    """
    order = np.argsort(-np.round(merit, 9), kind="stable")
    return int(order[int(chance * min(among, order.size))])
