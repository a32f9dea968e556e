"""Classification from one form's observed scores by a strong true-score model.

True proportions follow a beta distribution, errors are binomial. Livingston and Lewis (1995) let
any score take part through the effective length of a test of equal binary items with the same
reliability; Hanson and Brennan (1990) keep the number-correct score and the true length, with
Lord's (1965) compound binomial error.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from liangcai.measurement.arrays import Array
from liangcai.measurement.classification.beta_truth import BetaTruth, beta_of, true_moments
from liangcai.measurement.classification.quadrature import (
    Points,
    checked_by_fewer_points,
    points_between,
)
from liangcai.measurement.classification.rudner import checked_scores
from liangcai.measurement.classification.tables import (
    Classification,
    ClassificationInvalid,
    Placement,
    category_chances,
    category_of,
    checked_cuts,
    checked_weights,
    conditional_of,
    shares_by_category,
)

TrueModel = Literal["four-parameter", "two-parameter"]
Margins = Literal["model", "observed"]
_LL_SOURCE = "Livingston & Lewis (1995)"
_HB_SOURCE = "Hanson & Brennan (1990); Lord (1965)"
#: The two-term model may give scores a chance below 0; more of it than this is no distribution.
_MOST_NEGATIVE = 0.01


def effective_length(
    *, mean: float, variance: float, reliability: float, lowest: float, highest: float
) -> float:
    """
    Return the number of equal binary items whose total score would have this reliability.

    Formula 10 of Livingston and Lewis (1995), not rounded. `mean` and `variance` are those of the
    observed scores, which run from `lowest` to `highest`.

    Raises:
        ClassificationInvalid: reliability is not between 0 and 1, variance not above 0, or the
            scores spread wider than a score of that reliability can.
    """
    if not 0.0 < reliability < 1.0:
        raise ClassificationInvalid(f"reliability must lie between 0 and 1, not {reliability!r}")
    if not variance > 0.0:
        raise ClassificationInvalid("all scores are equal: a test of no variance has no length")
    spread = (mean - lowest) * (highest - mean) - reliability * variance
    length = spread / (variance * (1.0 - reliability))
    if length < 1.0:
        raise ClassificationInvalid(
            f"the effective test length would be {length:g}: scores spread too widely between "
            f"{lowest:g} and {highest:g} for a reliability of {reliability:g}"
        )
    return length


def livingston_lewis(
    scores: npt.ArrayLike,
    *,
    cuts: npt.ArrayLike,
    reliability: float,
    highest: float,
    lowest: float = 0.0,
    weights: npt.ArrayLike | None = None,
    true_model: TrueModel = "four-parameter",
    margins: Margins = "model",
) -> Classification:
    """
    Return accuracy and consistency of any kind of score from one form and its reliability.

    `lowest` and `highest` are the ends of the score scale. A four-parameter beta falls back to the
    two-parameter one when the moments admit none inside the scale; `method` says which was used.
    With `margins="observed"` each column of the tables is scaled to the observed share of its
    category, as Livingston and Lewis propose.

    Raises:
        ClassificationInvalid: a score or cut lies outside the scale, or the moments fit no model.
    """
    score, cut = checked_scores(scores), checked_cuts(cuts)
    if margins not in {"model", "observed"}:
        raise ClassificationInvalid(f"margins must be model or observed, not {margins!r}")
    _check_range(score, cut, lowest, highest)
    weight = checked_weights(weights, score.size)
    mean = float(weight @ score)
    length = effective_length(
        mean=mean,
        variance=float(weight @ (score - mean) ** 2),
        reliability=reliability,
        lowest=lowest,
        highest=highest,
    )
    items = round(length)
    if items < 2:
        raise ClassificationInvalid(
            f"an effective test length of {length:g} says nothing about the spread of true scores"
        )
    share, share_cuts = (score - lowest) / (highest - lowest), (cut - lowest) / (highest - lowest)
    truth = _truth(items * share, weight, float(items), 0.0, true_model)
    found = _classified(
        truth,
        items=items,
        lords_k=0.0,
        cuts=cut,
        share_cuts=share_cuts,
        text=(f"{truth.model} true scores, binomial errors, effective length", _LL_SOURCE),
        reported={"reliability": float(reliability), "effective length": float(length)},
    )
    return found if margins == "model" else _with_observed_margins(found, score, weight)


def hanson_brennan(
    scores: npt.ArrayLike,
    *,
    items: int,
    cuts: npt.ArrayLike,
    reliability: float | None = None,
    weights: npt.ArrayLike | None = None,
    true_model: TrueModel = "four-parameter",
) -> Classification:
    """
    Return accuracy and consistency of number-correct scores (0 … items) from one form.

    Errors are binomial, or Lord's two-term compound binomial with the k that gives the scores
    this `reliability` (KR-20, as a rule), which must be at least KR-21.

    Raises:
        ClassificationInvalid: scores are no whole numbers from 0 to `items`, there are fewer than
            2 items, a cut lies outside, or the reliability is below KR-21, not below 1, or so far
            above KR-21 that more than 1 % of the scores' probability would be negative.
    """
    score, cut = checked_scores(scores), checked_cuts(cuts)
    if items < 2 or items != int(items):
        raise ClassificationInvalid(
            f"a strong true-score model needs 2 items or more, a whole number, not {items}"
        )
    _check_range(score, cut, 0.0, float(items))
    if (score != np.floor(score)).any():
        raise ClassificationInvalid("number-correct scores must be whole numbers")
    weight = checked_weights(weights, score.size)
    lords_k = 0.0 if reliability is None else _lords_k(score, weight, items, reliability)
    truth = _truth(score, weight, float(items), lords_k, true_model)
    reported = {"Lord's k": float(lords_k)}
    if lords_k > 0.0:
        reported["negative probability"] = _checked_negative(truth, items, lords_k)
    errors = "binomial errors" if reliability is None else "two-term compound binomial errors"
    return _classified(
        truth,
        items=items,
        lords_k=lords_k,
        cuts=cut,
        share_cuts=cut / items,
        text=(f"{truth.model} true scores, {errors}", _HB_SOURCE),
        reported=reported,
    )


def _check_range(scores: Array, cuts: Array, lowest: float, highest: float) -> None:
    if not highest > lowest:
        raise ClassificationInvalid(f"the scale ends at {highest:g}, not above {lowest:g}")
    if scores.min() < lowest or scores.max() > highest:
        raise ClassificationInvalid(
            f"scores run from {scores.min():g} to {scores.max():g}, "
            f"outside the scale from {lowest:g} to {highest:g}"
        )
    if cuts[0] <= lowest or cuts[-1] > highest:
        raise ClassificationInvalid(
            f"cuts must lie above {lowest:g} and at most at {highest:g}: {cuts.tolist()}"
        )


def _lords_k(scores: Array, weight: Array, items: int, reliability: float) -> float:
    if not 0.0 < reliability < 1.0:
        raise ClassificationInvalid(f"reliability must lie between 0 and 1, not {reliability!r}")
    mean = float(weight @ scores)
    variance = float(weight @ (scores - mean) ** 2)
    error = variance * (1.0 - reliability)
    room = mean * (items - mean) - (variance - error)
    # The two-term model has the error variance (n − 2k)·E[τ(1 − τ)].
    k = 0.5 * (items - items**2 * error / room) if room > 0.0 else -1.0
    if k < -1e-9:
        raise ClassificationInvalid(
            f"a reliability of {reliability:g} is below that of binomial errors (KR-21): "
            "leave it out, or give KR-20"
        )
    return max(k, 0.0)


def _truth(
    scores: Array, weight: Array, length: float, lords_k: float, model: TrueModel
) -> BetaTruth:
    if model not in {"four-parameter", "two-parameter"}:
        raise ClassificationInvalid(
            f"the true model must be four-parameter or two-parameter, not {model!r}"
        )
    raw = np.array([weight @ scores**power for power in range(1, 5)])
    moments = true_moments(raw, length=length, lords_k=lords_k)
    if model == "two-parameter":
        moments[2:] = np.nan
    return beta_of(moments)


def _classified(
    truth: BetaTruth,
    *,
    items: int,
    lords_k: float,
    cuts: Array,
    share_cuts: Array,
    text: tuple[str, str],
    reported: dict[str, float],
) -> Classification:
    lowest_passes = np.ceil(items * share_cuts - 1e-9)

    def with_points(points: Points) -> Classification:
        score = truth.score_at(points.below, points.above)
        placed = Placement(score, points.weight, category_of(score, share_cuts))
        reach = np.clip(_chance_of_reaching(score, lowest_passes, items, lords_k), 0.0, 1.0)
        chances = category_chances(reach)
        return Classification(
            method=text[0],
            source=text[1],
            scale="score",
            cuts=cuts,
            joint=shares_by_category(chances, placed.category, weight=placed.weight),
            agreement=chances.T @ (placed.weight[:, None] * chances),
            conditional=conditional_of(placed, reach, method=text[0], source=text[1]),
            parameters={
                **reported,
                "alpha": truth.alpha,
                "beta": truth.beta,
                "lower": truth.lower,
                "upper": truth.upper,
            },
        )

    return checked_by_fewer_points(truth.chance_below(share_cuts), with_points)


def _chance_of_reaching(truth: Array, lowest: Array, items: int, lords_k: float) -> Array:
    """Return P(X ≥ each of `lowest` | truth), truths × cuts, under Lord's two-term model."""
    reach = _binomial_reach(truth, lowest, items)
    if lords_k > 0.0:
        shorter = items - 2
        bend = (
            _binomial_reach(truth, lowest, shorter)
            - 2.0 * _binomial_reach(truth, lowest - 1.0, shorter)
            + _binomial_reach(truth, lowest - 2.0, shorter)
        )
        reach = reach - lords_k * (truth * (1.0 - truth))[:, None] * bend
    return reach


