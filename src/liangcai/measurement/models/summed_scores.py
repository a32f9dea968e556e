"""Summed scores of a test: their distribution at an ability, their expectation, and its inverse."""

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.models.curves import category_curves, expected_scores
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.scales import Array

_WIDEST = 64.0
_HALVINGS = 60


class ExpectedScoreOutOfReach(LiangcaiError):
    """No ability has this expected score on the test."""

    code = "measurement.expected-score-out-of-reach"


def summed_score_distribution(items: ItemParameters, theta: Array) -> Array:
    """
    Return P(summed score = x | theta) for x = 0 … highest, scores × abilities.

    Exact for any mix of models: items are added one at a time (Lord & Wingersky, 1984; for items
    with several steps Thissen, Pommerich, Billeaud & Williams, 1995).
    """
    theta = np.asarray(theta, dtype=float)
    chances = category_curves(items, theta).probability
    steps = items.steps
    shares = np.zeros((int(steps.sum()) + 1, theta.size))
    shares[0] = 1.0
    highest = 0
    for item in range(items.count):
        reached = shares[: highest + 1].copy()
        shares[: highest + 1] *= chances[item, 0]
        for score in range(1, int(steps[item]) + 1):
            shares[score : score + highest + 1] += reached * chances[item, score]
        highest += int(steps[item])
    return shares


def expected_summed_score(items: ItemParameters, theta: Array) -> Array:
    """Return the test characteristic curve: the expected summed score at each ability."""
    return np.asarray(expected_scores(items, np.asarray(theta, dtype=float)).sum(axis=0))


def expected_summed_score_slope(items: ItemParameters, theta: Array) -> Array:
    """Return the points of summed score that one logit is worth at each ability."""
    slope = category_curves(items, np.asarray(theta, dtype=float)).slope
    scores = np.arange(slope.shape[1], dtype=float)
    return np.asarray(np.einsum("k,jkq->q", scores, slope), dtype=float)


def ability_at_expected_score(items: ItemParameters, scores: Array) -> Array:
    """
    Return the ability whose expected summed score is each of `scores`, to 1e-12 logits or so.

    Where the curve is not monotone (items with slopes of both signs) the answer is one of the
    abilities with that expected score.

    Raises:
        ExpectedScoreOutOfReach: a score is not strictly between the curve's two ends (guessing
            holds the lower end above 0).
    """
    wanted = np.atleast_1d(np.asarray(scores, dtype=float))
    low, high = np.full(wanted.shape, -_WIDEST), np.full(wanted.shape, _WIDEST)
    floor, ceiling = expected_summed_score(items, np.array([-_WIDEST, _WIDEST]))
    outside = ~((wanted > floor) & (wanted < ceiling))
    if outside.any():
        raise ExpectedScoreOutOfReach(
            f"no ability has an expected score of {wanted[outside][0]:g}: "
            f"the test's expected scores lie between {floor:g} and {ceiling:g}"
        )
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = expected_summed_score(items, middle) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(0.5 * (low + high))
