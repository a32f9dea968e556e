"""Contrasting groups: the score that best divides masters from non-masters (Livingston & Zieky, 1982)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.crossings import (
    Crossing,
    Divided,
    kernel_crossing,
    normal_crossing,
)
from liangcai.measurement.standard_setting.logistic import fit_logistic
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, numbers

Curve = Literal["logistic", "normal", "kernel"]
_SOURCES = {
    "logistic": "Livingston & Zieky (1982); Sireci, Robin & Patelis (1999); Anderson (1972)",
    "normal": "Berk (1976); Livingston & Zieky (1982)",
    "kernel": "Berk (1976); Silverman (1986)",
}


class GroupsDoNotCross(LiangcaiError):
    """The two groups do not determine a cut: no score separates them at even cost."""

    code = "measurement.groups-do-not-cross"


@dataclass(frozen=True, slots=True)
class ContrastingGroups(Result):
    """A cut between two groups, with what it does to each.

    `false_positive` is the observed share of non-masters at or above the cut, `false_negative`
    that of masters below it; `expected_cost` weighs them by the base rate and the costs, per
    person. Rows of `columns`: non-masters, masters.
    """

    title: ClassVar[str] = "Contrasting groups cut score"
    method: str
    source: str
    cut: float
    standard_error: float
    count: Array
    mean: Array
    sd: Array
    passing: Array
    share_of_masters: float
    false_positive: float
    false_negative: float
    expected_cost: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row a group."""
        return {
            "group": ("non-masters", "masters"),
            "persons": self.count,
            "mean": self.mean,
            "sd": self.sd,
            "at or above the cut": self.passing,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return cut, standard error, interval, the two errors and the expected cost."""
        half = 1.96 * self.standard_error
        return {
            "cut": self.cut,
            "standard error": self.standard_error,
            "95 % interval": (self.cut - half, self.cut + half),
            "non-masters passing": self.false_positive,
            "masters failing": self.false_negative,
            "expected cost": self.expected_cost,
        }


def contrasting_groups(
    scores: npt.ArrayLike,
    masters: npt.ArrayLike,
    *,
    curve: Curve = "logistic",
    cost_of_false_positive: float = 1.0,
    cost_of_false_negative: float = 1.0,
    share_of_masters: float | None = None,
) -> ContrastingGroups:
    """
    Return the score at which passing and failing a person cost the same.

    `scores` (N) and `masters` (N, true or false by a judgement that did not see the scores).
    `curve` is a logistic regression, two normal densities, or two Gaussian kernel densities
    (Silverman's bandwidth). `share_of_masters` is that of the population, known; without it the
    sample's is used, and its sampling error counts. Standard errors: delta method (kernel: from the
    variance of the two densities, which leaves out that of the bandwidths and the bias of smoothing).

    Raises:
        JudgementsInvalid: lengths differ, a score is missing, a judgement is neither true nor
            false, a group has fewer than two persons, costs are not above 0, or the share is not
            between 0 and 1.
        GroupsDoNotCross: masters do not score higher, or the densities do not cross.
        LogisticUndetermined: a score divides the groups without error, so that any cut in a gap
            is as good; the message gives the gap.
    """
    score, flag = numbers(scores, "scores"), _yes_or_no(masters)
    _check(score, flag, cost_of_false_positive, cost_of_false_negative)
    share = float(flag.mean()) if share_of_masters is None else share_of_masters
    if not 0.0 < share < 1.0:
        raise JudgementsInvalid(f"the share of masters must lie between 0 and 1, not {share!r}")
    if curve not in _CURVES:
        raise JudgementsInvalid(f"curve must be one of {', '.join(_CURVES)}, not {curve!r}")
    # Passing costs as much as failing where P(master) / P(non-master) is the ratio of the costs.
    odds = float(np.log(share / (1.0 - share)))
    # In units of the whole sample: a distant origin of the scale must not cost any digit.
    centre, width = float(score.mean()), float(score.std())
    divided = Divided(
        (score[~flag] - centre) / width,
        (score[flag] - centre) / width,
        log_ratio=float(np.log(cost_of_false_positive / cost_of_false_negative)) - odds,
        ratio_variance=0.0 if share_of_masters is not None else _odds_variance(flag),
    )
    found = _CURVES[curve](divided)
    if found is None:
        raise GroupsDoNotCross(
            f"the {curve} curves of the groups cross nowhere: "
            "choose another curve, or review the classification of persons"
        )
    cut, groups = centre + width * found.cut, (score[~flag], score[flag])
    wrong_pass = float((groups[0] >= cut).mean())
    wrong_fail = float((groups[1] < cut).mean())
    return ContrastingGroups(
        method=f"contrasting groups, {curve} curves, costs {cost_of_false_positive:g} : "
        f"{cost_of_false_negative:g}",
        source=_SOURCES[curve],
        cut=cut,
        standard_error=width * found.standard_error,
        count=np.array([float(group.size) for group in groups]),
        mean=np.array([group.mean() for group in groups]),
        sd=np.array([group.std(ddof=1) for group in groups]),
        passing=np.array([wrong_pass, 1.0 - wrong_fail]),
        share_of_masters=share,
        false_positive=wrong_pass,
        false_negative=wrong_fail,
        expected_cost=(1.0 - share) * wrong_pass * cost_of_false_positive
        + share * wrong_fail * cost_of_false_negative,
    )


def _yes_or_no(masters: npt.ArrayLike) -> Flags:
    judged = numbers(masters, "judgements of mastery")
    if not ((judged == 0.0) | (judged == 1.0)).all():
        raise JudgementsInvalid(
            "a person was judged neither a master (true, 1) nor not (false, 0): leave such out"
        )
    return np.asarray(judged == 1.0)


def _odds_variance(masters: Flags) -> float:
    """Return the variance of the sample's log odds of being a master."""
    return 1.0 / int(masters.sum()) + 1.0 / int((~masters).sum())


def _check(scores: Array, masters: Flags, *costs: float) -> None:
    if scores.ndim != 1 or masters.shape != scores.shape or not np.isfinite(scores).all():
        raise JudgementsInvalid("each person needs a finite score and a judgement")
    if min(int(masters.sum()), int((~masters).sum())) < 2:
        raise JudgementsInvalid("each group needs two persons or more")
    if not all(np.isfinite(cost) and cost > 0.0 for cost in costs):
        raise JudgementsInvalid(f"costs must be finite and above 0, not {costs}")
    if scores[masters].mean() <= scores[~masters].mean():
        raise GroupsDoNotCross("masters score no higher than non-masters on average")


def _logistic_crossing(divided: Divided) -> Crossing:
    score = np.concatenate([divided.lower, divided.upper])
    passed = np.repeat([0.0, 1.0], [divided.lower.size, divided.upper.size])
    curve = fit_logistic(score, passed)
    # The sample's odds are taken out of the intercept, with their part of its variance (Anderson,
    # 1972): what remains is the likelihood ratio.
    sizes = divided.upper.size, divided.lower.size
    covariance = curve.covariance.copy()
    covariance[0, 0] += divided.ratio_variance - 1.0 / sizes[0] - 1.0 / sizes[1]
    intercept = curve.intercept - float(np.log(sizes[0] / sizes[1]))
    ratio = replace(curve, intercept=intercept, covariance=covariance)
    return Crossing(*ratio.where(divided.log_ratio))


_CURVES: dict[str, Callable[[Divided], Crossing | None]] = {
    "logistic": _logistic_crossing,
    "normal": normal_crossing,
    "kernel": kernel_crossing,
}
