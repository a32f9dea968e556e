"""Residual-based person fit: infit and outfit mean squares."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.person_fit.moments import PersonBlock, checked, person_blocks
from liangcai.measurement.ratios import ratio
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result

_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True)
class ResidualFit(Result):
    """
    One row a person; mean squares near 1 are as expected, above: surprising answers, below: too tidy.

    `outfit` is the plain mean of squared standardized residuals, `infit` weights them by their
    information; `…_z` are cube-root normal scores. `flagged`: a mean square outside `low` to
    `high`, a rule of thumb whose false-alarm rate depends on test length and is not controlled;
    `simulated_fit` gives rates that are. NaN: does not exist (no answers; for
    `…_z`, all answers certain).
    """

    title = "Person fit: infit and outfit"
    method = "Mean squared standardized residuals, unweighted and weighted by information"
    source = "Wright & Stone (1979); Wright & Masters (1982); Wilson & Hilferty (1931)"
    person: tuple[str, ...]
    theta: Array
    low: float
    high: float
    infit: Array
    outfit: Array
    infit_z: Array
    outfit_z: Array
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row a person."""
        return {
            "person": self.person,
            "theta": self.theta,
            "infit": self.infit,
            "outfit": self.outfit,
            "infit_z": self.infit_z,
            "outfit_z": self.outfit_z,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, int | str]:
        """Return the bounds and the flags."""
        return {
            "mean squares allowed": f"{self.low:g} to {self.high:g}",
            "persons flagged": int(self.flagged.sum()),
        }


def residual_fit(
    responses: Responses,
    items: ItemParameters,
    theta: Array,
    *,
    low: float = 0.5,
    high: float = 1.5,
) -> ResidualFit:
    """
    Return infit and outfit of each person at the abilities `theta` (N logits).

    Raises:
        ModelDoesNotApply: items, abilities and responses do not belong together.
    """
    checked(responses, items, theta)
    found = np.empty((4, responses.person_count))
    for block in person_blocks(responses, items, theta):
        found[:, block.rows] = _mean_squares(block)
    infit, outfit, infit_z, outfit_z = found
    return ResidualFit(
        person=tuple(responses.person_name(row) for row in range(responses.person_count)),
        theta=theta,
        low=low,
        high=high,
        infit=infit,
        outfit=outfit,
        infit_z=infit_z,
        outfit_z=outfit_z,
        flagged=(infit < low) | (infit > high) | (outfit < low) | (outfit > high),
    )


def _mean_squares(block: PersonBlock) -> Array:
    curves = block.curves
    expected = curves.expected_score()
    gap = np.arange(curves.probability.shape[1], dtype=float)[None, :, None] - expected[:, None]
    square = gap * gap
    variance = np.maximum((square * curves.probability).sum(axis=1), _LEAST_VARIANCE)
    fourth = (square * square * curves.probability).sum(axis=1)
    count = block.answered.sum(axis=1)
    squared = block.at_scores(square)
    total = block.per_person(variance)
    infit = ratio(squared.sum(axis=1), total)
    outfit = ratio((squared / variance[:, block.ability].T).sum(axis=1), count)
    noise_in = ratio(block.per_person(fourth - variance**2), total**2)
    noise_out = ratio(block.per_person(fourth / variance**2) - count, count**2)
    return np.stack([infit, outfit, _cube_root(infit, noise_in), _cube_root(outfit, noise_out)])


def _cube_root(mean_square: Array, variance: Array) -> Array:
    """Return the normal score of a mean square with this variance (Wilson & Hilferty, 1931)."""
    q = np.sqrt(np.maximum(variance, 0.0))
    return np.where(q > 0, ratio(3.0 * (np.cbrt(mean_square) - 1.0), q) + q / 3.0, np.nan)
