"""The scale of comparisons and ratings together as a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.comparison.misfit import JudgeFit
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class JointScale(Result):
    """
    Measures of S scripts in logits of the rubric, from comparisons and ratings together.

    Severities (higher is more severe) have mean 0, and so have the steps, unless some are given;
    what is given has standard error 0. At a step the chances of two neighbouring scores are even; `step_criteria` names their
    criterion. `slope` is how many logits of a comparison one logit of the rubric makes.
    """

    title: ClassVar[str] = "Comparisons and ratings on one scale"
    method: ClassVar[str] = (
        "posterior mode of a Bradley–Terry–Luce and a many-facet partial credit model, severities and "
        "steps by adjusted profile likelihood"
    )
    source: ClassVar[str] = (
        "Bradley & Terry (1952); Masters (1982); Linacre (1989); Cox & Reid (1987)"
    )
    scripts: tuple[str, ...]
    measures: Array
    standard_errors: Array
    comparisons: Index
    ratings: Index
    raters: tuple[str, ...]
    severities: Array
    severity_errors: Array
    rater_infit: Array
    rater_outfit: Array
    step_criteria: tuple[str, ...]
    steps: Array
    step_errors: Array
    judges: JudgeFit
    slope: float
    reliability: float
    log_likelihood: float
    exact_errors: bool
    findings: tuple[str, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row a script."""
        return {
            "script": self.scripts,
            "measure": self.measures,
            "standard error": self.standard_errors,
            "comparisons": self.comparisons,
            "ratings": self.ratings,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the raters, the steps and what was found."""
        notes = {f"finding {n + 1}": text for n, text in enumerate(self.findings)}
        return {
            "severities": self.severities,
            "steps": self.steps,
            "slope of comparisons": self.slope,
            "reliability": self.reliability,
            **notes,
        }
