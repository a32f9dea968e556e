"""The outcome of a many-facet calibration: measures of all elements, steps, population, and how sure they are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.facets.categories import Categories
from liangcai.measurement.facets.ratings import Facet, Ratings, RatingsInvalid
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class FacetCalibration(Result):
    """
    Measures in logits of the E elements of all facets, facet after facet; higher is harder or more severe.

    `standard_error` (E) is 0 for anchored elements, NaN where it does not exist. `extreme` marks
    elements whose scores are all lowest or all highest: their total was moved by 0.3 score points
    inwards, since it has no finite measure itself. `part` (E) numbers the connected parts of each
    facet: measures are comparable within a part only. `steps` and `step_error` (G × K, NaN where a
    scale is shorter) belong to the step groups of `categories`. Population means and standard
    deviations come with errors; `population_part` (M × F) says to which parts a mean belongs.
    `covariance` (E × E) is kept for up to 200 elements.
    """

    title: ClassVar[str] = "Many-facet Rasch calibration"

    facets: tuple[str, ...]
    facet_of: Index
    elements: tuple[str, ...]
    measure: Array
    standard_error: Array
    ratings: Array
    observed_average: Array
    extreme: Flags
    anchored: Flags
    part: Index
    categories: Categories
    steps: Array
    step_error: Array
    populations: tuple[str, ...]
    population_mean: Array
    mean_error: Array
    population_sd: Array
    sd_error: Array
    population_part: Index
    population_group: Index
    groups: tuple[str, ...]
    estimation: str
    log_likelihood: float
    parameters: int
    persons: int
    iterations: int
    converged: bool
    ended: str
    largest_gradient: float
    nodes: int
    quadrature_error: float
    error_method: str
    error_precision: float
    covariance: Array | None
    method: str
    source: str

    @property
    def deviance(self) -> float:
        """Minus twice the log-likelihood."""
        return -2.0 * self.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion, of the marginal likelihood."""
        return self.deviance + 2.0 * self.parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of persons."""
        return self.deviance + math.log(self.persons) * self.parameters

    @property
    def comparable(self) -> bool:
        """Whether all measures of a facet may be compared."""
        return bool(self.part.max(initial=0) == 0)

    def facts(self) -> Mapping[str, Any]:
        """Return likelihood, convergence, population and what was done to the scale."""
        absent = self.categories.collapsed()
        return {
            "log-likelihood": self.log_likelihood,
            "parameters": self.parameters,
            "persons": self.persons,
            "converged": self.converged if self.converged else f"no: {self.ended}",
            "iterations": self.iterations,
            "grid points": self.nodes,
            "quadrature error": self.quadrature_error,
            "population mean": self.population_mean,
            "population sd": self.population_sd,
            "steps": self.steps[0] if self.categories.step_facet is None else "by element",
            "unused categories taken out": ", ".join(f"{score} ({name})" for name, score in absent)
            or "none",
            "measures comparable": self.comparable,
            "standard errors": self.error_method,
        }

    def columns(self) -> Mapping[str, Any]:
        """Return one row an element: facet, element, measure, error, ratings, average, flags, part."""
        return {
            "facet": tuple(self.facets[place] for place in self.facet_of),
            "element": self.elements,
            "measure": self.measure,
            "standard error": self.standard_error,
            "ratings": self.ratings,
            "observed average": self.observed_average,
            "extreme": self.extreme,
            "anchored": self.anchored,
            "part": self.part + 1,
        }

    def rows_of(self, facet: str) -> Index:
        """
        Return the rows of the elements of a facet.

        Raises:
            RatingsInvalid: no facet has that name.
        """
        if facet not in self.facets:
            raise RatingsInvalid(f"no facet is called {facet!r}; there are {self.facets}")
        return np.flatnonzero(self.facet_of == self.facets.index(facet))

    def measures_of(self, facet: str) -> dict[str, float]:
        """Return the measure of each element of a facet by name."""
        return {self.elements[row]: float(self.measure[row]) for row in self.rows_of(facet)}

    def aligned(self, ratings: Ratings) -> Ratings:
        """
        Return the ratings with elements and groups numbered as in this calibration.

        Raises:
            RatingsInvalid: a facet, an element or a group was not calibrated.
        """
        codes = []
        facets = []
        for name in self.facets:
            place = ratings.facet_place(name)
            known = [self.elements[row] for row in self.rows_of(name)]
            given = ratings.facets[place].elements
            codes.append(_renumbered(ratings.elements[:, place], given, known, name))
            facets.append(Facet(name, tuple(known)))
        groups = ratings.groups
        if len(self.groups) > 1:
            if groups is None:
                raise RatingsInvalid("the calibration knows person groups; give `groups`")
            groups = _renumbered(groups, ratings.group_names, self.groups, "group")
        return replace(
            ratings,
            facets=tuple(facets),
            elements=np.stack(codes, axis=1),
            groups=groups,
            group_names=self.groups if groups is not None and len(self.groups) > 1 else (),
        )


def _renumbered(
    codes: Index, given: tuple[str, ...], known: list[str] | tuple[str, ...], what: str
) -> Index:
    if tuple(given) == tuple(known):
        return codes
    place = {name: number for number, name in enumerate(known)}
    strange = [name for name in given if name not in place]
    if strange:
        raise RatingsInvalid(f"{what}: {strange[0]!r} was not calibrated")
    return np.array([place[name] for name in given], dtype=np.intp)[codes]
