"""Person measures from ratings, and fair averages: what a person would get from average raters and tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.moments import probabilities_at
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.scoring import applied, posterior_of, weighted_likelihood
from liangcai.measurement.facets.sparse_sums import totals
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class PersonMeasures(Result):
    """
    Measures of N persons in logits, their fair averages in score points, and the errors of both.

    `eap` and `eap_error` are posterior mean and sd (NaN after joint estimation, which knows no
    population); `wle` is Warm's estimate, finite for extreme totals (`extreme`) too. The fair
    average is the expected score at the Warm estimate where every facet stands at its mean.
    """

    title: ClassVar[str] = "Person measures"
    method: ClassVar[str] = (
        "posterior mean; weighted likelihood; fair average at the mean of every facet"
    )
    source: ClassVar[str] = "Bock & Mislevy (1982); Warm (1989); Linacre (1997)"

    persons: tuple[str, ...]
    ratings: Array
    observed_average: Array
    extreme: Flags
    eap: Array
    eap_error: Array
    wle: Array
    wle_error: Array
    fair_average: Array
    fair_error: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a person."""
        return {
            "person": self.persons,
            "ratings": self.ratings,
            "observed average": self.observed_average,
            "fair average": self.fair_average,
            "fair error": self.fair_error,
            "EAP": self.eap,
            "EAP error": self.eap_error,
            "WLE": self.wle,
            "WLE error": self.wle_error,
            "extreme": self.extreme,
        }


def person_measures(calibration: FacetCalibration, ratings: Ratings) -> PersonMeasures:
    """
    Return the measures of all persons of `ratings` on the calibrated scale.

    Raises:
        RatingsInvalid: an element or a group was not calibrated.
        ScoresVaryTooLittle: a score is not on the calibrated scale.
    """
    calibrated = applied(calibration, ratings)
    design = calibrated.design
    wle, wle_error = weighted_likelihood(calibrated)
    eap, eap_error = np.full(design.persons, np.nan), np.full(design.persons, np.nan)
    if calibration.estimation == "marginal":
        found = posterior_of(calibrated)
        eap, eap_error = found.mean, found.sd
    fair, slope = fair_scores(calibration, wle)
    weight = ratings.weight()
    count = totals(ratings.person, weight, design.persons)
    total = totals(ratings.person, weight * ratings.scores, design.persons)
    top = design.categories.exists.sum(axis=1)[design.group][design.pattern] - 1
    most = totals(design.person, design.weight * top, design.persons)
    reached = design.person_total
    return PersonMeasures(
        persons=ratings.persons,
        ratings=count,
        observed_average=total / count,
        extreme=(reached <= 1e-9) | (reached >= most - 1e-9),
        eap=eap,
        eap_error=eap_error,
        wle=wle,
        wle_error=wle_error,
        fair_average=fair,
        fair_error=slope * wle_error,
    )


def fair_scores(calibration: FacetCalibration, theta: Array) -> tuple[Array, Array]:
    """
    Return the expected original score at `theta` with every facet at its mean, and its slope by theta.

    With steps by the elements of a facet the expected scores of its elements, each at its own
    measure, are averaged.
    """
    expected, slope = fair_table(calibration, theta)
    return expected.mean(axis=0), slope.mean(axis=0)


def fair_table(calibration: FacetCalibration, theta: Array) -> tuple[Array, Array]:
    """Return the same for every step group on its own (G × n)."""
    categories = calibration.categories
    own = None if categories.step_facet is None else calibration.facets[categories.step_facet]
    others = [name for name in calibration.facets if name != own]
    common = sum(float(calibration.measure[calibration.rows_of(name)].mean()) for name in others)
    places = np.full(len(categories.groups), common)
    if own is not None:
        places += calibration.measure[calibration.rows_of(own)]
    sums = np.cumsum(calibration.steps, axis=1)
    weights = np.concatenate(
        [np.zeros((places.size, 1)), np.where(np.isnan(sums), -np.inf, -sums)], axis=1
    )
    scores, numbers = np.nan_to_num(categories.scores), np.arange(weights.shape[1])
    expected, slope = np.empty((places.size, theta.size)), np.empty((places.size, theta.size))
    for group, place in enumerate(places):
        which = np.full(theta.size, group)
        probability = probabilities_at(theta - place, weights, which)
        expected[group] = probability @ scores[group]
        crossed = probability @ (scores[group] * numbers)
        slope[group] = crossed - expected[group] * (probability @ numbers)
    return expected, slope
