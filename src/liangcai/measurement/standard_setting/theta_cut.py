"""A raw cut score on the ability scale, through the test characteristic curve."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.summed import theta_of_expected_score
from liangcai.measurement.standard_setting.panel import JudgementsInvalid


@dataclass(frozen=True, slots=True)
class ThetaCut(Result):
    """A cut on the raw score and the same cut in logits, each with its standard error.

    The error is that of the judgement alone; items count as known.
    """

    title: ClassVar[str] = "Cut score on the ability scale"
    method: ClassVar[str] = "inverse of the test characteristic curve, delta method"
    source: ClassVar[str] = "Hambleton & Swaminathan (1985); Cohen, Kane & Crooks (1999)"
    raw: float
    raw_standard_error: float
    theta: float
    standard_error: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row a scale."""
        return {
            "scale": ("raw score", "theta"),
            "cut": np.array([self.raw, self.theta]),
            "standard error": np.array([self.raw_standard_error, self.standard_error]),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the cut in logits and its 95 % interval."""
        half = 1.96 * self.standard_error
        return {"theta": self.theta, "95 % interval": (self.theta - half, self.theta + half)}


def theta_cut(items: ItemParameters, *, cut: float, standard_error: float = 0.0) -> ThetaCut:
    """
    Return the ability whose expected summed score is the raw `cut`.

    Raises:
        ExpectedScoreUnreachable: the cut is the expected score of no ability.
        JudgementsInvalid: the standard error is negative or not finite.
    """
    if not 0.0 <= standard_error < np.inf:
        raise JudgementsInvalid(
            f"the standard error of a cut must be finite and at least 0, not {standard_error!r}"
        )
    theta = theta_of_expected_score(items, np.array([cut]))
    slopes = category_curves(items, theta).slope[:, :, 0]
    points_per_logit = float((slopes @ np.arange(slopes.shape[1])).sum())
    return ThetaCut(
        raw=float(cut),
        raw_standard_error=float(standard_error),
        theta=float(theta[0]),
        standard_error=float(standard_error) / points_per_logit,
    )
