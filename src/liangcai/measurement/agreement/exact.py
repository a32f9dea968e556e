"""Exact and adjacent agreement of two raters beside what chance alone would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.agreement.ratings import (
    CodedRatings,
    RatingsInvalid,
    coded,
    complete_rows,
    two_columns,
)
from liangcai.measurement.arrays import Array
from liangcai.measurement.proportions import wilson_interval
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class ExactAgreement(Result):
    """
    Shares of persons on whom two raters agree exactly, and within `reach` (adjacent).

    Bounds are Wilson's; `by_chance` shares follow from the base rates. `base_rates` is K × 2,
    `specific` each category's agreement: of the ratings in it, the share that the other rater
    gave too (NaN does not exist: nobody used the category).
    """

    title: ClassVar[str] = "Exact and adjacent agreement"
    method: ClassVar[str] = "shares of persons with Wilson intervals; chance from the base rates"
    source: ClassVar[str] = "Wilson (1927); specific agreement: Cicchetti & Feinstein (1990)"
    exact: float
    exact_bounds: tuple[float, float]
    exact_by_chance: float
    adjacent: float
    adjacent_bounds: tuple[float, float]
    adjacent_by_chance: float
    reach: float
    level: float
    persons: int
    categories: tuple[str, ...]
    base_rates: Array
    specific: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a category."""
        return {
            "category": self.categories,
            "first rater": self.base_rates[:, 0],
            "second rater": self.base_rates[:, 1],
            "specific agreement": self.specific,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return both shares with their bounds and with chance beside them."""
        return {
            "exact agreement": self.exact,
            "exact, bounds": self.exact_bounds,
            "exact, by chance": self.exact_by_chance,
            f"agreement within {self.reach:g}": self.adjacent,
            "adjacent, bounds": self.adjacent_bounds,
            "adjacent, by chance": self.adjacent_by_chance,
            "persons": self.persons,
        }


def exact_agreement(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    reach: float = 1.0,
    categories: Sequence[object] | None = None,
    level: float = 0.95,
) -> ExactAgreement:
    """
    Return exact and adjacent agreement; persons with a missing rating are left out.

    `reach` is in units of the ratings, for texts in steps of `categories`.

    Raises:
        RatingsInvalid: the ratings do not fit together, `reach` is negative or `level` not in (0, 1).
    """
    if not reach >= 0 or not 0.0 < level < 1.0:
        raise RatingsInvalid(f"reach {reach:g} must be at least 0 and level {level:g} in (0, 1)")
    table = coded(two_columns(first, second), categories=categories)
    codes = complete_rows(table.codes)
    rates = CodedRatings(codes, table.categories, table.values, table.numeric).base_rates()
    count, persons = len(table.categories), len(codes)
    joint = np.bincount(codes[:, 0] * count + codes[:, 1], minlength=count**2).reshape(count, count)
    near = np.abs(table.values[:, None] - table.values[None, :]) <= reach + 1e-9
    used = joint.sum(axis=0) + joint.sum(axis=1)
    exact, adjacent = float(np.trace(joint)) / persons, float(joint[near].sum()) / persons
    return ExactAgreement(
        exact,
        _bounds(exact, persons, level),
        float(rates[:, 0] @ rates[:, 1]),
        adjacent,
        _bounds(adjacent, persons, level),
        float(rates[:, 0] @ near @ rates[:, 1]),
        reach,
        level,
        persons,
        table.categories,
        rates,
        np.where(used > 0, 2.0 * np.diag(joint) / np.maximum(used, 1), np.nan),
    )


def _bounds(share: float, persons: int, level: float) -> tuple[float, float]:
    low, high = wilson_interval(share, trials=persons, confidence=level)
    return float(low), float(high)
