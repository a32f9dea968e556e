"""Equating of number-correct and total scores through calibrated items: true-score and observed-score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.equating.continuous import equipercentile
from liangcai.measurement.linking.errors import LinkError
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import require_one_ability
from liangcai.measurement.scoring.prior import fine_grid, narrowest, normal_prior
from liangcai.measurement.scoring.summed import (
    ExpectedScoreUnreachable,
    expected_score_table,
    scores_rise,
    theta_of_expected_score,
)
from liangcai.measurement.scoring.totals import total_distribution

_SAME = Transformation(1.0, 0.0)


class EquatingUndefined(LiangcaiError):
    """Scores of two forms cannot be equated as asked: a form without items, or wrong weights."""

    code = "measurement.equating-undefined"


@dataclass(frozen=True, slots=True)
class TrueScoreTable(Result):
    """
    For every score on form X: the ability that has it as true score, and that ability's score on Y.

    Scores at or below the sum of X's lower asymptotes (above that of upper ones) belong to no
    ability: theta is −∞ (∞) and the equivalent interpolated straight to 0 (to the highest score).
    `se` is the error of the equivalent that comes from the link; NaN without a link error.
    """

    title: ClassVar[str] = "True-score equating"
    method = "equal true scores; straight lines beyond the asymptotes; delta method for the link"
    source = "Lord (1980); Kolen (1981); Kolen & Brennan (2014)"

    score: Index
    theta: Array
    equivalent: Array
    se: Array

    def columns(self) -> dict[str, Any]:
        """Return score on X, theta on Y's scale, equivalent on Y, and its error."""
        return {
            "score": self.score,
            "theta": self.theta,
            "equivalent": self.equivalent,
            "se": self.se,
        }


def true_score_equating(
    form_x: ItemParameters,
    form_y: ItemParameters,
    *,
    link: Transformation = _SAME,
    link_error: LinkError | None = None,
) -> TrueScoreTable:
    """
    Return the Y equivalents of the total scores of form X.

    `link` brings the parameters of form X to the scale of form Y (leave it out where both are on one
    scale already); `link_error` is its error.

    Raises:
        EquatingUndefined: a form has no items.
        ExpectedScoreUnreachable: an item's expected score does not rise with ability.
        SeveralAbilities: the items measure several dimensions.
    """
    _check_forms(form_x, form_y)
    for name, form in (("X", form_x), ("Y", form_y)):
        if not scores_rise(form):
            raise ExpectedScoreUnreachable(
                f"form {name} has an item whose expected score does not rise with ability"
            )
    items = link.items(form_x)
    highest = int(items.steps.sum())
    scores = np.arange(highest + 1)
    least_x, most_x = _asymptotes(items)
    least_y, most_y = _asymptotes(form_y)
    inner = (scores > least_x + 1e-9) & (scores < most_x - 1e-9)
    theta = np.where(scores <= least_x + 1e-9, -np.inf, np.inf)
    if inner.any():
        theta[inner] = theta_of_expected_score(items, scores[inner])
    table = expected_score_table(form_y, theta[inner]).expected
    below, above = theta == -np.inf, theta == np.inf
    equivalent = np.empty(scores.size)
    equivalent[inner] = table
    equivalent[below] = scores[below] * (least_y / least_x if least_x > 0.0 else 0.0)
    top_y = float(form_y.steps.sum())
    room = (
        (highest - scores[above]) / (highest - most_x)
        if most_x < highest
        else np.zeros(above.sum())
    )
    equivalent[above] = top_y - room * (top_y - most_y)
    se = np.full(scores.size, np.nan)
    if link_error is not None:
        slopes = category_curves(form_y, theta[inner]).slope
        rise = np.einsum("k,jkq->q", np.arange(slopes.shape[1], dtype=float), slopes)
        se = np.zeros(scores.size)
        se[inner] = np.abs(rise) * link_error.se_at(link.inverse().of(theta[inner]))
    return TrueScoreTable(scores.astype(np.intp), theta, equivalent, se)


@dataclass(frozen=True, slots=True)
class ObservedScoreTable(Result):
    """For every score on form X: its share of the synthetic population, percentile equivalent on Y."""

    title: ClassVar[str] = "IRT observed-score equating"
    method = "totals by the Lord–Wingersky recursion in a synthetic population; equipercentile"
    source = "Zeng & Kolen (1995); Lord & Wingersky (1984); Kolen & Brennan (2014)"

    score: Index
    share: Array
    equivalent: Array
    share_y: Array
    means: tuple[float, ...]
    sds: tuple[float, ...]
    weights: tuple[float, ...]

    def columns(self) -> dict[str, Any]:
        """Return score on X, its expected share of persons, and the equivalent on Y."""
        return {"score": self.score, "share": self.share, "equivalent": self.equivalent}

    def facts(self) -> dict[str, Any]:
        """Return the synthetic population's parts."""
        return {
            "means": self.means,
            "standard deviations": self.sds,
            "weights": self.weights,
        }


def observed_score_equating(
    form_x: ItemParameters,
    form_y: ItemParameters,
    *,
    link: Transformation = _SAME,
    means: float | Sequence[float] = 0.0,
    sds: float | Sequence[float] = 1.0,
    weights: npt.ArrayLike = 1.0,
) -> ObservedScoreTable:
    """
    Return the Y scores with the percentile ranks of X scores in a synthetic population.

    The population mixes normal abilities with `means` and `sds` (on the scale of form Y) by
    `weights`; `link` brings the parameters of form X to that scale.

    Raises:
        EquatingUndefined: a form has no items, or weights are not one per part, ≥ 0 and not all 0.
        PriorInvalid: a mean or standard deviation is not finite, or not positive.
        SeveralAbilities: the items measure several dimensions.
    """
    _check_forms(form_x, form_y)
    share = np.atleast_1d(np.asarray(weights, dtype=float))
    prior = normal_prior(means, sds, groups=share.size)
    if not np.isfinite(share).all() or (share < 0.0).any() or share.sum() <= 0.0:
        raise EquatingUndefined("weights of the synthetic population: one ≥ 0 per part, not all 0")
    share = share / share.sum()
    items = link.items(form_x)
    low, high = prior.span(6.0)
    width = 0.5 * min(narrowest(items, prior), narrowest(form_y, prior))
    nodes = fine_grid(low, high, width=width).nodes
    mass = share @ prior.masses(nodes)
    on_x, on_y = (total_distribution(form, nodes) @ mass for form in (items, form_y))
    scores = np.arange(on_x.size)
    return ObservedScoreTable(
        score=scores.astype(np.intp),
        share=on_x,
        equivalent=equipercentile(on_x, on_y, at=scores.astype(float)),
        share_y=on_y,
        means=tuple(prior.mean.tolist()),
        sds=tuple(prior.sd.tolist()),
        weights=tuple(share.tolist()),
    )


def _check_forms(form_x: ItemParameters, form_y: ItemParameters) -> None:
    for name, form in (("X", form_x), ("Y", form_y)):
        if form.count == 0:
            raise EquatingUndefined(f"form {name} has no items")
        require_one_ability(form)


def _asymptotes(items: ItemParameters) -> tuple[float, float]:
    """Return the sums that expected scores approach at the lowest and the highest abilities."""
    logistic = items.steps == 1
    return (
        float(np.where(logistic, items.c, 0.0).sum()),
        float(np.where(logistic, items.d, items.steps).sum()),
    )
