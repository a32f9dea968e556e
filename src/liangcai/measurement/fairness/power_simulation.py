"""The power of Mantel–Haenszel by simulation: a real test length, impact, purification left out."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.mantel_haenszel import DELTA, MantelHaenszelDif, mantel_haenszel
from liangcai.measurement.fairness.power import PowerUndefined
from liangcai.measurement.proportions import wilson_interval
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class SimulatedTest:
    """A 2PL test (D = 1) whose first item is studied, and the groups that take it.

    `slopes`, `difficulties` (J) hold in the reference group; the focal group's mean ability lies
    `impact` logits below 0, both deviations are 1.
    """

    slopes: Array
    difficulties: Array
    reference_count: int
    focal_count: int
    impact: float = 0.0


@dataclass(frozen=True, slots=True)
class SimulatedPower(Result):
    """One row a true effect Δ of the first item; rates are shares of the replications.

    `low`, `high`: Wilson's 95 % interval of the rejection rate.
    """

    title = "Simulated power of the Mantel–Haenszel test"
    method = "Simulated 2PL responses, thin matching by the sum of all items"
    source = "Mantel & Haenszel (1959); Holland & Thayer (1988); Wilson (1927)"
    replications: int
    level: float
    delta: Array
    rejected: Array
    low: Array
    high: Array
    class_c: Array
    mean_delta: Array

    def columns(self) -> dict[str, Array]:
        """Return one row an effect."""
        return {
            "delta": self.delta,
            "rejected": self.rejected,
            "low": self.low,
            "high": self.high,
            "class C": self.class_c,
            "mean of estimates": self.mean_delta,
        }

    def facts(self) -> dict[str, float]:
        """Return replications and level."""
        return {"replications": self.replications, "level": self.level}


def simulated_power(
    test: SimulatedTest,
    delta: float | Array,
    *,
    rng: np.random.Generator,
    replications: int = 200,
    level: float = 0.05,
) -> SimulatedPower:
    """
    Return how often DIF of each size in `delta` is found; 0 gives the false-alarm rate.

    A replication without an estimate (everybody right or wrong) counts as not rejected.

    Raises:
        PowerUndefined: fewer than two items, slopes and difficulties that differ in number, an
            empty group, or no replication.
    """
    if test.slopes.shape != test.difficulties.shape:
        raise PowerUndefined(
            f"{test.slopes.size} slopes and {test.difficulties.size} difficulties: each item has one"
        )
    if test.slopes.size < 2 or min(test.reference_count, test.focal_count, replications) < 1:
        raise PowerUndefined("a simulation needs two items, persons in both groups, a replication")
    effects = np.atleast_1d(np.asarray(delta, dtype=float))
    runs = [
        [_replication(test, effect, rng, level) for _ in range(replications)] for effect in effects
    ]
    p = np.array([[run.p[0] for run in row] for row in runs])
    estimates = np.array([[run.delta[0] for run in row] for row in runs])
    large = np.array([[run.ets_class[0] == "C" for run in row] for row in runs])
    rejected = np.asarray((p <= level).mean(axis=1), dtype=float)
    known = np.isfinite(estimates)
    low, high = wilson_interval(rejected, trials=replications)
    return SimulatedPower(
        replications=replications,
        level=level,
        delta=effects,
        rejected=rejected,
        low=low,
        high=high,
        class_c=np.asarray(large.mean(axis=1), dtype=float),
        mean_delta=np.where(known, estimates, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1),
    )


def _replication(
    test: SimulatedTest, effect: float, rng: np.random.Generator, level: float
) -> MantelHaenszelDif:
    groups = np.repeat([0, 1], [test.reference_count, test.focal_count])
    theta = rng.standard_normal(groups.size) - test.impact * groups
    z = test.slopes * (theta[:, None] - test.difficulties)
    z[:, 0] -= effect / DELTA * groups
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    names = np.array(["reference", "focal"])[groups]
    return mantel_haenszel(responses_of(scores, groups=names), reference="reference", level=level)
