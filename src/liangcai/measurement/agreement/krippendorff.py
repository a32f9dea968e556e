"""Krippendorff's α: one minus the ratio of the disagreement seen to that expected by chance."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from liangcai.measurement.agreement.coefficient import Agreement, Bootstrap, Statistic
from liangcai.measurement.agreement.kappa import agreement_of, rating_counts
from liangcai.measurement.agreement.ratings import (
    CodedRatings,
    Patterns,
    RatingsInvalid,
    coded,
    patterns_of,
)
from liangcai.measurement.agreement.weights import MOST_CATEGORIES
from liangcai.measurement.arrays import Array

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(
    ratings: npt.ArrayLike,
    *,
    level: Level = "nominal",
    categories: Sequence[object] | None = None,
    bootstrap: Bootstrap | None = None,
) -> Agreement:
    """
    Return Krippendorff's α of persons × raters, with any number of raters and gaps.

    `level` sets the difference of two ratings: unequal or not (nominal), the ratings lying between
    them (ordinal), their distance (interval), or their distance by their sum (ratio, ratings from
    0). Persons rated once are left out. In the result `observed` and `expected` are 1 minus the
    mean squared difference as a share of the largest one.
    The standard error is the jackknife over persons.

    Raises:
        RatingsInvalid: nobody was rated twice, a level that texts do not have, or a negative rating or
            more than 1,000 different ones at the ratio level.
        AgreementUndefined: all ratings are equal.
    """
    if level not in get_args(Level):
        raise RatingsInvalid(f"level {level!r} is unknown: {', '.join(get_args(Level))}")
    table = coded(ratings, categories=categories)
    if level in {"interval", "ratio"} and not table.numeric:
        raise RatingsInvalid(f"the {level} level needs numbers: texts are nominal or ordinal")
    if level == "ratio" and table.values.min() < 0:
        raise RatingsInvalid("the ratio level needs ratings of at least 0")
    if level == "ratio" and table.values.size > MOST_CATEGORIES:
        raise RatingsInvalid(
            f"the ratio level takes at most {MOST_CATEGORIES} different ratings, not {table.values.size}: "
            "round them, or use the interval level"
        )
    codes = table.codes[(table.codes >= 0).sum(axis=1) > 1]
    if not codes.size:
        raise RatingsInvalid("nobody was rated twice: agreement cannot be seen")
    rank = (
        np.argsort(np.argsort(table.values)) if level == "ordinal" else np.arange(table.values.size)
    )
    placed = np.where(codes >= 0, rank[codes], -1)
    patterns = patterns_of(placed, exchangeable=True)
    return agreement_of(
        _ALPHA[level](patterns, np.sort(table.values) if level == "ordinal" else table.values),
        patterns,
        CodedRatings(codes, table.categories, table.values, table.numeric),
        coefficient=f"Krippendorff's α ({level})",
        method="1 − observed by expected disagreement, from coincidences of pairable ratings",
        source="Krippendorff (2011; 2019)",
        bootstrap=bootstrap,
    )


def _alpha(observed: Array, expected: Array, largest: Array | float) -> tuple[Array, Array, Array]:
    """Coefficient and both agreements from disagreements, the latter in units of the largest one."""
    exists = expected > 1e-12 * largest
    ratio = np.where(exists, observed / np.where(exists, expected, 1.0), np.nan)
    unit = np.where(exists, largest, 1.0)
    return 1.0 - ratio, 1.0 - observed / unit, 1.0 - expected / unit


def _nominal(patterns: Patterns, values: Array) -> Statistic:
    counts = rating_counts(patterns, values.size)
    totals = np.asarray(counts.sum(axis=1))
    apart = (totals**2 - np.asarray(counts.power(2).sum(axis=1))) / (totals - 1.0)

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        rates, number = weights @ counts, weights @ totals
        expected = (number**2 - (rates**2).sum(axis=1)) / (number * (number - 1.0))
        return _alpha(weights @ apart / number, expected, 1.0)

    return statistic


def _interval(patterns: Patterns, values: Array) -> Statistic:
    counts = rating_counts(patterns, values.size)
    totals = np.asarray(counts.sum(axis=1))
    # Away from a common origin the squares would cancel.
    centred = values - np.average(values, weights=patterns.counts @ counts)
    sums, squares = counts @ centred, counts @ centred**2
    apart = 2.0 * (totals * squares - sums**2) / (totals - 1.0)
    largest = float(np.ptp(values)) ** 2

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        number = weights @ totals
        expected = 2.0 * (number * (weights @ squares) - (weights @ sums) ** 2)
        return _alpha(weights @ apart / number, expected / (number * (number - 1.0)), largest)

    return statistic


def _ordinal(patterns: Patterns, values: Array) -> Statistic:
    """Take the ordinal difference as the interval difference of mid-ranks, each resample's own."""
    counts = rating_counts(patterns, values.size)
    totals = np.asarray(counts.sum(axis=1))

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        rates, number = weights @ counts, weights @ totals
        ranks = np.cumsum(rates, axis=1) - 0.5 * rates - 0.5 * number[:, None]
        sums, squares = (counts @ ranks.T).T, (counts @ ranks.T**2).T
        apart = 2.0 * (weights * (squares - sums**2 / totals) * totals / (totals - 1.0)).sum(axis=1)
        spread = (rates * ranks**2).sum(axis=1) * number - (rates * ranks).sum(axis=1) ** 2
        largest = (ranks[:, -1] - ranks[:, 0]) ** 2
        return _alpha(apart / number, 2.0 * spread / (number * (number - 1.0)), largest)

    return statistic


def _ratio(patterns: Patterns, values: Array) -> Statistic:
    counts = rating_counts(patterns, values.size)
    totals = np.asarray(counts.sum(axis=1))
    difference = _relative(values)
    apart = np.asarray(counts.multiply(counts @ difference).sum(axis=1)) / (totals - 1.0)

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        rates, number = weights @ counts, weights @ totals
        expected = np.einsum("bk,bk->b", rates @ difference, rates) / (number * (number - 1.0))
        return _alpha(weights @ apart / number, expected, float(difference.max()))

    return statistic


def _relative(values: Array) -> Array:
    total = values[:, None] + values[None, :]
    apart = (values[:, None] - values[None, :]) / np.where(total > 0, total, 1.0)
    return np.asarray(apart**2, dtype=float)


_ALPHA: dict[str, Callable[[Patterns, Array], Statistic]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
