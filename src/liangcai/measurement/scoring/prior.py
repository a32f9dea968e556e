"""Normal priors by group, and the grid on which posteriors are summed exactly enough to say so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.grid import Grid, even_grid
from liangcai.measurement.models.curves import information
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.scoring.likelihood import group_codes, row_blocks, tables_at

#: How many prior standard deviations a grid reaches at first.
REACH = 6.0
_WIDEST_REACH = 48.0
# Sums over a step of h posterior sds err by about 2·exp(−2π²/h²) if posteriors were normal: 6e-18 here.
_STEP = 0.7
_SAMPLE = 1024
_TOLERANCE = 1e-6
# The largest share of a posterior on an end of a grid that is wide enough.
_EDGE_MASS = 1e-8
_MOST_NODES = 20_001


class PriorInvalid(LiangcaiError):
    """A prior mean or standard deviation is not finite, not positive, or not one per group."""

    code = "measurement.prior-invalid"


class GridTooFine(LiangcaiError):
    """Posteriors are so narrow beside the prior that no grid of reasonable size holds both."""

    code = "measurement.grid-too-fine"


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Means and standard deviations of normal priors, one entry per group of persons (logits)."""

    mean: Array
    sd: Array

    def log_density(self, theta: Array) -> Array:
        """Return the log density of each group at each ability, without its constant (G × Q)."""
        z = (theta[None, :] - self.mean[:, None]) / self.sd[:, None]
        return np.asarray(-0.5 * z * z, dtype=float)

    def masses(self, theta: Array) -> Array:
        """Return each group's masses on an even grid, summing to 1 (G × Q)."""
        density = np.exp(self.log_density(theta))
        return np.asarray(density / density.sum(axis=1, keepdims=True), dtype=float)

    def span(self, reach: float) -> tuple[float, float]:
        """Return the abilities that lie `reach` standard deviations beyond the outermost groups."""
        low, high = self.mean - reach * self.sd, self.mean + reach * self.sd
        return float(low.min()), float(high.max())


def normal_prior(
    mean: float | Sequence[float], sd: float | Sequence[float], *, groups: int
) -> NormalPrior:
    """
    Return the prior of `groups` groups from one number or one per group.

    Raises:
        PriorInvalid: a value is not finite, a standard deviation not positive, or a count is wrong.
    """
    count = max(groups, 1)
    values = []
    for name, given in (("mean", mean), ("standard deviation", sd)):
        held = np.atleast_1d(np.asarray(given, dtype=float))
        if held.size not in {1, count} or not np.isfinite(held).all():
            raise PriorInvalid(
                f"the prior {name} needs one finite number, or one for each of {count} groups"
            )
        values.append(np.broadcast_to(held, (count,)).copy())
    if (values[1] <= 0.0).any():
        raise PriorInvalid(f"a prior standard deviation must be positive, not {values[1].min():g}")
    return NormalPrior(values[0], values[1])


def narrowest(items: ItemParameters, prior: NormalPrior) -> float:
    """Return the smallest posterior standard deviation to expect: 1/√(largest information + 1/sd²)."""
    low, high = prior.span(REACH)
    most = 0.0
    if items.count:
        spots = np.concatenate([np.linspace(low, high, 241), items.b[np.isfinite(items.b)]])
        most = float(information(items, spots).sum(axis=0).max())
    return float(1.0 / np.sqrt(most + 1.0 / prior.sd.min() ** 2))


def expectation_grid(items: ItemParameters, prior: NormalPrior) -> Grid:
    """
    Return the grid over which expectations in a population are summed: half the narrowest posterior apart.

    Raises:
        GridTooFine: more than 20,001 nodes would be needed.
    """
    return fine_grid(*prior.span(REACH), width=0.5 * narrowest(items, prior))


@dataclass(frozen=True, slots=True)
class Moments:
    """Posterior means, standard deviations and largest mass on an end of the grid."""

    mean: Array
    sd: Array
    edge: float


def posterior_moments(
    responses: Responses, items: ItemParameters, *, prior: NormalPrior, grid: Grid
) -> Moments:
    """Return each person's posterior mean and standard deviation: two matrix products a block."""
    count, nodes = responses.person_count, grid.nodes
    tables, log_prior, codes = (
        tables_at(items, nodes),
        prior.log_density(nodes),
        group_codes(responses),
    )
    centre = float(np.mean(prior.mean))
    powers = np.stack([np.ones_like(nodes), nodes - centre, (nodes - centre) ** 2], axis=1)
    mean, sd, edge = np.empty(count), np.empty(count), 0.0
    for block in row_blocks(count, max(nodes.size, items.count)):
        mass = tables.log_likelihood(responses.scores[block])
        mass += log_prior[codes[block]]
        mass -= mass.max(axis=1, keepdims=True)
        np.exp(np.maximum(mass, -700.0, out=mass), out=mass)
        total, first, second = (mass @ powers).T
        mean[block] = first / total
        sd[block] = np.sqrt(np.maximum(second / total - mean[block] ** 2, 0.0))
        edge = max(edge, float((np.maximum(mass[:, 0], mass[:, -1]) / total).max(initial=0.0)))
    return Moments(mean + centre, sd, edge)


