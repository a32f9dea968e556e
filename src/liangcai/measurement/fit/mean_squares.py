"""Infit and outfit: mean squared residuals of each item, weighted by information or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.fit.expected_counts import FitUndefined, expected_counts
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import frequencies, matched, row_blocks
from liangcai.measurement.scoring.persons import ScoringInvalid, score

At = Literal["posterior", "wle"]
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True)
class MeanSquares(Result):
    """
    Infit and outfit mean squares of each item, expected 1, and their standardised forms.

    Above 1 the responses are noisier than the model says, below 1 more regular. `infit_t` and
    `outfit_t` are near N(0, 1) if the abilities were known; as they are estimated, they are
    smaller than that, the more so the shorter the test. NaN: nobody answered the item, or its
    residuals have no variance, so that no mean square exists.
    """

    title: ClassVar[str] = "Infit and outfit of items"

    item: tuple[str, ...]
    responses: Array
    infit: Array
    infit_t: Array
    outfit: Array
    outfit_t: Array
    method: str
    source: str = "Wright & Masters (1982); standardised by Wilson & Hilferty (1931)"

    def columns(self) -> dict[str, Any]:
        """Return item, responses, infit, infit_t, outfit and outfit_t."""
        return {
            "item": self.item,
            "responses": self.responses,
            "infit": self.infit,
            "infit_t": self.infit_t,
            "outfit": self.outfit,
            "outfit_t": self.outfit_t,
        }

    def facts(self) -> dict[str, Any]:
        """Return the items with the largest and the smallest outfit."""
        if np.isnan(self.outfit).all():
            return {"items": len(self.item)}
        return {
            "items": len(self.item),
            "noisiest item": self.item[int(np.nanargmax(self.outfit))],
            "most regular item": self.item[int(np.nanargmin(self.outfit))],
        }


def mean_squares(
    responses: Responses,
    items: ItemParameters,
    *,
    at: At = "posterior",
    prior_mean: float | Sequence[float] = 0.0,
    prior_sd: float | Sequence[float] = 1.0,
) -> MeanSquares:
    """
    Return infit and outfit of each item.

    `at="posterior"` averages squared residuals over each person's posterior under the normal prior
    (mean squares are then 1 on average if the model and the prior hold); `at="wle"` takes them at
    Warm's estimates, as Rasch programs do, persons without a finite estimate left out.

    Raises:
        FitUndefined: nobody answered anything.
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: a prior is not finite, not positive, or not one per group.
        ScoringInvalid: `at` is neither.
        SeveralAbilities: the items measure several dimensions.
    """
    chosen = matched(responses, items)
    if at == "posterior":
        sums = _over_posteriors(responses, chosen, prior_mean, prior_sd)
        method = "residuals averaged over posteriors under a normal prior"
    elif at == "wle":
        sums = _at_estimates(responses, chosen, prior_mean, prior_sd)
        method = "residuals at weighted likelihood estimates"
    else:
        raise ScoringInvalid(f"residuals are taken at 'posterior' or 'wle', not {at!r}")
    if not sums.count.sum() > 0.0:
        raise FitUndefined("nobody answered an item: there are no residuals")
    return sums.result(chosen.names, method)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over persons for each item (J): persons, squared residuals, variances, and of their squares."""

    count: Array
    squared: Array
    standardised: Array
    variance: Array
    fourth_over: Array
    fourth_less: Array

    def result(self, names: tuple[str, ...], method: str) -> MeanSquares:
        with np.errstate(divide="ignore", invalid="ignore"):
            infit, outfit = self.squared / self.variance, self.standardised / self.count
            infit_sd = np.sqrt(self.fourth_less) / self.variance
            outfit_sd = np.sqrt(np.maximum(self.fourth_over / self.count - 1.0, 0.0) / self.count)
            none = ~(self.variance > 0.0)
            infit, outfit = np.where(none, np.nan, infit), np.where(none, np.nan, outfit)
            return MeanSquares(
                item=names,
                responses=self.count,
                infit=infit,
                infit_t=_cube_root_normal(infit, infit_sd),
                outfit=outfit,
                outfit_t=_cube_root_normal(outfit, outfit_sd),
                method=method,
            )


def _cube_root_normal(mean_square: Array, sd: Array) -> Array:
    return np.asarray((np.cbrt(mean_square) - 1.0) * 3.0 / sd + sd / 3.0, dtype=float)


def _moments(probability: Array) -> tuple[Array, Array, Array]:
    """Return expectation, variance and fourth central moment of the scores (J × Q each)."""
    mean = np.einsum("k,jkq->jq", np.arange(probability.shape[1], dtype=float), probability)
    variance, fourth = np.zeros_like(mean), np.zeros_like(mean)
    for category, share in enumerate(np.moveaxis(probability, 1, 0)):
        squared = (category - mean) ** 2
        part = squared * share
        variance += part
        fourth += part * squared
    return mean, np.maximum(variance, _LEAST_VARIANCE), fourth


def _over_posteriors(
    responses: Responses,
    items: ItemParameters,
    prior_mean: float | Sequence[float],
    prior_sd: float | Sequence[float],
) -> _Sums:
    found = expected_counts(responses, items, prior_mean=prior_mean, prior_sd=prior_sd)
    mean, variance, fourth = _moments(category_curves(items, found.nodes).probability)
    scores = np.arange(found.counts.shape[1], dtype=float)[None, :, None]
    squared = (found.counts * (scores - mean[:, None, :]) ** 2).sum(axis=1)
    persons = found.counts.sum(axis=1)
    return _Sums(
        count=persons.sum(axis=1),
        squared=squared.sum(axis=1),
        standardised=(squared / variance).sum(axis=1),
        variance=(persons * variance).sum(axis=1),
        fourth_over=(persons * fourth / variance**2).sum(axis=1),
        fourth_less=(persons * np.maximum(fourth - variance**2, 0.0)).sum(axis=1),
    )


def _at_estimates(
    responses: Responses,
    items: ItemParameters,
    prior_mean: float | Sequence[float],
    prior_sd: float | Sequence[float],
) -> _Sums:
    theta = score(responses, items, method="wle", prior_mean=prior_mean, prior_sd=prior_sd)
    kept = responses.select_persons(np.isfinite(theta.se))
    estimates, weights = theta.theta[np.isfinite(theta.se)], frequencies(kept)
    sums = np.zeros((6, items.count))
    for block in row_blocks(kept.person_count, 4 * items.count):
        mean, variance, fourth = _moments(category_curves(items, estimates[block]).probability)
        scores = kept.scores[block].T
        weight = np.where(scores >= 0, weights[block], 0.0)
        squared = (scores - mean) ** 2
        parts = (
            np.ones_like(variance),
            squared,
            squared / variance,
            variance,
            fourth / variance**2,
            np.maximum(fourth - variance**2, 0.0),
        )
        sums += [(weight * part).sum(axis=1) for part in parts]
    return _Sums(*sums)
