"""Local dependence: what two items still share when ability has been taken out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fit.expected_counts import FitUndefined
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    frequencies,
    matched,
    require_one_ability,
    row_blocks,
)
from liangcai.measurement.scoring.persons import Method, score
from liangcai.measurement.scoring.prior import expectation_grid, normal_prior


@dataclass(frozen=True, slots=True)
class ResidualCorrelations(Result):
    """
    Yen's Q3 for every pair of items: the correlation of their residuals.

    `centred` is Q3 less the mean of all pairs (Q3*): under the model Q3 lies near −1/(J − 1), not 0,
    so that only the excess over its mean speaks for dependence. NaN: an item's residuals do
    not vary, or fewer than three persons answered both; a correlation does not exist.
    """

    title: ClassVar[str] = "Residual correlations"
    source = "Yen (1984); centred: Christensen, Makransky & Horton (2017)"

    item: tuple[str, ...]
    q3: Array
    centred: Array
    mean: float
    method: str

    def columns(self) -> dict[str, Any]:
        """Return every pair of items, the largest |centred| first."""
        one, other = np.triu_indices(len(self.item), 1)
        order = np.argsort(
            -np.nan_to_num(np.abs(self.centred[one, other]), nan=-1.0), kind="stable"
        )
        one, other = one[order], other[order]
        return {
            "item": [self.item[place] for place in one],
            "other": [self.item[place] for place in other],
            "q3": self.q3[one, other],
            "centred": self.centred[one, other],
        }

    def facts(self) -> dict[str, Any]:
        """Return the mean of Q3 and the largest centred value."""
        one, other = np.triu_indices(len(self.item), 1)
        return {"mean": self.mean, "largest centred": float(np.nanmax(self.centred[one, other]))}


def q3(
    responses: Responses,
    items: ItemParameters,
    *,
    method: Method = "eap",
    prior_mean: float | Sequence[float] = 0.0,
    prior_sd: float | Sequence[float] = 1.0,
) -> ResidualCorrelations:
    """
    Return the correlations of residuals (score − expected score) at the abilities of `method`.

    Each pair uses the persons who answered both, weighted by their frequencies.

    Raises:
        FitUndefined: fewer than two items, or no pair with three common persons and varying residuals.
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: a prior is not finite, not positive, or not one per group.
        SeveralAbilities: the items measure several dimensions.
    """
    chosen = matched(responses, items)
    if chosen.count < 2:
        raise FitUndefined("residual correlations need two or more items")
    scores = score(responses, chosen, method=method, prior_mean=prior_mean, prior_sd=prior_sd)
    kept = np.isfinite(scores.theta)
    seen, theta = responses.select_persons(kept), scores.theta[kept]
    correlation = _correlated(seen, chosen, theta)
    pairs = correlation[np.triu_indices(chosen.count, 1)]
    if np.isnan(pairs).all():
        raise FitUndefined("no pair of items has three common persons and residuals that vary")
    mean = float(np.nanmean(pairs))
    centred = correlation - mean
    np.fill_diagonal(centred, 1.0)
    return ResidualCorrelations(
        item=chosen.names,
        q3=correlation,
        centred=centred,
        mean=mean,
        method=f"Pearson correlation of residuals at {method.upper()} abilities",
    )


def _correlated(responses: Responses, items: ItemParameters, theta: Array) -> Array:
    size = (items.count, items.count)
    count, persons, total, square, product = (np.zeros(size) for _ in range(5))
    weights = frequencies(responses)
    for block in row_blocks(responses.person_count, 4 * items.count):
        scores = responses.scores[block]
        answered = (scores >= 0).astype(float)
        expected = category_curves(items, theta[block]).expected_score().T
        residual = np.where(scores >= 0, scores - expected, 0.0)
        weighted = answered * weights[block][:, None]
        persons += weighted.T @ answered
        count += answered.T @ answered
        total += (residual * weights[block][:, None]).T @ answered
        square += (residual**2 * weights[block][:, None]).T @ answered
        product += (residual * weights[block][:, None]).T @ residual
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = product / persons - total * total.T / persons**2
        variance = square / persons - (total / persons) ** 2
        steady = variance <= 1e-14
        correlation = covariance / np.sqrt(
            np.where(steady | steady.T, np.nan, variance * variance.T)
        )
    correlation[count < 3] = np.nan
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation, dtype=float)


@dataclass(frozen=True, slots=True)
class PairFit(Result):
    """
    Chen and Thissen's X² for every pair of items, against the table that the model expects.

    `standardised` is (X² − df)/√(2 df): a pair above about 10 deserves a look. `direction` is 1
    where the two scores go together more than expected, −1 where less.
    """

    title: ClassVar[str] = "Local dependence of pairs"
    method = "Pearson X² of two-way tables against their expectation under the model"
    source = "Chen & Thissen (1997)"

    item: tuple[str, ...]
    other: tuple[str, ...]
    persons: Array
    x2: Array
    df: Array
    standardised: Array
    direction: Index

    def columns(self) -> dict[str, Any]:
        """Return every pair with persons, x2, df, its standardised value and its direction."""
        return {
            "item": self.item,
            "other": self.other,
            "persons": self.persons,
            "x2": self.x2,
            "df": self.df,
            "standardised": self.standardised,
            "direction": self.direction,
        }


def pair_fit(
    responses: Responses, items: ItemParameters, *, prior_mean: float = 0.0, prior_sd: float = 1.0
) -> PairFit:
    """
    Return X² of the two-way table of every pair of items; one population with a normal ability.

    Each pair uses the persons who answered both. A pair that nobody answered is left out.

    Raises:
        FitUndefined: fewer than two items, or no pair answered by anybody.
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: the prior is not finite, or its standard deviation not positive.
        SeveralAbilities: the items measure several dimensions.
    """
    chosen = matched(responses, items)
    require_one_ability(chosen)
    prior = normal_prior(prior_mean, prior_sd, groups=1)
    nodes = expectation_grid(chosen, prior).nodes
    probability = category_curves(chosen, nodes).probability
    share = prior.masses(nodes)[0]
    categories = probability.shape[1]
    flat = probability.reshape(-1, nodes.size)
    expected = (flat * share) @ flat.T
    observed = np.zeros_like(expected)
    weights = frequencies(responses)
    for block in row_blocks(responses.person_count, categories * chosen.count):
        hot = (responses.scores[block][:, :, None] == np.arange(categories)).astype(float)
        hot = hot.reshape(hot.shape[0], -1)
        observed += (hot * weights[block][:, None]).T @ hot
    return _pairs(chosen, observed, expected, categories)


def _pairs(items: ItemParameters, observed: Array, expected: Array, categories: int) -> PairFit:
    shape = (items.count, categories, items.count, categories)
    seen, wanted = (np.moveaxis(table.reshape(shape), 2, 1) for table in (observed, expected))
    persons = seen.sum(axis=(2, 3))
    wanted = wanted * persons[:, :, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(wanted > 0.0, (seen - wanted) ** 2 / wanted, 0.0)
    scores = np.arange(categories, dtype=float)
    one, other = np.triu_indices(items.count, 1)
    kept = persons[one, other] > 0.0
    one, other = one[kept], other[kept]
    if not one.size:
        raise FitUndefined("no pair of items was answered by anybody")
    x2, df = (
        parts.sum(axis=(2, 3))[one, other],
        (items.steps[one] * items.steps[other]).astype(float),
    )
    sign: Array = np.sign(_covariance(seen, scores) - _covariance(wanted, scores))[one, other]
    return PairFit(
        item=tuple(items.names[place] for place in one),
        other=tuple(items.names[place] for place in other),
        persons=persons[one, other],
        x2=x2,
        df=df,
        standardised=(x2 - df) / np.sqrt(2.0 * df),
        direction=sign.astype(np.intp),
    )


def _covariance(table: Array, scores: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = table / table.sum(axis=(2, 3), keepdims=True)
        product = np.einsum("ijkl,k,l->ij", share, scores, scores)
        row = np.einsum("ijkl,k->ij", share, scores)
        column = np.einsum("ijkl,l->ij", share, scores)
    return np.asarray(product - row * column, dtype=float)
