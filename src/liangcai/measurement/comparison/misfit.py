"""How judges and scripts fit the scale: residual mean squares with expectation 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.comparison.judgements import Comparisons
from liangcai.measurement.results import Result

_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class JudgeFit(Result):
    """
    How each judge's decisions fit the common scale.

    `infit` and `outfit` have expectation 1; above it a judge surprises. `discrimination` is one
    scoring step from 1 towards the judge's own slope: near 1 as the others, 0 is guessing. NaN: all
    of a judge's comparisons have weight 0, or pair scripts of equal measure.
    """

    title: ClassVar[str] = "Fit of judges"
    method: str
    source: str
    judges: tuple[str, ...]
    comparisons: Index
    infit: Array
    outfit: Array
    discrimination: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a judge."""
        return {
            "judge": self.judges,
            "comparisons": self.comparisons,
            "infit": self.infit,
            "outfit": self.outfit,
            "discrimination": self.discrimination,
        }


def judge_fit(
    comparisons: Comparisons, measures: Array, expected: Array, variance: Array
) -> JudgeFit:
    """Return each judge's fit, from expected outcomes and their variances (C each)."""
    size, judge = len(comparisons.judges), comparisons.judge
    rest = comparisons.outcome - expected
    infit, outfit = mean_squares(judge, rest, variance, comparisons.weights, size)
    apart = measures[comparisons.first] - measures[comparisons.second]
    slope = np.bincount(judge, comparisons.weights * rest * apart, size)
    information = np.bincount(judge, comparisons.weights * variance * apart**2, size)
    exists = information > _SMALLEST
    step = slope / np.where(exists, information, 1.0)
    return JudgeFit(
        "mean squares of residuals; one scoring step of a slope for each judge",
        "Wright & Masters (1982); Pollitt (2012)",
        comparisons.judges,
        np.bincount(judge, minlength=size).astype(np.intp),
        infit,
        outfit,
        np.where(exists, 1.0 + step, np.nan),
    )


def mean_squares(
    group: Index, rest: Array, variance: Array, weights: Array, size: int
) -> tuple[Array, Array]:
    """Return infit (weighted by information) and outfit (plain) of each group, NaN for an empty one."""
    held = weights * (variance > _SMALLEST)
    squares = np.bincount(group, held * rest**2, size)
    information = np.bincount(group, held * variance, size)
    plain = np.bincount(group, held * rest**2 / np.maximum(variance, _SMALLEST), size)
    counts = np.bincount(group, held, size)
    seen = information > 0
    return (
        np.where(seen, squares / np.where(seen, information, 1.0), np.nan),
        np.where(seen, plain / np.where(seen, counts, 1.0), np.nan),
    )


def outcome_moments(share: Array, starts: Index) -> tuple[Array, Array]:
    """Return the expected outcome of each comparison's first script (win 1, tie ½) and its variance."""
    width = share.size // starts.size
    table, scores = share.reshape(-1, width), np.linspace(1.0, 0.0, width)
    expected = table @ scores
    return expected, table @ scores**2 - expected**2


def script_fit(comparisons: Comparisons, expected: Array, variance: Array) -> tuple[Array, Array]:
    """Return infit and outfit of each script over its comparisons."""
    return mean_squares(
        np.concatenate([comparisons.first, comparisons.second]),
        np.tile(comparisons.outcome - expected, 2),
        np.tile(variance, 2),
        np.tile(comparisons.weights, 2),
        len(comparisons.scripts),
    )
