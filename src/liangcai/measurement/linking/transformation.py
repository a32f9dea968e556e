"""The linear map from one ability scale to another, applied to abilities, items and scores."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.scoring.persons import PersonScores


class TransformationInvalid(LiangcaiError):
    """A map between scales needs a positive finite slope and a finite intercept."""

    code = "measurement.transformation-invalid"


@dataclass(frozen=True, slots=True)
class Transformation:
    """The map theta → slope·theta + intercept from one logit scale to another."""

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.slope, self.intercept]).all() and self.slope > 0.0):
            raise TransformationInvalid(
                f"slope {self.slope:g}, intercept {self.intercept:g}: both finite, the slope positive"
            )

    def of(self, theta: npt.ArrayLike) -> Array:
        """Return the abilities on the new scale."""
        return np.asarray(self.slope * np.asarray(theta, dtype=float) + self.intercept, dtype=float)

    def inverse(self) -> Self:
        """Return the map that leads back."""
        return type(self)(1.0 / self.slope, -self.intercept / self.slope)

    def then(self, other: Self) -> Self:
        """Return the map that does this one first and `other` next: a chain of links."""
        return type(self)(other.slope * self.slope, other.slope * self.intercept + other.intercept)

    def items(self, items: ItemParameters) -> ItemParameters:
        """Return the items on the new scale: every probability stays what it was."""
        nominal = np.array([model == "nominal" for model in items.models], dtype=bool)[:, None]
        turned = items.category_slopes / self.slope
        return replace(
            items,
            a=items.a / self.slope,
            b=np.where(
                nominal, items.b - turned * self.intercept, self.slope * items.b + self.intercept
            ),
            category_slopes=turned,
        )

    def scores(self, scores: PersonScores) -> PersonScores:
        """Return the persons on the new scale, with their errors, priors and bounds."""
        low, high = self.of(scores.bounds).tolist()
        return replace(
            scores,
            theta=self.of(scores.theta),
            se=self.slope * scores.se,
            bounds=(low, high),
            prior_mean=tuple(self.of(scores.prior_mean).tolist()),
            prior_sd=tuple(self.slope * sd for sd in scores.prior_sd),
        )
