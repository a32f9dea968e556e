"""The scale of comparative judgement as a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.comparison.misfit import JudgeFit
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class ComparisonScale(Result):
    """
    Measures of S scripts in logits, with mean 0 unless anchors set the origin.

    `standard_errors` are 0 for anchors; `wins` counts a tie as half; `infit` and `outfit` have
    expectation 1, NaN where a script was never compared. `log_tie` is log ν, NaN without tie model.
    `reliability` is the scale separation reliability of the scripts that are no anchors, NaN with
    fewer than two; adaptive pairing inflates it (see `separation_reliability`).
    """

    title: ClassVar[str] = "Scale of comparative judgement"
    scripts: tuple[str, ...]
    measures: Array
    standard_errors: Array
    exposures: Index
    wins: Array
    infit: Array
    outfit: Array
    anchored: Flags
    judges: JudgeFit
    reliability: float
    log_tie: float
    log_likelihood: float
    comparisons: int
    exact_errors: bool
    method: str
    source: str
    findings: tuple[str, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row a script."""
        return {
            "script": self.scripts,
            "measure": self.measures,
            "standard error": self.standard_errors,
            "comparisons": self.exposures,
            "wins": self.wins,
            "infit": self.infit,
            "outfit": self.outfit,
            "anchor": self.anchored,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the number of comparisons, the reliability and what was found."""
        notes = {f"finding {n + 1}": text for n, text in enumerate(self.findings)}
        return {
            "comparisons": self.comparisons,
            "judges": len(self.judges.judges),
            "scale separation reliability": self.reliability,
            "log-likelihood": self.log_likelihood,
            **notes,
        }


def separation(measures: Array, errors: Array) -> float:
    """Return 1 − mean squared error / variance, at least 0, NaN with fewer than two measures."""
    if measures.size < 2:
        return float("nan")
    spread = float(measures.var(ddof=1))
    return max(0.0, 1.0 - float((errors**2).mean()) / spread) if spread > 0 else 0.0
