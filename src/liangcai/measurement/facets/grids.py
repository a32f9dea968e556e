"""The grid of person measures: chosen from the posteriors it has to resolve, and verified."""

import numpy as np

from liangcai.measurement.facets.design import Design
from liangcai.measurement.facets.marginal import Marginal
from liangcai.measurement.facets.moments import RatingCurves, person_sums
from liangcai.measurement.grid import Grid
from liangcai.measurement.scales import Array

_TAIL = 6.0
_FEWEST = 9
_MOST = 4001


def grid_over(mean: Array, sd: Array, *, fineness: float = 1.0) -> Grid:
    """
    Return an even grid that covers all posteriors of `mean` and `sd` (N each).

    The step is the narrowest posterior's sd over `fineness`: the trapezoid sum of a normal density
    is then wrong by 2·exp(−2π²·fineness²), 5e-9 at 1. The ends lie 6 sd outside.
    """
    low, high = float(np.min(mean - _TAIL * sd)), float(np.max(mean + _TAIL * sd))
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


def grid_after(point: Marginal, *, fineness: float) -> Grid:
    """Return the grid for the neighbourhood of `point`: its own while that still fits."""
    wanted = grid_over(point.mean, point.sd, fineness=fineness)
    held = point.grid
    fits = held.nodes[0] <= wanted.nodes[0] and held.nodes[-1] >= wanted.nodes[-1]
    return held if fits and 0.6 * wanted.step <= held.step <= wanted.step else wanted
