"""A calibrated item pool, made ready for adaptive testing: tables on a grid, items ranked by node."""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.tables import Pool, drawn
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.grid import Grid, even_grid
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters

#: Abilities from −5 to 5 in steps of 1/16: an eighth of a posterior sd of 0.5, half of one of 0.125.
DEFAULT_GRID = even_grid(-5.0, 5.0, 161)
_RANKED = 512
_FEWEST_NODES = 11
#: Logits that a curve may rise by from node to node: sums over the grid err by exp(−2π²/rise).
_STEEPEST_RISE = 1.0


class PoolInvalid(LiangcaiError):
    """The items cannot serve as the pool of one adaptive test."""

    code = "measurement.adaptive.pool-invalid"


@dataclass(frozen=True, slots=True, eq=False)
class ItemPool:
    """J calibrated items with their tables over the Q nodes of a grid.

    `tables` holds log probability (J × K × Q) and information (J × Q), `probability` the former's
    exponential, `warm` Warm's numerator ΣP'P''/P (J × Q), `by_node` the information with a row a node
    (Q × J), `ranked` the best items of each node (Q × up to 512), best first, ties in order of place.
    `difficulty` is the mean threshold, for a nominal item the node of most information;
    `discrimination` the slope, for a nominal item twice the root of its largest information;
    `highest` the highest score; `powers` (Q × 3) are the nodes to the powers 0, 1 and 2.
    """

    items: ItemParameters
    grid: Grid
    tables: Pool
    probability: Array
    warm: Array
    by_node: Array
    ranked: Index
    difficulty: Array
    discrimination: Array
    highest: Index
    powers: Array

    @property
    def count(self) -> int:
        """The number of items J."""
        return self.items.count

    @property
    def categories(self) -> int:
        """The number of scores K of the item with most of them."""
        return int(self.tables.log_probability.shape[1])

    def node_of(self, theta: Array) -> Index:
        """Return the place of the node nearest to each ability; a last bit decides no tie."""
        last = self.grid.nodes.size - 1
        place = (theta - self.grid.nodes[0]) / self.grid.step + (0.5 + 1e-9)
        within: Array = np.minimum(np.maximum(place, 0.0), last)
        return within.astype(np.intp)


def item_pool(items: ItemParameters, *, grid: Grid = DEFAULT_GRID) -> ItemPool:
    """
    Return the pool of `items` over `grid`, an even grid of abilities in logits.

    Raises:
        PoolInvalid: there is no item, two share a name, they measure several abilities, the grid
            is uneven or has too few nodes, or an item is too steep for its step.
    """
    if not items.count:
        raise PoolInvalid("a pool needs at least one item")
    if len(set(items.names)) < items.count:
        twice = next(name for name in items.names if items.names.count(name) > 1)
        raise PoolInvalid(f"two items are called {twice!r}: name each item once")
    if grid.nodes.size < _FEWEST_NODES:
        raise PoolInvalid(f"a grid needs at least {_FEWEST_NODES} nodes, not {grid.nodes.size}")
    if not grid.step > 0.0 or not np.allclose(np.diff(grid.nodes), grid.step):
        raise PoolInvalid("a grid rises in even steps: make it with grid.even_grid")
    rise = _steepness(items) * grid.step
    if (steep := np.flatnonzero(rise > _STEEPEST_RISE)).size:
        raise PoolInvalid(
            f"item {items.names[steep[0]]!r} rises by {rise[steep[0]]:.3g} logits from node to node: "
            f"give a grid with steps of at most {grid.step / rise.max():.3g}"
        )
    if np.unique(items.dimension).size > 1:
        raise PoolInvalid("the items measure several abilities: select those of one dimension")
    curves = category_curves(items, grid.nodes)
    tables = drawn(curves)
    return ItemPool(
        items=items,
        grid=grid,
        tables=tables,
        probability=np.exp(tables.log_probability),
        warm=curves.warm_numerator(),
        by_node=np.ascontiguousarray(tables.information.T),
        ranked=_ranked(np.ascontiguousarray(tables.information.T)),
        difficulty=_difficulty(items, tables, grid),
        discrimination=_discrimination(items, tables),
        highest=items.steps,
        powers=np.stack([np.ones_like(grid.nodes), grid.nodes, grid.nodes**2], axis=1),
    )


def _ranked(by_node: Array) -> Index:
    depth = min(_RANKED, by_node.shape[1])
    ranked = np.empty((by_node.shape[0], depth), dtype=np.intp)
    for place, worth in enumerate(by_node):
        floor = np.partition(worth, worth.size - depth)[worth.size - depth]
        best = np.flatnonzero(worth >= floor)
        ranked[place] = best[np.argsort(-worth[best], kind="stable")[:depth]]
    return ranked


def _difficulty(items: ItemParameters, tables: Pool, grid: Grid) -> Array:
    peak = grid.nodes[tables.information.argmax(axis=1)]
    steps = np.maximum(items.steps, 1)
    mean = np.nansum(items.b, axis=1) / steps
    return np.asarray(np.where(_is_nominal(items), peak, mean), dtype=float)


def _discrimination(items: ItemParameters, tables: Pool) -> Array:
    steepest = 2.0 * np.sqrt(tables.information.max(axis=1))
    return np.asarray(np.where(_is_nominal(items), steepest, items.a), dtype=float)


def _steepness(items: ItemParameters) -> Array:
    """Return how fast the log odds of two neighbouring scores change with ability at most (J)."""
    slopes = np.concatenate([np.zeros((items.count, 1)), items.category_slopes], axis=1)
    jumps = np.nan_to_num(np.abs(np.diff(slopes, axis=1))).max(axis=1, initial=0.0)
    return np.asarray(np.where(_is_nominal(items), jumps, np.abs(items.a)), dtype=float)


def _is_nominal(items: ItemParameters) -> Flags:
    return np.array([model == "nominal" for model in items.models])