@dataclass(frozen=True, slots=True)
class VerifiedGrid:
    """
    A grid, and by how much halving its step moved any checked posterior mean or sd (prior sds).

    It goes `reach` standard deviations beyond the means of the outermost groups.
    """

    grid: Grid
    reach: float
    error: float


def verified_grid(
    responses: Responses,
    items: ItemParameters,
    *,
    prior: NormalPrior,
    step: float = _STEP,
    reach: float = REACH,
) -> VerifiedGrid:
    """
    Return a grid so wide and fine that widening or halving it changes nothing that matters.

    It starts at `reach` prior standard deviations and a step of `step` times the narrowest posterior
    to expect, and is checked on up to 1,024 persons, the lowest and the highest total among them.

    Raises:
        GridTooFine: more than 20,001 nodes would be needed.
        PriorInvalid: a posterior lies 48 or more prior standard deviations from the prior mean.
    """
    sample = responses.select_persons(checked_rows(responses, most=_SAMPLE))
    unit = float(prior.sd.min())
    width = step * narrowest(items, prior)
    while True:
        grid = _spread(prior, reach, width)
        coarse = posterior_moments(sample, items, prior=prior, grid=grid)
        if coarse.edge > _EDGE_MASS:
            reach = wider(reach)
            continue
        fine = posterior_moments(
            sample, items, prior=prior, grid=_spread(prior, reach, 0.5 * width)
        )
        moved = np.maximum(np.abs(fine.mean - coarse.mean), np.abs(fine.sd - coarse.sd))
        error = float(moved.max(initial=0.0)) / unit
        if error <= _TOLERANCE:
            return VerifiedGrid(grid, reach, error)
        width *= 0.5


def posterior_of_everybody(
    responses: Responses, items: ItemParameters, *, prior: NormalPrior
) -> tuple[Moments, VerifiedGrid]:
    """
    Return everybody's posterior moments on a verified grid, widened until nobody meets its ends.

    Raises:
        GridTooFine: more than 20,001 nodes would be needed.
        PriorInvalid: a posterior lies 48 or more prior standard deviations from the prior mean.
    """
    reach = REACH
    while True:
        checked = verified_grid(responses, items, prior=prior, reach=reach)
        found = posterior_moments(responses, items, prior=prior, grid=checked.grid)
        if found.edge <= _EDGE_MASS:
            return found, checked
        reach = wider(reach)


def wider(reach: float, *, by: float = REACH) -> float:
    """
    Return the next reach to try, `by` prior sds wider, when a posterior met an end of the grid.

    Raises:
        PriorInvalid: it has been 48 prior standard deviations.
    """
    if reach >= _WIDEST_REACH:
        raise PriorInvalid(
            f"a posterior lies {reach:g} prior standard deviations from the prior mean: the prior "
            "is on another scale than the items"
        )
    return reach + by


def _spread(prior: NormalPrior, reach: float, width: float) -> Grid:
    return fine_grid(*prior.span(reach), width=width)


def fine_grid(low: float, high: float, *, width: float) -> Grid:
    """
    Return an even grid from `low` to `high` (logits) with a step of at most `width`.

    Raises:
        GridTooFine: more than 20,001 nodes would be needed.
    """
    # Compared before it is rounded up: an infinite count has no integer.
    count = (high - low) / width
    if not count <= _MOST_NODES - 1:
        raise GridTooFine(
            f"{count:.3g} nodes from {low:g} to {high:g} would be needed for steps of {width:g}; "
            "check the slopes, or give a narrower prior or narrower bounds"
        )
    return even_grid(low, high, int(np.ceil(count)) + 1)


def checked_rows(responses: Responses, *, most: int) -> Index:
    """Return about `most` rows spread over the persons, the lowest and the highest total among them."""
    count = responses.person_count
    rows = np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(np.intp))
    if count == rows.size:
        return rows
    totals = np.concatenate(
        [np.where(b < 0, 0, b).sum(axis=1, dtype=np.int64) for b in responses.blocks(65_536)]
    )
    return np.union1d(rows, [int(totals.argmin()), int(totals.argmax())]).astype(np.intp)