def _checked_negative(truth: BetaTruth, items: int, lords_k: float) -> float:
    """Return the probability below 0 that the two-term model gives to scores, over all persons."""
    points = points_between(np.array([]))
    score = truth.score_at(points.below, points.above)
    reach = _chance_of_reaching(score, np.arange(items + 2.0), items, lords_k)
    negative = float(points.weight @ np.maximum(np.diff(reach, axis=1), 0.0).sum(axis=1))
    if negative > _MOST_NEGATIVE:
        raise ClassificationInvalid(
            f"the reliability is far above that of binomial errors (KR-21): with Lord's k = "
            f"{lords_k:.3g} scores would have {negative:.2g} of probability below 0; check it, or "
            "use lee or livingston_lewis"
        )
    return negative


def _binomial_reach(truth: Array, lowest: Array, items: int) -> Array:
    inside = (lowest > 0.0) & (lowest <= items)
    first = np.where(inside, lowest, 1.0)
    chance = betainc(first, np.where(inside, items - lowest + 1.0, 1.0), truth[:, None])
    return np.asarray(np.where(inside, chance, (lowest <= 0.0).astype(float)))


def _with_observed_margins(found: Classification, scores: Array, weight: Array) -> Classification:
    category = category_of(scores, found.cuts)
    observed = np.bincount(category, weight, minlength=found.cuts.size + 1)
    expected = found.joint.sum(axis=0)
    if (expected[observed > 0.0] <= 0.0).any():
        raise ClassificationInvalid("the model expects nobody in a category that has persons")
    scale = np.divide(observed, expected, out=np.zeros_like(observed), where=expected > 0.0)
    return replace(found, joint=found.joint * scale, agreement=found.agreement * scale)
