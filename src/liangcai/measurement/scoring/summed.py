"""Abilities from summed scores, and the tables that lead from ability to expected score and back."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.brackets import climbed
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import finite_abilities, require_one_ability
from liangcai.measurement.scoring.prior import expectation_grid, normal_prior
from liangcai.measurement.scoring.totals import total_distribution

_ROUNDS = 200


class ExpectedScoreUnreachable(LiangcaiError):
    """No ability has the expected score asked for, or the expected score does not rise with ability."""

    code = "measurement.expected-score-unreachable"


@dataclass(frozen=True, slots=True)
class SummedScores(Result):
    """The posterior mean and sd of ability for every summed score, and how often each is expected."""

    title: ClassVar[str] = "Abilities from summed scores"
    method = "EAP from the summed score by the Lord–Wingersky recursion, normal prior"
    source = "Thissen, Pommerich, Billeaud & Williams (1995); Lord & Wingersky (1984)"

    score: Index
    theta: Array
    se: Array
    probability: Array
    prior_mean: float
    prior_sd: float

    def columns(self) -> dict[str, Any]:
        """Return score, theta, se and the score's expected share of persons."""
        return {
            "score": self.score,
            "theta": self.theta,
            "se": self.se,
            "probability": self.probability,
        }

    def facts(self) -> dict[str, Any]:
        """Return the prior and the reliability of the summed-score EAP under it."""
        centred = self.theta - self.prior_mean
        explained = float(self.probability @ centred**2) / self.prior_sd**2
        return {
            "prior mean": self.prior_mean,
            "prior standard deviation": self.prior_sd,
            "reliability": explained,
        }


def summed_score_eap(
    items: ItemParameters, *, prior_mean: float = 0.0, prior_sd: float = 1.0
) -> SummedScores:
    """
    Return the ability that each summed score of complete responses stands for.

    Raises:
        PriorInvalid: the prior is not finite, or its standard deviation not positive.
        SeveralAbilities: the items measure several dimensions.
        GridTooFine: posteriors are too narrow beside the prior.
    """
    prior = normal_prior(prior_mean, prior_sd, groups=1)
    require_one_ability(items)
    nodes = expectation_grid(items, prior).nodes
    joint = total_distribution(items, nodes) * prior.masses(nodes)[0]
    share = np.maximum(joint.sum(axis=1), np.finfo(float).tiny)
    centred = nodes - prior_mean
    mean = joint @ centred / share
    variance = joint @ centred**2 / share - mean**2
    return SummedScores(
        score=np.arange(share.size, dtype=np.intp),
        theta=mean + prior_mean,
        se=np.sqrt(np.maximum(variance, 0.0)),
        probability=joint.sum(axis=1),
        prior_mean=float(prior_mean),
        prior_sd=float(prior_sd),
    )


@dataclass(frozen=True, slots=True)
class ExpectedScores(Result):
    """Expected total score, its conditional standard error, and the test's information, by ability."""

    title: ClassVar[str] = "Expected scores"
    method = "sum of item expectations; error √(sum of item variances); Σ P'²/P"
    source = "Lord (1980)"

    theta: Array
    expected: Array
    score_error: Array
    information: Array
    highest: int

    def columns(self) -> dict[str, Any]:
        """Return theta, expected score, its share of the highest, its error, and information."""
        return {
            "theta": self.theta,
            "expected": self.expected,
            "share": self.expected / max(self.highest, 1),
            "score_error": self.score_error,
            "information": self.information,
        }

    def facts(self) -> dict[str, Any]:
        """Return the highest possible score."""
        return {"highest score": self.highest}


def expected_score_table(items: ItemParameters, theta: npt.ArrayLike) -> ExpectedScores:
    """
    Return the expected total score of `items` at each ability of `theta` (logits).

    Raises:
        AbilityUndefined: an ability is not finite.
        SeveralAbilities: the items measure several dimensions.
    """
    require_one_ability(items)
    spots = finite_abilities(theta)
    curves = category_curves(items, spots)
    mean = curves.expected_score()
    scores = np.arange(curves.probability.shape[1], dtype=float)
    variance = np.einsum("k,jkq->jq", scores**2, curves.probability) - mean**2
    return ExpectedScores(
        theta=spots,
        expected=mean.sum(axis=0),
        score_error=np.sqrt(np.maximum(variance.sum(axis=0), 0.0)),
        information=curves.information().sum(axis=0),
        highest=int(items.steps.sum()),
    )


def theta_of_expected_score(items: ItemParameters, expected: npt.ArrayLike) -> Array:
    """
    Return the ability at which the expected total score is `expected` (any shape).

    The scores must lie strictly between the sum of lower and the sum of upper asymptotes.

    Raises:
        ExpectedScoreUnreachable: a score lies outside, or an item's expected score does not rise.
        SeveralAbilities: the items measure several dimensions.
    """
    wanted = np.asarray(expected, dtype=float)
    flat = np.atleast_1d(wanted).ravel()
    require_one_ability(items)
    if items.count == 0 or not scores_rise(items):
        raise ExpectedScoreUnreachable(
            "every item needs a positive slope (a nominal one: rising slopes) for the score to rise"
        )
    logistic = items.steps == 1
    least = float(np.where(logistic, items.c, 0.0).sum())
    most = float(np.where(logistic, items.d, items.steps).sum())
    outside = ~((flat > least) & (flat < most))
    if outside.any():
        raise ExpectedScoreUnreachable(
            f"no ability has the expected score {flat[outside][0]:g}: it must lie between "
            f"{least:g} and {most:g}, which no ability reaches"
        )
    return _solved(items, flat).reshape(wanted.shape)


def scores_rise(items: ItemParameters) -> bool:
    """Return whether every item's expected score rises with ability from its lowest to its highest score."""
    rises = np.diff(items.category_slopes, axis=1, prepend=0.0)
    nominal = np.array([model == "nominal" for model in items.models], dtype=bool)
    turns = np.where(nominal[:, None], rises <= 0.0, items.a[:, None] <= 0.0)
    return not bool(turns.any())


def _solved(items: ItemParameters, wanted: Array) -> Array:
    centre = float(np.nanmedian(items.b))
    reach = np.full(wanted.size, 1.0)
    low, high = centre - reach, centre + reach
    for _ in range(60):
        below = _expected(items, low)[0] > wanted
        above = _expected(items, high)[0] < wanted
        if not (below | above).any():
            break
        reach *= 2.0
        low, high = np.where(below, centre - reach, low), np.where(above, centre + reach, high)
    theta = 0.5 * (low + high)
    for _ in range(_ROUNDS):
        value, slope = _expected(items, theta)
        moved, low, high = climbed(theta, gradient=wanted - value, bend=-slope, low=low, high=high)
        done = np.abs(moved - theta).max(initial=0.0) <= 1e-13 * (
            1.0 + np.abs(moved).max(initial=0.0)
        )
        theta = moved
        if done:
            break
    return theta


def _expected(items: ItemParameters, theta: Array) -> tuple[Array, Array]:
    curves = category_curves(items, theta)
    scores = np.arange(curves.probability.shape[1], dtype=float)
    return (
        np.einsum("k,jkq->q", scores, curves.probability),
        np.einsum("k,jkq->q", scores, curves.slope),
    )
