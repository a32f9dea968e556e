"""Reported scales: a linear map from logits with a stated origin and unit."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.persons import PersonScores


class ScaleInvalid(LiangcaiError):
    """A reported scale needs a finite origin, a positive unit, rising bounds and a positive rounding."""

    code = "measurement.scale-invalid"


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """
    A reported scale: `origin` is the score of an ability of 0 logits, `unit` the points of one logit.

    `defined_by` says in words what fixes it ("mean 500, sd 100 in the reference group of 2025").
    Scores are kept within `bounds` and rounded to multiples of `rounding`, if these are given.
    """

    origin: float
    unit: float
    defined_by: str
    bounds: tuple[float, float] | None = None
    rounding: float | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite([self.origin, self.unit]).all() and self.unit > 0.0):
            raise ScaleInvalid(
                f"origin {self.origin:g} and unit {self.unit:g}: finite, the unit positive"
            )
        if self.bounds is not None and not self.bounds[0] < self.bounds[1]:
            raise ScaleInvalid(f"bounds must rise, not {self.bounds}")
        if self.rounding is not None and not 0.0 < self.rounding < np.inf:
            raise ScaleInvalid(f"rounding must be positive and finite, not {self.rounding:g}")

    def of(self, theta: npt.ArrayLike) -> Array:
        """Return the reported score of each ability (logits); NaN, no estimate, stays NaN."""
        points = self.origin + self.unit * np.asarray(theta, dtype=float)
        if self.rounding is not None:
            points = np.floor(points / self.rounding + 0.5) * self.rounding
        return np.asarray(
            points if self.bounds is None else np.clip(points, *self.bounds), dtype=float
        )

    def theta_of(self, points: npt.ArrayLike) -> Array:
        """Return the ability that a score stands for, before rounding and bounds."""
        return np.asarray((np.asarray(points, dtype=float) - self.origin) / self.unit, dtype=float)

    def report(self, scores: PersonScores) -> "ScaledScores":
        """Return the scores as reported, with standard errors in points."""
        points = self.origin + self.unit * scores.theta
        held = np.zeros(points.size, dtype=np.intp)
        if self.bounds is not None:
            held = (points > self.bounds[1]).astype(np.intp) - (points < self.bounds[0])
        return ScaledScores(
            persons=scores.persons,
            score=self.of(scores.theta),
            se=self.unit * scores.se,
            held=held,
            scale=self,
            method=f"{scores.method}; then {self.origin:g} + {self.unit:g}·theta",
            source=scores.source,
        )


@dataclass(frozen=True, slots=True)
class ScaledScores(Result):
    """Reported scores with standard errors in points; `held` is −1 or 1 where a bound was applied."""

    title: ClassVar[str] = "Reported scores"

    persons: tuple[str, ...] | None
    score: Array
    se: Array
    held: Index
    scale: ScoreScale
    method: str
    source: str

    def columns(self) -> dict[str, Any]:
        """Return person, score, se and held."""
        names = self.persons or tuple(str(row + 1) for row in range(self.score.size))
        return {"person": names, "score": self.score, "se": self.se, "held": self.held}

    def facts(self) -> dict[str, Any]:
        """Return the scale's origin, unit and definition."""
        return {
            "origin": self.scale.origin,
            "unit": self.scale.unit,
            "defined by": self.scale.defined_by,
            "held at a bound": int((self.held != 0).sum()),
        }
