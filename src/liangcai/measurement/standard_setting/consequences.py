"""What a cut score does: who passes, how sure that is, and what its own error would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.classification.rudner import regressed_scores
from liangcai.measurement.classification.tables import checked_weights
from liangcai.measurement.proportions import wilson_interval
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, numbers

#: The cut itself, and the cut moved by whole standard errors of its own.
MOVES = (-2.0, -1.0, 0.0, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class GroupPassing(Result):
    """Pass rates of G groups at the cut, with Wilson intervals."""

    title: ClassVar[str] = "Pass rates by group"
    method: ClassVar[str] = "shares at or above the cut, 95 % Wilson intervals"
    source: ClassVar[str] = "Wilson (1927)"
    groups: tuple[str, ...]
    persons: Array
    pass_rate: Array
    low: Array
    high: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a group."""
        return {
            "group": self.groups,
            "persons": self.persons,
            "pass rate": self.pass_rate,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, slots=True)
class Consequences(Result):
    """What passes at the cut and at the cut ± 1 and 2 of its standard errors (five rows).

    `low` and `high` are the 95 % Wilson interval of the pass rate among persons like these.
    `accuracy` is the expected share of right decisions, `consistency` that of equal decisions on a
    parallel measurement (both NaN where nothing is known of the scores' error). Where the cut has
    no error all five rows are equal.
    """

    title: ClassVar[str] = "Consequences of a cut score"
    method: str
    source: str
    cut: float
    cut_error: float
    cuts: Array
    pass_rate: Array
    low: Array
    high: Array
    accuracy: Array
    consistency: Array
    groups: GroupPassing | None

    def columns(self) -> Mapping[str, Any]:
        """Return one row a cut."""
        return {
            "standard errors": np.array(MOVES),
            "cut": self.cuts,
            "pass rate": self.pass_rate,
            "low": self.low,
            "high": self.high,
            "accuracy": self.accuracy,
            "consistency": self.consistency,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the pass rate at the cut, its interval, accuracy and consistency."""
        place = MOVES.index(0.0)
        return {
            "cut": self.cut,
            "standard error of the cut": self.cut_error,
            "pass rate": self.pass_rate[place],
            "95 % interval": (self.low[place], self.high[place]),
            "accuracy": self.accuracy[place],
            "consistency": self.consistency[place],
        }


def consequences(
    scores: npt.ArrayLike,
    *,
    cut: float,
    cut_error: float = 0.0,
    groups: npt.ArrayLike | None = None,
    standard_errors: npt.ArrayLike | None = None,
    reliability: float | None = None,
    weights: npt.ArrayLike | None = None,
) -> Consequences:
    """
    Return what a cut does to the scores of N persons; a score on the cut passes.

    Give the scores' `standard_errors` (N, or one for all) or their `reliability`, or neither.
    `groups` are labels (N). With `weights` intervals rest on Kish's effective number of persons.

    Raises:
        JudgementsInvalid: a score is missing, lengths differ, an error is negative, or both
            standard errors and a reliability are given.
        ClassificationInvalid: the reliability is not between 0 and 1, or weights are unusable.
    """
    score = numbers(scores, "scores")
    if score.ndim != 1 or not np.isfinite(score).all():
        raise JudgementsInvalid("scores must be one row of finite numbers")
    if not (np.isfinite(cut) and np.isfinite(cut_error) and cut_error >= 0.0):
        raise JudgementsInvalid(f"a cut and its error must be finite: {cut!r} ± {cut_error!r}")
    if standard_errors is not None and reliability is not None:
        raise JudgementsInvalid("give standard errors or a reliability, not both")
    weight = checked_weights(weights, score.size)
    cuts = cut + cut_error * np.array(MOVES)
    above = score >= cuts[:, None]
    rate = np.clip(above @ weight, 0.0, 1.0)
    low, high = wilson_interval(rate, trials=1.0 / float((weight**2).sum()))
    source = "Wilson (1927)"
    accuracy = consistency = np.full(cuts.size, np.nan)
    if standard_errors is not None:
        accuracy, consistency = _of_errors(score, standard_errors, cuts, weight)
        source = "Wilson (1927); Rudner (2001, 2005)"
    elif reliability is not None:
        found = regressed_scores(score, weight=weight, reliability=reliability)
        distance = np.where(above, 1.0, -1.0) * (found.mean - cuts[:, None])
        accuracy = ndtr(distance / found.true_sd) @ weight
        consistency = ndtr(distance / found.parallel_sd) @ weight
        source = "Wilson (1927); Kelley (1947); Peng & Subkoviak (1980)"
    return Consequences(
        method="observed pass rates; accuracy and consistency from normal errors",
        source=source,
        cut=float(cut),
        cut_error=float(cut_error),
        cuts=cuts,
        pass_rate=rate,
        low=low,
        high=high,
        accuracy=accuracy,
        consistency=consistency,
        groups=None if groups is None else _by_group(score >= cut, groups, weight),
    )


def _of_errors(
    scores: Array, standard_errors: npt.ArrayLike, cuts: Array, weight: Array
) -> tuple[Array, Array]:
    given = numbers(standard_errors, "standard errors")
    if given.shape not in {(), scores.shape} or not (np.isfinite(given) & (given > 0.0)).all():
        raise JudgementsInvalid("standard errors must be above 0: one for all, or one a person")
    # The side that was observed is the likelier one: its chance is Φ(|distance|).
    right = ndtr(np.abs(scores - cuts[:, None]) / given)
    return right @ weight, 1.0 - 2.0 * ((right * (1.0 - right)) @ weight)


def _by_group(passed: Flags, groups: npt.ArrayLike, weight: Array) -> GroupPassing:
    labels = np.asarray(groups)
    if labels.shape != passed.shape:
        raise JudgementsInvalid(f"{passed.size} persons need {passed.size} group labels")
    # NaN alone differs from itself.
    missing = np.not_equal(labels, labels)
    if labels.dtype.kind == "O":
        missing |= np.equal(labels, np.array(None))
    if missing.any():
        raise JudgementsInvalid("a person has no group label: leave such out, or name their group")
    names, place = np.unique(labels.astype(str), return_inverse=True)
    held = np.bincount(place, weight)
    if (held <= 0.0).any():
        raise JudgementsInvalid("a group has persons of weight 0 only")
    rate = np.clip(np.bincount(place, weight * passed) / held, 0.0, 1.0)
    low, high = wilson_interval(rate, trials=held**2 / np.bincount(place, weight**2))
    return GroupPassing(
        groups=tuple(names.tolist()),
        persons=np.bincount(place).astype(float),
        pass_rate=rate,
        low=low,
        high=high,
    )
