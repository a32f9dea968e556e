"""How reliable a set of abilities is: from the estimates themselves, or from the items and a prior."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.models.curves import information
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import frequencies, require_one_ability
from liangcai.measurement.scoring.persons import METHOD_NAMES, PersonScores
from liangcai.measurement.scoring.prior import fine_grid, narrowest, normal_prior


class ReliabilityUndefined(LiangcaiError):
    """There are fewer than two finite estimates, or they do not vary: reliability does not exist."""

    code = "measurement.reliability-undefined"


@dataclass(frozen=True, slots=True)
class Reliability(Result):
    """The share of variance in estimates that is variance of ability, and what it was made of."""

    title: ClassVar[str] = "Reliability of abilities"

    reliability: float
    variance_of_estimates: float
    mean_error_variance: float
    persons: int
    left_out: int
    method: str
    source: str

    def columns(self) -> dict[str, Any]:
        """Return one row: the reliability and its two variances."""
        return {
            "reliability": [self.reliability],
            "variance_of_estimates": [self.variance_of_estimates],
            "mean_error_variance": [self.mean_error_variance],
        }

    def facts(self) -> dict[str, Any]:
        """Return how many persons entered and how many had no finite standard error."""
        return {"persons": self.persons, "left out": self.left_out}


def empirical_reliability(scores: PersonScores, responses: Responses | None = None) -> Reliability:
    """
    Return the reliability of the estimates in `scores` in the group that was scored.

    For posterior means and modes, which are shrunk, it is V/(V + E); for MLE and WLE, which
    spread by their error, (V − E)/V, not below 0: V the variance of the estimates, E the mean squared
    standard error. `responses` adds frequency weights. Persons without a finite error are left out.

    Raises:
        ReliabilityUndefined: fewer than two estimates, no variance, or responses of other persons.
    """
    weights = np.ones(scores.theta.size) if responses is None else frequencies(responses)
    if weights.size != scores.theta.size:
        raise ReliabilityUndefined(
            f"{weights.size} persons responded and {scores.theta.size} were scored: give the "
            "responses that the scores come from"
        )
    kept = np.isfinite(scores.theta) & np.isfinite(scores.se)
    theta, se, weight = scores.theta[kept], scores.se[kept], weights[kept]
    total = float(weight.sum())
    if theta.size < 2 or total <= 1.0:
        raise ReliabilityUndefined(
            f"reliability needs finite estimates of two or more persons; there are {theta.size} "
            f"that stand for {total:g}"
        )
    mean = float(weight @ theta) / total
    spread = float(weight @ (theta - mean) ** 2) / (total - 1.0)
    error = float(weight @ se**2) / total
    if spread <= 0.0:
        raise ReliabilityUndefined("all estimates are equal: reliability does not exist")
    shrunk = scores.method in {METHOD_NAMES["eap"], METHOD_NAMES["map"]}
    return Reliability(
        reliability=spread / (spread + error) if shrunk else max(0.0, (spread - error) / spread),
        variance_of_estimates=spread,
        mean_error_variance=error,
        persons=theta.size,
        left_out=int((~kept).sum()),
        method="V/(V + mean se²)" if shrunk else "(V − mean se²)/V, not below 0",
        source="Bock & Mislevy (1982); Adams (2005)" if shrunk else "Wright & Masters (1982)",
    )


def marginal_reliability(
    items: ItemParameters, *, prior_mean: float = 0.0, prior_sd: float = 1.0
) -> Reliability:
    """
    Return the reliability to expect of complete responses in a normal population.

    It is the mean over that population of I/(I + 1/variance), I the test's information.

    Raises:
        PriorInvalid: the prior is not finite, or its standard deviation not positive.
        SeveralAbilities: the items measure several dimensions.
        GridTooFine: posteriors are too narrow beside the prior.
    """
    prior = normal_prior(prior_mean, prior_sd, groups=1)
    require_one_ability(items)
    nodes = fine_grid(*prior.span(6.0), width=0.25 * narrowest(items, prior)).nodes
    precision = information(items, nodes).sum(axis=0) + 1.0 / prior_sd**2
    error = float((prior.masses(nodes)[0] / precision).sum())
    return Reliability(
        reliability=1.0 - error / prior_sd**2,
        variance_of_estimates=prior_sd**2 - error,
        mean_error_variance=error,
        persons=0,
        left_out=0,
        method="mean of I/(I + 1/variance) over the normal population",
        source="Green, Bock, Humphreys, Linn & Reckase (1984)",
    )
