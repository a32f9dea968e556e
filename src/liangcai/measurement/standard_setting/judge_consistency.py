"""Whether each judge's item judgements agree with how hard the items are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array
from liangcai.measurement.models.curves import expected_scores
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.summed import theta_of_expected_score
from liangcai.measurement.standard_setting.angoff import Angoff
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, numbers
from liangcai.measurement.standard_setting.rounds import correlation


@dataclass(frozen=True, slots=True)
class JudgeConsistency(Result):
    """Judges against empirical difficulty: one row a judge.

    `correlation` is that of judged and empirical shares over items (NaN where a judge gave all
    items one value: it does not exist). `error` is the root mean square difference of judged and
    expected shares: after removing the judge's mean level where only p-values are known, at the
    judge's own implied ability where item curves are. `index` is van der Linden's consistency C, 1
    for none and 0 for the largest possible error (NaN with p-values). `theta` is that implied
    ability (NaN with p-values).
    """

    title: ClassVar[str] = "Consistency of judges with item difficulty"
    method: str
    source: str
    judges: tuple[str, ...]
    correlation: Array
    error: Array
    index: Array
    theta: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a judge."""
        return {
            "judge": self.judges,
            "correlation": self.correlation,
            "error": self.error,
            "index": self.index,
            "theta": self.theta,
        }


def consistency_with_p_values(found: Angoff, p_values: npt.ArrayLike) -> JudgeConsistency:
    """
    Return judges' consistency with the items' p-values (mean score over highest score).

    Raises:
        JudgementsInvalid: there is not one p-value from 0 to 1 an item.
    """
    difficulty = numbers(p_values, "p-values")
    share = found.points / found.highest
    if difficulty.shape != share.shape[1:] or not ((difficulty >= 0.0) & (difficulty <= 1.0)).all():
        raise JudgementsInvalid(f"{share.shape[1]} items need as many p-values from 0 to 1")
    gap = share - difficulty
    level = gap.mean(axis=1, keepdims=True)
    none = np.full(share.shape[0], np.nan)
    return JudgeConsistency(
        method="judged shares against p-values",
        source="Smith & Smith (1988)",
        judges=found.panel.judges,
        correlation=np.array([correlation(row, difficulty) for row in share]),
        error=np.sqrt(((gap - level) ** 2).mean(axis=1)),
        index=none,
        theta=none.copy(),
    )


def consistency_with_curves(found: Angoff, items: ItemParameters) -> JudgeConsistency:
    """
    Return judges' consistency with the item curves at the ability that their own cut implies.

    Raises:
        JudgementsInvalid: the items are others than those judged, or have other highest scores.
        ExpectedScoreUnreachable: a judge's cut is the expected score of no ability.
    """
    if items.count != len(found.items) or not np.array_equal(items.steps, found.highest):
        raise JudgementsInvalid("the calibrated items must be those judged, with the same points")
    theta = theta_of_expected_score(items, found.panel.judge_cuts)
    expected = (expected_scores(items, theta) / items.steps[:, None]).T
    share = found.points / found.highest
    gap = np.abs(share - expected)
    largest = np.maximum(expected, 1.0 - expected)
    return JudgeConsistency(
        method="judged shares against item curves at each judge's implied ability",
        source="van der Linden (1982)",
        judges=found.panel.judges,
        correlation=np.array(
            [correlation(one, other) for one, other in zip(share, expected, strict=True)]
        ),
        error=np.sqrt((gap**2).mean(axis=1)),
        index=1.0 - gap.mean(axis=1) / largest.mean(axis=1),
        theta=theta,
    )
