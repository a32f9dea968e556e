"""The many-facet Rasch model and how it is fitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.categories import (
    Categories,
    ScoresVaryTooLittle,
    categories_of,
)
from liangcai.measurement.facets.connection import Connection, connection_of
from liangcai.measurement.facets.ratings import Ratings, only_persons
from liangcai.measurement.facets.report import calibration_from
from liangcai.measurement.facets.search import joint_search, marginal_search
from liangcai.measurement.facets.setting import (
    EXTREME_ADJUSTMENT,
    anchors_of,
    extremes_of,
    layout_for,
    populations_of,
    problem_of,
    start_of,
)
from liangcai.measurement.facets.sparse_sums import totals

Estimation = Literal["marginal", "joint"]
Remedy = Literal["refuse", "subsets", "population"]
#: A standard error beyond this many logits means that the data say nothing about a parameter.
_WIDEST_ERROR = 1e3


class ModelInvalid(LiangcaiError):
    """An option of a many-facet model has an impossible value."""

    code = "measurement.facet-model-invalid"


class DesignDisconnected(LiangcaiError):
    """The rating design does not link all elements or persons; the message names those apart."""

    code = "measurement.design-disconnected"


class RatingsTooFew(LiangcaiError):
    """There are too few ratings for what is to be estimated."""

    code = "measurement.ratings-too-few"


@dataclass(frozen=True, slots=True)
class ManyFacet:
    """
    A many-facet Rasch model: log odds of a score over the next lower one are
    theta(person) − Σ measure(element of each facet) − step (Linacre, 1989).

    `steps` names the facet whose elements have steps of their own (partial credit); None shares
    one rating scale. `anchors` fixes measures, facet → element → logits; a facet without anchors
    is centred at 0. `sd` fixes the population's standard deviation. `disconnected` says what to
    do where the design falls apart: refuse; "subsets": centre every part on its own, measures
    not comparable between parts; "population": trust that the parts rated samples of one
    population, which then links them. `estimation`: "marginal" (normal persons, integrated out)
    or "joint" (no distribution; modified profile likelihood; quick for many ratings a person).

    Raises:
        ModelInvalid: `sd` or `tolerance` is not positive, `sd` is given to joint estimation, no
            iteration is allowed, or an option is unknown.
    """

    steps: str | None = None
    anchors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sd: float | None = None
    disconnected: Remedy = "refuse"
    estimation: Estimation = "marginal"
    tolerance: float = 1e-6
    most_iterations: int = 100

    def __post_init__(self) -> None:
        if self.sd is not None and not (np.isfinite(self.sd) and self.sd > 0.0):
            raise ModelInvalid(f"sd must be positive, not {self.sd}")
        if not self.tolerance > 0.0 or self.most_iterations < 1:
            raise ModelInvalid("tolerance must be positive and most_iterations at least 1")
        if self.estimation not in get_args(Estimation) or self.disconnected not in get_args(Remedy):
            raise ModelInvalid(
                f"estimation {self.estimation!r} or disconnected {self.disconnected!r} is unknown: "
                f"{' or '.join(get_args(Estimation))}; {', '.join(get_args(Remedy))}"
            )
        if self.sd is not None and self.estimation == "joint":
            raise ModelInvalid("joint estimation knows no population: leave `sd` out")

    def fit(self, ratings: Ratings) -> FacetCalibration:
        """
        Return the calibration of `ratings`, with standard errors and a report of convergence.

        Raises:
            RatingsInvalid: `steps` or `anchors` names an unknown facet.
            AnchorsInvalid: an anchor names an unknown element or is not finite.
            DesignDisconnected: the design falls apart and `disconnected` is "refuse", or facets
                are confounded with each other.
            ScoresVaryTooLittle: a rating scale was used with one score only.
            RatingsTooFew: no person has two ratings (so that the spread of persons cannot be
                told), or joint estimation finds no person between the extremes.
            ScaleTooLong: a scale has more steps than can be computed.
        """
        step_facet = None if self.steps is None else ratings.facet_place(self.steps)
        anchored, anchor = anchors_of(ratings, self.anchors)
        part = self._connection(ratings, anchored).element_part
        categories = categories_of(ratings, step_facet)
        joint = self.estimation == "joint"
        used = _between_extremes(ratings, categories) if joint else ratings
        self._check_spread(used)
        populations = populations_of(used, part)
        layout = layout_for(
            used,
            categories=categories,
            populations=populations,
            part=part,
            anchored=anchored,
            joint=joint,
            sd_known=self.sd is not None,
        )
        design = problem_of(used, layout=layout, categories=categories, populations=populations)
        tilt = np.where(anchored, 0.0, extremes_of(design)) * EXTREME_ADJUSTMENT
        start = start_of(design, anchor=anchor, sd=self.sd or 1.0)
        search = joint_search if joint else marginal_search
        outcome = search(
            design, start, tilt=tilt, tolerance=self.tolerance, most=self.most_iterations
        )
        if outcome.errors is not None:
            _check_told_apart(ratings, np.sqrt(outcome.errors.variance[: layout.elements]))
        return calibration_from(
            ratings,
            design=design,
            outcome=outcome,
            populations=populations,
            anchored=anchored,
            part=part,
            joint=joint,
        )

    def _connection(self, ratings: Ratings, anchored: Flags) -> Connection:
        through: Literal["persons", "population"] = (
            "population" if self.disconnected == "population" else "persons"
        )
        connection = connection_of(ratings, anchored=anchored, through=through)
        torn = connection.element_part.max(initial=0) > 0
        if torn and self.disconnected == "refuse":
            raise DesignDisconnected(
                f"{connection.sentence()}; add ratings that link them, anchor measures, or choose "
                "disconnected='subsets' or 'population'"
            )
        if connection.confounded.any():
            raise DesignDisconnected(
                f"{connection.confusion()}; leave a facet out, anchor measures or add crossed ratings"
            )
        return connection

    def _check_spread(self, ratings: Ratings) -> None:
        if self.estimation == "joint" or self.sd is not None:
            return
        held = np.bincount(ratings.person, weights=ratings.weight())
        if held.max() < 2.0 or len(ratings.persons) < 2:
            raise RatingsTooFew(
                "the spread of persons cannot be told from one rating a person or from one person; "
                "give `sd`"
            )


def _check_told_apart(ratings: Ratings, error: Array) -> None:
    wide = np.flatnonzero(error > _WIDEST_ERROR)
    if wide.size:
        names = [name for facet in ratings.facets for name in facet.elements]
        raise DesignDisconnected(
            f"the ratings say nothing about the measure of {names[wide[0]]!r}; it is confounded with "
            "other elements"
        )


def _between_extremes(ratings: Ratings, categories: Categories) -> Ratings:
    """Return the ratings of persons whose total is neither lowest nor highest, for joint estimation."""
    number, weight = categories.numbers_of(ratings), ratings.weight()
    top = (categories.exists.sum(axis=1) - 1)[categories.groups_of(ratings)]
    persons = len(ratings.persons)
    total = totals(ratings.person, weight * number, persons)
    most = totals(ratings.person, weight * top, persons)
    kept = (total > 1e-9) & (total < most - 1e-9)
    if not kept.any():
        raise RatingsTooFew("every person has only lowest or only highest scores")
    left = only_persons(ratings, kept)
    for place, facet in enumerate(ratings.facets):
        count = np.bincount(left.elements[:, place], minlength=len(facet.elements))
        if count.min() == 0:
            name = facet.elements[int(count.argmin())]
            raise RatingsTooFew(
                f"{facet.name} {name!r} rated only persons with an extreme total, who say nothing in joint "
                "estimation; use marginal estimation"
            )
    if categories_of(left, categories.step_facet).collapsed() != categories.collapsed():
        raise ScoresVaryTooLittle(
            "a score was given only to persons with an extreme total; use marginal estimation"
        )
    return left
