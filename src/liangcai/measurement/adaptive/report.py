"""What a design achieves in simulation: accuracy by true ability, length, exposure, overlap, classification."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.blueprint import violations
from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.simulation import Simulation
from liangcai.measurement.adaptive.standing import Standing
from liangcai.measurement.adaptive.stopping import Glr, Sprt, alternatives
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.proportions import wilson_interval
from liangcai.measurement.results import Result

_Z95 = NormalDist().inv_cdf(0.975)


class ReportInvalid(LiangcaiError):
    """A simulation and a design do not belong together, or cuts or edges do not rise."""

    code = "measurement.adaptive.report-invalid"


@dataclass(frozen=True, slots=True)
class SimulationReport(Result):
    """
    Accuracy by ranges of true ability (the table), and how the pool was used.

    Range i holds persons with `low` ≤ true < `high`; its bias, rmse, se, length and 95 % coverage
    do not exist (NaN) where `persons` is 0, nor any of the overall ones when no truth is known.
    `exposure` is the share of persons who saw each item (J). `overlap` is the mean number of items
    that two persons share, over the mean length; `chi_square` compares exposure with equal use.
    `accuracy` is the share classified as their true ability, with Wilson's 95 % interval.
    """

    title: ClassVar[str] = "Report on simulated adaptive tests"
    method: ClassVar[str] = "monte carlo summaries; exposure, χ² and overlap counted exactly"
    source: ClassVar[str] = (
        "Chang & Ying (1999) for χ²; Chen, Ankenmann & Spray (2003) for overlap; Wilson (1927)"
    )
    low: Array
    high: Array
    persons: Index
    bias: Array
    rmse: Array
    mean_se: Array
    mean_length: Array
    coverage: Array
    overall_bias: float
    overall_rmse: float
    overall_length: float
    item_names: tuple[str, ...]
    exposure: Array
    chi_square: float
    overlap: float
    reasons: tuple[str, ...]
    reason_counts: Index
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    violations: int | None

    def columns(self) -> dict[str, Any]:
        """Return one row a range of true ability."""
        return {
            "from": self.low,
            "to": self.high,
            "persons": self.persons,
            "bias": self.bias,
            "rmse": self.rmse,
            "mean se": self.mean_se,
            "mean length": self.mean_length,
            "coverage": self.coverage,
        }

    def facts(self) -> dict[str, Any]:
        """Return the headline."""
        facts: dict[str, Any] = {
            "persons": int(self.reason_counts.sum()),
            "bias": self.overall_bias,
            "RMSE": self.overall_rmse,
            "mean length": self.overall_length,
            "largest exposure rate": float(self.exposure.max()),
            "share of items never used": float((self.exposure == 0.0).mean()),
            "χ² to equal use": self.chi_square,
            "test overlap rate": self.overlap,
        }
        for name, count in zip(self.reasons, self.reason_counts, strict=True):
            facts[f"ended by {name}"] = facts.get(f"ended by {name}", 0) + int(count)
        if self.accuracy is not None:
            facts["classification accuracy"] = self.accuracy
            facts["95 % interval"] = (self.accuracy_low, self.accuracy_high)
        if self.violations is not None:
            facts["constraints violated"] = self.violations
        return facts


def report(
    design: Design,
    simulation: Simulation,
    *,
    cuts: Sequence[float] = (),
    edges: Sequence[float] = (-2.0, -1.0, 0.0, 1.0, 2.0),
) -> SimulationReport:
    """
    Return what `design` achieved in `simulation`.

    `edges` cut true ability into ranges, open at both ends. With `cuts`, persons are classified:
    by the likelihood ratio where the design stops by `Sprt` or `Glr` at these cuts, else by the
    estimate.

    Raises:
        ReportInvalid: the simulation is of another pool, or cuts or edges do not rise.
    """
    if simulation.item_names != design.pool.items.names:
        raise ReportInvalid("the simulation was made with another pool than the design's")
    for name, points in (("cuts", cuts), ("edges", edges)):
        if not np.isfinite(points).all() or np.any(np.diff(points) <= 0.0):
            raise ReportInvalid(f"{name} must be finite and rise: {tuple(points)}")
    given = simulation.given()
    seen = given.sum(axis=0)
    error = simulation.theta - simulation.truth
    ranges = np.searchsorted(np.asarray(edges, dtype=float), simulation.truth, side="right")
    ranges = np.where(np.isnan(simulation.truth), -1, ranges)
    inside = ranges == np.arange(len(edges) + 1)[:, None]
    right = None if not cuts else _classified_right(design, simulation, tuple(cuts))
    interval = (None, None) if right is None else _accuracy_interval(right)
    length = float(simulation.length.mean())
    return SimulationReport(
        low=np.array([-np.inf, *edges]),
        high=np.array([*edges, np.inf]),
        persons=inside.sum(axis=1),
        bias=_means(inside, error),
        rmse=np.sqrt(_means(inside, error**2)),
        mean_se=_means(inside, simulation.se),
        mean_length=_means(inside, simulation.length.astype(float)),
        coverage=_means(inside, (np.abs(error) <= _Z95 * simulation.se).astype(float)),
        overall_bias=float(error.mean()),
        overall_rmse=float(np.sqrt((error**2).mean())),
        overall_length=length,
        item_names=simulation.item_names,
        exposure=seen / simulation.theta.size,
        chi_square=_chi_square(seen / simulation.theta.size, length),
        overlap=_overlap(seen, simulation.theta.size, length),
        reasons=simulation.reasons,
        reason_counts=np.bincount(simulation.reason, minlength=len(simulation.reasons)),
        accuracy=None if right is None else float(right.mean()),
        accuracy_low=interval[0],
        accuracy_high=interval[1],
        violations=None if design.shadow is None else int(violations(design.shadow, given).sum()),
    )


def levels(design: Design, simulation: Simulation, cuts: tuple[float, ...]) -> Index:
    """Return how many cuts each person is placed above (N): by likelihood ratio or by the estimate."""
    for rule in alternatives(design.stop):
        if isinstance(rule, Sprt | Glr) and rule.cuts == cuts:
            ratios = rule.ratios(design.pool, design.estimator, final_standing(design, simulation))
            return np.asarray((ratios >= 0.0).sum(axis=1), dtype=np.intp)
    return np.asarray((simulation.theta[:, None] >= np.array(cuts)).sum(axis=1), dtype=np.intp)


def _accuracy_interval(right: Array) -> tuple[float, float]:
    low, high = wilson_interval(right.mean(), trials=right.size)
    return float(low), float(high)


def _classified_right(design: Design, simulation: Simulation, cuts: tuple[float, ...]) -> Array:
    if np.isnan(simulation.truth).any():
        raise ReportInvalid("classification accuracy needs the true ability of every person")
    true = (simulation.truth[:, None] >= np.array(cuts)).sum(axis=1)
    return np.asarray(levels(design, simulation, cuts) == true, dtype=float)


def final_standing(design: Design, simulation: Simulation) -> Standing:
    """Return where the persons stood at the end, from their items and scores."""
    count, pool = simulation.theta.size, design.pool
    height = np.tile(design.estimator.log_prior(pool.grid), (count, 1))
    for items, scores in zip(simulation.items.T, simulation.scores.T, strict=True):
        rows = np.flatnonzero(items >= 0)
        height[rows] += pool.tables.log_probability[items[rows], scores[rows]]
    return Standing(
        log_posterior=height,
        closed=simulation.given(),
        items=simulation.items,
        scores=simulation.scores,
        seeds=np.zeros(count, dtype=np.uint64),
        theta=simulation.theta,
        se=simulation.se,
        barred=None,
    )


def _means(inside: Flags, values: Array) -> Array:
    count = inside.sum(axis=1)
    total = np.where(inside, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _chi_square(exposure: Array, length: float) -> float:
    """Σ (r − L/J)²/(L/J): 0 when all items are used equally (Chang & Ying, 1999)."""
    even = length / exposure.size
    return float(((exposure - even) ** 2).sum() / even) if even > 0.0 else 0.0


def _overlap(seen: Index, persons: int, length: float) -> float:
    """Mean items shared by two persons over the mean length; does not exist (NaN) for one person."""
    if persons < 2 or length == 0.0:
        return float("nan")
    shared = float((seen * (seen - 1.0)).sum()) / (persons * (persons - 1.0))
    return shared / length
