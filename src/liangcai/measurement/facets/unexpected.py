"""Single ratings that nobody expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.residuals import SMALLEST_VARIANCE, residuals_of
from liangcai.measurement.facets.scoring import applied, standing_of
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class UnexpectedRatings(Result):
    """Ratings far from their expectation, farthest first; `row` is the place in the ratings, from 0."""

    title: ClassVar[str] = "Unexpected ratings"
    method: ClassVar[str] = "standardised residual at the persons' posteriors"
    source: ClassVar[str] = "Wright & Masters (1982)"

    facets: tuple[str, ...]
    row: Index
    person: tuple[str, ...]
    elements: tuple[tuple[str, ...], ...]
    score: Index
    expected: Array
    residual: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a rating: row, person, the element of each facet, score, expectation, residual."""
        named = {
            name: tuple(row[place] for row in self.elements)
            for place, name in enumerate(self.facets)
        }
        return {
            "row": self.row,
            "person": self.person,
            **named,
            "score": self.score,
            "expected": self.expected,
            "standardised residual": self.residual,
        }


def unexpected_ratings(
    calibration: FacetCalibration, ratings: Ratings, *, at_least: float = 3.0
) -> UnexpectedRatings:
    """
    Return the ratings whose standardised residual is `at_least` that far from 0.

    Raises:
        RatingsInvalid: an element was not calibrated.
    """
    calibrated = applied(calibration, ratings)
    design, held = calibrated.design, calibrated.ratings
    found = residuals_of(calibrated, standing_of(calibration, calibrated))
    spread = np.sqrt(np.maximum(found.variance, SMALLEST_VARIANCE))
    residual = (design.number - found.expected) / spread
    far = np.flatnonzero(np.abs(residual) >= at_least)
    far = far[np.argsort(-np.abs(residual[far]), kind="stable")]
    rows = design.rows[far]
    scores = np.nan_to_num(calibration.categories.scores)[design.group[design.pattern[far]]]
    below = np.floor(found.expected[far]).astype(np.intp)
    above = np.minimum(below + 1, scores.shape[1] - 1)
    step = found.expected[far] - below
    here = np.arange(far.size)
    return UnexpectedRatings(
        facets=calibration.facets,
        row=rows,
        person=tuple(held.persons[place] for place in held.person[rows]),
        elements=tuple(
            tuple(facet.elements[code] for facet, code in zip(held.facets, row, strict=True))
            for row in held.elements[rows]
        ),
        score=held.scores[rows],
        expected=(1.0 - step) * scores[here, below] + step * scores[here, above],
        residual=residual[far],
    )
