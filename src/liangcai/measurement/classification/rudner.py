"""Classification of persons from their estimates and errors, when errors are normal.

With standard errors, each true ability is taken as N(estimate, se²) (Rudner, 2001, 2005; for
consistency Wyse & Hao, 2012). With a reliability instead, true scores are taken as normal too, so
that a true score regresses towards the mean (Kelley, 1947; Peng & Subkoviak, 1980).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from liangcai.measurement.arrays import Array
from liangcai.measurement.classification.tables import (
    Classification,
    ClassificationInvalid,
    Placement,
    category_chances,
    category_of,
    checked_cuts,
    checked_weights,
    conditional_of,
    numbers,
    shares_by_category,
)

_RUDNER = "normal errors around each person's estimate"
_RUDNER_SOURCE = "Rudner (2001, 2005); Wyse & Hao (2012)"
_NORMAL = "bivariate normal true and observed scores from a reliability"
_NORMAL_SOURCE = "Kelley (1947); Peng & Subkoviak (1980)"


def rudner(
    theta: npt.ArrayLike,
    se: npt.ArrayLike,
    *,
    cuts: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    scale: str = "theta",
) -> Classification:
    """
    Return accuracy and consistency of N persons placed by their estimates on one or more cuts.

    `theta` and `se` (N) are on the scale of `cuts`, whatever it is; a person on a cut is above it.

    Raises:
        ClassificationInvalid: an estimate is not finite, an error not above 0, or cuts do not rise.
    """
    estimate, error, cut = checked_scores(theta), numbers(se, "errors"), checked_cuts(cuts)
    if error.shape != estimate.shape or not (np.isfinite(error) & (error > 0.0)).all():
        raise ClassificationInvalid("each estimate needs a finite standard error above 0")
    weight = checked_weights(weights, estimate.size)
    with np.errstate(over="ignore"):  # a distance beyond all numbers is certain
        reach = ndtr((estimate[:, None] - cut) / error[:, None])
    chances, category = category_chances(reach), category_of(estimate, cut)
    placed = Placement(estimate, weight, category)
    return Classification(
        method=_RUDNER,
        source=_RUDNER_SOURCE,
        scale=scale,
        cuts=cut,
        joint=shares_by_category(chances, category, weight=weight).T,
        agreement=chances.T @ (weight[:, None] * chances),
        conditional=conditional_of(placed, reach, method=_RUDNER, source=_RUDNER_SOURCE),
    )


@dataclass(frozen=True, slots=True)
class Regressed:
    """What a score says under a reliability: normal truth and normal next score, given this one."""

    mean: Array
    true_sd: float
    parallel_sd: float


def regressed_scores(scores: Array, *, weight: Array, reliability: float) -> Regressed:
    """
    Return the distributions of the true score and of a parallel score given each score.

    Raises:
        ClassificationInvalid: the reliability is not between 0 and 1, or all scores are equal.
    """
    if not 0.0 < reliability < 1.0:
        raise ClassificationInvalid(f"reliability must lie between 0 and 1, not {reliability!r}")
    centre = float(weight @ scores)
    sd = float(np.sqrt(weight @ (scores - centre) ** 2))
    if not sd > 0.0:
        raise ClassificationInvalid("all scores are equal: a reliability says nothing about them")
    return Regressed(
        mean=centre + reliability * (scores - centre),
        true_sd=sd * float(np.sqrt(reliability * (1.0 - reliability))),
        parallel_sd=sd * float(np.sqrt(1.0 - reliability**2)),
    )


def from_reliability(
    scores: npt.ArrayLike,
    *,
    cuts: npt.ArrayLike,
    reliability: float,
    weights: npt.ArrayLike | None = None,
    scale: str = "score",
) -> Classification:
    """
    Return accuracy and consistency when all that is known of error is a reliability.

    Scores (N) may be continuous. Each person's truth and next score are normal around the score
    regressed to the mean; `conditional.consistency` is the chance that the next, parallel score
    falls in the category of this one.

    Raises:
        ClassificationInvalid: as for `rudner`, or the reliability is not between 0 and 1.
    """
    score, cut = checked_scores(scores), checked_cuts(cuts)
    weight = checked_weights(weights, score.size)
    found = regressed_scores(score, weight=weight, reliability=reliability)
    distance = found.mean[:, None] - cut
    reach = ndtr(distance / found.true_sd)
    again = ndtr(distance / found.parallel_sd)
    category = category_of(score, cut)
    placed = Placement(score, weight, category)
    return Classification(
        method=_NORMAL,
        source=_NORMAL_SOURCE,
        scale=scale,
        cuts=cut,
        joint=shares_by_category(category_chances(reach), category, weight=weight).T,
        agreement=shares_by_category(category_chances(again), category, weight=weight),
        conditional=conditional_of(
            placed, reach, again=again, method=_NORMAL, source=_NORMAL_SOURCE
        ),
        parameters={"reliability": float(reliability)},
    )


def checked_scores(scores: npt.ArrayLike) -> Array:
    """
    Return scores or estimates as an array.

    Raises:
        ClassificationInvalid: there is none, or one is missing or infinite.
    """
    found = numbers(scores, "scores")
    if found.ndim != 1 or not found.size:
        raise ClassificationInvalid("scores must be one row of one or more numbers")
    if not np.isfinite(found).all():
        place = int(np.flatnonzero(~np.isfinite(found))[0])
        raise ClassificationInvalid(
            f"score {place + 1} is {found[place]}: leave out persons without a finite estimate"
        )
    return found
