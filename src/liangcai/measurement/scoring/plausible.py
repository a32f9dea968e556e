"""Plausible values: random draws from each person's posterior."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    group_codes,
    matched,
    require_one_ability,
    row_blocks,
    tables_at,
)
from liangcai.measurement.scoring.persons import ScoringInvalid
from liangcai.measurement.scoring.prior import normal_prior, posterior_of_everybody, verified_grid

_FINE = 0.1


@dataclass(frozen=True, slots=True)
class PlausibleValues(Result):
    """
    Draws from the posterior of each person, N × M, in logits.

    Analyse each column on its own and combine the results (Rubin, 1987); never average a
    person's draws, which only gives a noisier EAP.
    """

    title: ClassVar[str] = "Plausible values"
    method = "inverse distribution function of the posterior on a fine grid"
    source = "Mislevy (1991)"

    persons: tuple[str, ...] | None
    values: Array
    prior_mean: tuple[float, ...]
    prior_sd: tuple[float, ...]

    def columns(self) -> dict[str, Any]:
        """Return person and one column per draw."""
        names = self.persons or tuple(str(row + 1) for row in range(self.values.shape[0]))
        draws = {f"pv{draw + 1}": self.values[:, draw] for draw in range(self.values.shape[1])}
        return {"person": names, **draws}

    def facts(self) -> dict[str, Any]:
        """Return the number of draws and the prior."""
        return {
            "draws": self.values.shape[1],
            "prior mean": self.prior_mean,
            "prior standard deviation": self.prior_sd,
        }


def plausible_values(
    responses: Responses,
    items: ItemParameters,
    *,
    rng: np.random.Generator,
    draws: int = 5,
    prior_mean: float | Sequence[float] = 0.0,
    prior_sd: float | Sequence[float] = 1.0,
) -> PlausibleValues:
    """
    Return `draws` draws per person from the posterior under the normal prior (one or per group).

    Within a grid cell, a tenth of the narrowest posterior wide, draws are even: their variance is
    larger than the posterior's by less than one in a thousand.

    Raises:
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: a prior is not finite, not positive, or not one per group.
        ScoringInvalid: fewer than one draw.
        GridTooFine: posteriors are too narrow beside the prior.
        SeveralAbilities: the items measure several dimensions.
    """
    if draws < 1:
        raise ScoringInvalid(f"at least one draw is needed, not {draws}")
    chosen = matched(responses, items)
    require_one_ability(chosen)
    prior = normal_prior(prior_mean, prior_sd, groups=len(responses.group_names))
    _, checked = posterior_of_everybody(responses, chosen, prior=prior)
    grid = verified_grid(responses, chosen, prior=prior, step=_FINE, reach=checked.reach).grid
    tables, log_prior = tables_at(chosen, grid.nodes), prior.log_density(grid.nodes)
    codes, values = group_codes(responses), np.empty((responses.person_count, draws))
    for block in row_blocks(responses.person_count, grid.nodes.size):
        mass = tables.log_likelihood(responses.scores[block]) + log_prior[codes[block]]
        mass -= mass.max(axis=1, keepdims=True)
        np.exp(mass, out=mass)
        values[block] = _drawn(mass, rng.random((mass.shape[0], draws)))
    return PlausibleValues(
        persons=responses.persons,
        values=grid.nodes[0] + (values - 0.5) * grid.step,
        prior_mean=tuple(prior.mean.tolist()),
        prior_sd=tuple(prior.sd.tolist()),
    )


def _drawn(mass: Array, uniform: Array) -> Array:
    """Return places on the grid in cells (0 = left end of the first) whose mass below is `uniform`."""
    reached = np.cumsum(mass, axis=1)
    reached /= reached[:, -1:]
    rows, width = mass.shape
    # One sorted list for all rows: row r lies between r and r + 1.
    shelf = np.arange(rows)[:, None]
    found = np.searchsorted((reached + shelf).ravel(), (uniform + shelf).ravel(), side="right")
    cell = np.clip(found.reshape(uniform.shape) - shelf * width, 0, width - 1)
    upper = np.take_along_axis(reached, cell, 1)
    lower = np.where(cell > 0, np.take_along_axis(reached, np.maximum(cell - 1, 0), 1), 0.0)
    share = (uniform - lower) / np.maximum(upper - lower, 1e-300)
    return np.asarray(cell + np.clip(share, 0.0, 1.0), dtype=float)
