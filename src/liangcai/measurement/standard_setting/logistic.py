"""One logistic curve of a yes-or-no judgement by score, and the score where it reaches given odds."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index

_ROUNDS = 100
_STEEP = "the logistic curve did not settle: a score nearly divides the judgements"


class LogisticUndetermined(LiangcaiError):
    """No single logistic curve fits best: the judgements are all equal, or a score divides them."""

    code = "measurement.logistic-undetermined"


@dataclass(frozen=True, slots=True)
class LogisticCurve:
    """log odds = intercept + steepness · (score − centre)/width, with the covariance of the two (2 × 2)."""

    intercept: float
    steepness: float
    covariance: Array
    centre: float
    width: float

    @property
    def slope(self) -> float:
        """The change of the log odds for one point."""
        return self.steepness / self.width

    def where(self, log_odds: float) -> tuple[float, float]:
        """Return the score with these log odds and its standard error (delta method)."""
        place = (log_odds - self.intercept) / self.steepness
        gradient = np.array([1.0, place]) / self.steepness
        error = float(np.sqrt(gradient @ self.covariance @ gradient))
        return self.centre + self.width * place, self.width * error


def fit_logistic(scores: Array, passed: Array, *, clusters: Index | None = None) -> LogisticCurve:
    """
    Return the maximum likelihood curve; with `clusters` its covariance is cluster-robust.

    Robust covariances are those of Liang and Zeger (1986) with the factor G/(G − 1) for G
    clusters; a single cluster tells nothing about others, and gives NaN.

    Raises:
        LogisticUndetermined: the judgements are all equal, or one score divides them without error.
    """
    _check(scores, passed)
    centre, width = float(scores.mean()), float(scores.std())
    design = np.column_stack([np.ones(scores.size), (scores - centre) / width])
    effects = np.zeros(2)
    for _ in range(_ROUNDS):
        chance = expit(design @ effects)
        information = design.T @ (design * (chance * (1.0 - chance))[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (passed - chance))
        except np.linalg.LinAlgError:
            raise LogisticUndetermined(_STEEP) from None
        # A full step may overshoot where the curve is steep: the likelihood is checked and halved.
        while _log_likelihood(design, passed, effects + step) < (
            _log_likelihood(design, passed, effects) - 1e-12
        ):
            step = 0.5 * step
        effects = effects + step
        if np.abs(step).max() <= 1e-10 * (1.0 + np.abs(effects).max()):
            break
    else:
        raise LogisticUndetermined(_STEEP)
    chance = expit(design @ effects)
    information = design.T @ (design * (chance * (1.0 - chance))[:, None])
    covariance = np.linalg.inv(information)
    if clusters is not None:
        covariance = _robust(covariance, design * (passed - chance)[:, None], clusters)
    return LogisticCurve(float(effects[0]), float(effects[1]), covariance, centre, width)


def _log_likelihood(design: Array, passed: Array, effects: Array) -> float:
    odds = design @ effects
    return float(passed @ odds - np.logaddexp(0.0, odds).sum())


def _robust(covariance: Array, residuals: Array, clusters: Index) -> Array:
    _, place = np.unique(clusters, return_inverse=True)
    count = int(place.max()) + 1
    if count < 2:
        return np.full((2, 2), np.nan)
    sums = np.stack([np.bincount(place, column) for column in residuals.T], axis=1)
    return np.asarray(count / (count - 1) * covariance @ (sums.T @ sums) @ covariance)


def _check(scores: Array, passed: Array) -> None:
    if np.ptp(passed) == 0.0:
        raise LogisticUndetermined("all were judged alike: two kinds of judgement are needed")
    failed, good = scores[passed == 0.0], scores[passed == 1.0]
    for below, above in ((failed, good), (good, failed)):
        if below.max() <= above.min():
            raise LogisticUndetermined(
                f"scores from {below.max():g} to {above.min():g} divide the judgements without "
                "error: any cut there is as good; use the midpoint, or more persons near it"
            )
