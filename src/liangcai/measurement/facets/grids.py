"""The grid of person measures: chosen from the posteriors it has to resolve, and verified."""

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.design import Design
from liangcai.measurement.facets.marginal import Marginal, marginal
from liangcai.measurement.facets.moments import RatingCurves, person_sums
from liangcai.measurement.grid import Grid

_TAIL = 6.0
_FEWEST = 9
_MOST = 4001
_MOST_TRIES = 8
#: In steps: how far a wanted end may lie outside, and from where on posteriors were cut off.
_SLACK = 0.5
_FAR = 6.0
_WASTE = 1.25


def grid_over(mean: Array, sd: Array, *, fineness: float = 1.0) -> Grid:
    """
    Return an even grid that covers all posteriors of `mean` and `sd` (N each).

    The step is the narrowest posterior's sd over `fineness`: the trapezoid sum of a normal density
    is then wrong by 2·exp(−2π²·fineness²), 5e-9 at 1. The ends lie 6·fineness sd outside: the
    posterior of an extreme total is skewed, and 6 sd may cut off a part of it that counts.
    """
    tail = _TAIL * fineness * sd
    low, high = float(np.min(mean - tail)), float(np.max(mean + tail))
    step = float(np.min(sd)) / fineness
    count = int(np.clip(np.ceil((high - low) / step) + 1, _FEWEST, _MOST))
    nodes = np.linspace(low, high, count)
    return Grid(nodes, float(nodes[1] - nodes[0]))


def first_grid(design: Design, start: Array) -> Grid:
    """Return a grid for start values: as if every person stood at the population mean."""
    curves = RatingCurves.of(design, start)
    centre = design.layout.population_means(start)[design.mean_of]
    spread = design.layout.spreads_of(start)[design.spread_of]
    information = person_sums(curves, centre).information
    step = float(np.min(1.0 / np.sqrt(information + 1.0 / spread**2)))
    low, high = float(np.min(centre - _TAIL * spread)), float(np.max(centre + _TAIL * spread))
    count = int(np.clip(np.ceil((high - low) / step) + 1, _FEWEST, _MOST))
    nodes = np.linspace(low, high, count)
    return Grid(nodes, float(nodes[1] - nodes[0]))


def finer(grid: Grid) -> Grid:
    """Return the grid with half the step and an eighth more room at either end."""
    room = 0.125 * (grid.nodes[-1] - grid.nodes[0])
    count = int(np.ceil(1.25 * 2 * (grid.nodes.size - 1))) + 1
    nodes = np.linspace(grid.nodes[0] - room, grid.nodes[-1] + room, count)
    return Grid(nodes, float(nodes[1] - nodes[0]))


def marginal_near(design: Design, vector: Array, near: Marginal, *, fineness: float) -> Marginal:
    """
    Return the marginal likelihood at `vector` on a grid that resolves its own posteriors.

    The grid of the neighbouring point is kept where it fits; else it is extended to where the
    posteriors are found to lie, so that a long step is never judged on a grid it has left.
    """
    grid, fitting = near.grid, grid_over(near.mean, near.sd, fineness=fineness)
    if grid.nodes.size > _WASTE * fitting.nodes.size:
        grid = fitting
    for _ in range(_MOST_TRIES):
        found = marginal(design, vector, grid)
        wanted = grid_over(found.mean, found.sd, fineness=fineness)
        outside = max(grid.nodes[0] - wanted.nodes[0], wanted.nodes[-1] - grid.nodes[-1])
        if outside <= _SLACK * grid.step and 0.5 * wanted.step <= grid.step <= 1.05 * wanted.step:
            break
        grid = _joined(grid, wanted) if outside > _FAR * grid.step else wanted
    return found


def _joined(one: Grid, other: Grid) -> Grid:
    """Return a grid over both, with the finer step and some room: posteriors cut off by an end lie beyond it."""
    low, high = min(one.nodes[0], other.nodes[0]), max(one.nodes[-1], other.nodes[-1])
    room = 0.25 * (high - low)
    step = min(one.step, other.step)
    count = int(np.clip(np.ceil((high - low + 2 * room) / step) + 1, _FEWEST, _MOST))
    nodes = np.linspace(low - room, high + room, count)
    return Grid(nodes, float(nodes[1] - nodes[0]))
