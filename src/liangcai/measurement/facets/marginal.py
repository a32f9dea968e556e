"""The marginal likelihood of a many-facet model on a grid of person measures, with its gradient.

The person measures are integrated out of ∏ P(rating | theta − offset) N(theta; mean, sd²) on an
even grid (Bock & Aitkin, 1981); on a step no wider than the narrowest posterior the sum is exact
to about nine digits. With x = exp(theta) the normaliser of a rating is a polynomial in x, so the
table over patterns × nodes is one matrix product, and so are the expected category counts.
"""

import math
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.design import Design, category_weights, offsets
from liangcai.measurement.facets.sparse_sums import totals
from liangcai.measurement.grid import Grid

#: Beyond this exponent a product of two exponentials leaves the range of float64.
_LARGEST_EXPONENT = 640.0
_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


class ScaleTooLong(LiangcaiError):
    """A rating scale has too many steps, or measures lie too far apart, for float64."""

    code = "measurement.scale-too-long"


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """Value and gradient at one parameter vector; `posterior` (N × Q) holds masses on the grid."""

    vector: Array
    grid: Grid
    value: float
    gradient: Array
    posterior: Array
    mean: Array
    sd: Array


def marginal(design: Design, vector: Array, grid: Grid) -> Marginal:
    """
    Return the log marginal likelihood, its gradient and the persons' posteriors.

    Raises:
        ScaleTooLong: the exponents would leave the range of float64.
    """
    layout = design.layout
    terms, powers, normaliser = _tables(design, vector, grid)
    posterior = design.holding.gather(np.log(normaliser))
    np.subtract(design.person_total[:, None] * grid.nodes, posterior, out=posterior)
    centre = layout.population_means(vector)[design.mean_of]
    spread = layout.spreads_of(vector)[design.spread_of]
    distance = grid.nodes - centre[:, None]
    distance /= spread[:, None]
    posterior -= 0.5 * np.square(distance)
    peak = posterior.max(axis=1)
    posterior -= peak[:, None]
    np.exp(posterior, out=posterior)
    total = posterior.sum(axis=1)
    posterior /= total[:, None]
    value = float(np.sum(np.log(total) + peak - np.log(spread)))
    value += design.persons * (math.log(grid.step) - _HALF_LOG_TWO_PI)
    value -= float(design.element_total @ layout.measures(vector))
    value -= float(np.sum(design.reached * layout.step_table(vector)))
    mean = posterior @ grid.nodes
    sd = np.sqrt(np.maximum(posterior @ grid.nodes**2 - mean**2, 0.25 * grid.step**2 * 1e-6))
    counts = terms * ((design.holding.scatter(posterior) / normaliser) @ powers.T)
    gradient = np.zeros(layout.size)
    _add_elements(gradient, design, counts)
    z = (mean - centre) / spread
    gradient[layout.mean_start : layout.spread_start] = totals(
        design.mean_of, z / spread, layout.means
    )
    gradient[layout.spread_start :] = np.bincount(
        design.spread_of, weights=(sd / spread) ** 2 + z**2 - 1.0, minlength=layout.spreads
    )
    return Marginal(vector, grid, value, gradient, posterior, mean, sd)


def _tables(design: Design, vector: Array, grid: Grid) -> tuple[Array, Array, Array]:
    """Return exp terms (U × (K + 1)), powers ((K + 1) × Q) and the normaliser (U × Q)."""
    origin = 0.5 * (grid.nodes[0] + grid.nodes[-1])
    nodes, place = grid.nodes - origin, offsets(design, vector) - origin
    numbers = np.arange(design.categories.steps + 1)
    exponents = category_weights(design, vector)[design.group] - place[:, None] * numbers
    reach = float(np.max(np.where(np.isfinite(exponents), np.abs(exponents), 0.0)))
    reach += numbers[-1] * nodes[-1]
    if not reach < _LARGEST_EXPONENT:
        raise ScaleTooLong(
            f"{numbers[-1]} steps over a range of {nodes[-1] - nodes[0]:.0f} logits cannot be computed; "
            "join neighbouring scores (at most about 40 steps)"
        )
    terms, powers = np.exp(exponents), np.exp(numbers[:, None] * nodes)
    return terms, powers, terms @ powers


def _add_elements(gradient: Array, design: Design, counts: Array) -> None:
    """Add the gradient of elements and steps, from expected category counts of the patterns."""
    layout = design.layout
    expected = counts @ np.arange(counts.shape[1])
    for column in design.places.T:
        gradient[: layout.elements] += totals(column, expected, layout.elements)
    gradient[: layout.elements] -= design.element_total
    if design.has_steps:
        reached = counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        groups = layout.step_groups
        sums = [totals(design.group, step, groups) for step in reached.T]
        gradient[layout.step_start : layout.mean_start] = (
            np.stack(sums, axis=1) - design.reached
        ).ravel()
