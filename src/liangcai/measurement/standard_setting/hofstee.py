"""Hofstee's compromise between an absolute and a relative standard (Hofstee, 1983)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, judge_names, numbers


class CompromiseMissing(LiangcaiError):
    """The failure rates that scores bring about never meet those that the judges accept."""

    code = "measurement.compromise-missing"


@dataclass(frozen=True, slots=True)
class Hofstee(Result):
    """Where the observed failure rate meets the judges' diagonal.

    `standard_error` is the jackknife over judges, scores fixed (NaN for one judge, and where the
    curve and the diagonal no longer meet without some judge).
    """

    title: ClassVar[str] = "Hofstee cut score"
    method: ClassVar[str] = "crossing of the failure-rate curve with the panel's mean diagonal"
    source: ClassVar[str] = "Hofstee (1983); standard error by jackknife over judges"
    cut: float
    standard_error: float
    failure_rate: float
    judges: tuple[str, ...]
    lowest_cut: Array
    highest_cut: Array
    lowest_failure_rate: Array
    highest_failure_rate: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a judge."""
        return {
            "judge": self.judges,
            "lowest cut": self.lowest_cut,
            "highest cut": self.highest_cut,
            "lowest failure rate": self.lowest_failure_rate,
            "highest failure rate": self.highest_failure_rate,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the cut, its error and the failure rate there."""
        return {
            "cut": self.cut,
            "standard error": self.standard_error,
            "failure rate": self.failure_rate,
        }


def hofstee(
    scores: npt.ArrayLike,
    *,
    lowest_cut: npt.ArrayLike,
    highest_cut: npt.ArrayLike,
    lowest_failure_rate: npt.ArrayLike,
    highest_failure_rate: npt.ArrayLike,
    judges: Sequence[str] | None = None,
) -> Hofstee:
    """
    Return the compromise for the scores of N persons and four answers a judge (rates 0 to 1).

    The failure rate at a cut is the share of persons below it, linear between distinct scores;
    just above the highest score all fail, so that a compromise is never above it.

    Raises:
        JudgementsInvalid: answers differ in number, are out of range, or a lowest is not below the
            highest.
        CompromiseMissing: the curve passes beside the diagonal; the message says on which side.
    """
    score = numbers(scores, "scores")
    if score.ndim != 1 or not score.size or not np.isfinite(score).all():
        raise JudgementsInvalid("scores must be one or more finite numbers")
    given = (lowest_cut, highest_cut, lowest_failure_rate, highest_failure_rate)
    answers = [np.atleast_1d(numbers(values, "cuts and failure rates")) for values in given]
    if len({values.shape for values in answers}) > 1 or not answers[0].size:
        raise JudgementsInvalid("each judge gives a lowest and a highest cut and failure rate")
    names = judge_names(judges, answers[0].size)
    table = np.stack(answers)
    rates = table[2:]
    if not np.isfinite(table).all() or rates.min() < 0.0 or rates.max() > 1.0:
        raise JudgementsInvalid("answers must be finite, failure rates between 0 and 1")
    if not ((table[0] < table[1]) & (table[2] < table[3])).all():
        raise JudgementsInvalid("each judge's lowest cut and rate must lie below the highest")
    cut = _compromise(score, table.mean(axis=1))
    return Hofstee(
        cut=cut,
        standard_error=_jackknife(score, table),
        failure_rate=float((score < cut).mean()),
        judges=names,
        lowest_cut=table[0],
        highest_cut=table[1],
        lowest_failure_rate=table[2],
        highest_failure_rate=table[3],
    )


def _compromise(scores: Array, corner: Array) -> float:
    low, high, least, most = corner
    values, counts = np.unique(scores, return_counts=True)
    below = (np.cumsum(counts) - counts) / scores.size
    knots = np.unique(np.clip(np.concatenate([[low, high], values]), low, high))
    gap = np.interp(knots, values, below, right=1.0) - (
        most - (most - least) * (knots - low) / (high - low)
    )
    if gap[0] > 0.0 or gap[-1] < 0.0:
        side = "more persons than accepted fail at the lowest cut"
        other = "fewer persons than accepted fail at the highest cut"
        raise CompromiseMissing(
            f"no compromise: {side if gap[0] > 0.0 else other}; widen the cuts or the rates"
        )
    place = int(np.argmax(gap >= 0.0))
    if place == 0 or knots[place - 1] >= values[-1]:
        return float(knots[max(place - 1, 0)])
    share = -gap[place - 1] / (gap[place] - gap[place - 1])
    return float(knots[place - 1] + share * (knots[place] - knots[place - 1]))


def _jackknife(scores: Array, table: Array) -> float:
    count = table.shape[1]
    if count < 2:
        return float("nan")
    try:
        rest = [
            _compromise(scores, np.delete(table, judge, axis=1).mean(axis=1))
            for judge in range(count)
        ]
    except CompromiseMissing:
        return float("nan")
    return float(np.sqrt((count - 1) * np.var(rest)))
