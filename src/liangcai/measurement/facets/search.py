"""The two searches for a calibration: over the marginal likelihood, and over the modified profile likelihood."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.climbing import Climb, climb, held_at
from liangcai.measurement.facets.curvature import (
    Curvature,
    CurvaturePlaces,
    gauss_rule,
    posterior_curvature,
    slope_curvature,
)
from liangcai.measurement.facets.design import Design
from liangcai.measurement.facets.errors_of_measures import ParameterErrors, parameter_errors
from liangcai.measurement.facets.grids import finer, first_grid, marginal_near
from liangcai.measurement.facets.joint import Profile, information_gain, profile
from liangcai.measurement.facets.layout import Layout
from liangcai.measurement.facets.marginal import Marginal, marginal

SMALLEST_SD = 0.01
_ABSCISSAE = 5
_LARGEST_QUADRATURE_ERROR = 1e-4
_REFINEMENTS = 4
Estimate = TypeVar("Estimate", Marginal, Profile)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a search found: parameters, their errors, and how it ended (joint: no grid, 0 nodes)."""

    vector: Array
    log_likelihood: float
    errors: ParameterErrors | None
    iterations: int
    converged: bool
    ended: str
    largest_gradient: float
    nodes: int
    quadrature_error: float


@dataclass(frozen=True, slots=True, eq=False)
class _Gridded:
    """The marginal likelihood on grids that follow the posteriors, `fineness` nodes a posterior sd."""

    design: Design
    tilt: Array
    fineness: float

    def at(self, vector: Array, near: Marginal) -> Marginal:
        found = marginal_near(self.design, vector, near, fineness=self.fineness)
        return _tilted(found, self.tilt)


def marginal_search(
    design: Design, start: Array, *, tilt: Array, tolerance: float, most: int
) -> Outcome:
    """
    Return the maximum of the marginal likelihood, with the quadrature error found by a finer grid.

    `tilt` (E) is added to the gradient of the elements: it moves the totals of extreme elements.
    """
    places = CurvaturePlaces.of(design)
    lowest = _lowest(design.layout)
    fineness, used = 1.0, 0
    at = _tilted(marginal(design, start, first_grid(design, start)), tilt)
    for _ in range(_REFINEMENTS):
        evaluate = _Gridded(design, tilt, fineness)
        ended = climb(
            evaluate.at,
            lambda point: slope_curvature(places, point.vector, theta=point.mean, sd=point.sd),
            lambda point: _exact(places, point),
            at,
            layout=design.layout,
            lowest=lowest,
            tolerance=tolerance,
            most=most - used,
        )
        at, used = ended.point, used + ended.iterations
        check = _tilted(marginal(design, at.vector, finer(at.grid)), tilt)
        error = abs(check.value - at.value)
        if error <= _LARGEST_QUADRATURE_ERROR or used >= most:
            break
        fineness *= 1.5
        # On the grid that the next climb will use, lest a change of grid passes for a loss.
        at = _Gridded(design, tilt, fineness).at(check.vector, check)
    held = held_at(design.layout, at, lowest)
    outcome = _outcome(
        ended, _exact(places, at), held, at.value - float(tilt @ design.layout.measures(at.vector))
    )
    stuck = "" if held is design.layout else "a population sd lies on its lower bound"
    exact = error <= _LARGEST_QUADRATURE_ERROR
    return replace(
        outcome,
        iterations=used,
        converged=outcome.converged and exact,
        ended=outcome.ended or ("" if exact else "the grid could not be made fine enough") or stuck,
        nodes=at.grid.nodes.size,
        quadrature_error=error,
    )


def joint_search(
    design: Design, start: Array, *, tilt: Array, tolerance: float, most: int
) -> Outcome:
    """Return the maximum of the modified profile likelihood."""
    places = CurvaturePlaces.of(design)
    ended = climb(
        lambda vector, near: _tilted(profile(design, vector, near.theta), tilt),
        lambda point: slope_curvature(places, point.vector, theta=point.theta, sd=point.sd),
        lambda point: _gained(places, point),
        _tilted(profile(design, start, np.zeros(design.persons)), tilt),
        layout=design.layout,
        lowest=np.full(design.layout.size, -np.inf),
        tolerance=tolerance,
        most=most,
    )
    at = ended.point
    value = at.value - float(tilt @ design.layout.measures(at.vector))
    return _outcome(ended, _gained(places, at), design.layout, value)


def _exact(places: CurvaturePlaces, point: Marginal) -> Curvature:
    """Return the curvature over a Gauss rule of each person's posterior."""
    points, masses = gauss_rule(point.posterior, point.grid.nodes, _ABSCISSAE)
    return posterior_curvature(places, point.vector, points=points, masses=masses)


def _gained(places: CurvaturePlaces, point: Profile) -> Curvature:
    """Return the curvature of the profile likelihood with what conditioning adds to it."""
    design = places.design
    gain = information_gain(design, point.vector, point.theta)
    held = replace(places, design=replace(design, weight=design.weight * gain[design.person]))
    return slope_curvature(held, point.vector, theta=point.theta, sd=point.sd / np.sqrt(gain))


def _outcome(
    ended: Climb[Marginal] | Climb[Profile], bend: Curvature, layout: Layout, value: float
) -> Outcome:
    errors = parameter_errors(bend, layout)
    convex = "" if errors is not None else "the information is not positive at the end"
    return Outcome(
        vector=ended.point.vector,
        log_likelihood=value,
        errors=errors,
        iterations=ended.iterations,
        converged=ended.converged and errors is not None,
        ended=ended.ended or convex,
        largest_gradient=ended.largest_gradient,
        nodes=0,
        quadrature_error=0.0,
    )


def _tilted(point: Estimate, tilt: Array) -> Estimate:
    if not tilt.any():
        return point
    gradient = point.gradient.copy()
    gradient[: tilt.size] += tilt
    value = point.value + float(tilt @ point.vector[: tilt.size])
    return replace(point, value=value, gradient=gradient)


def _lowest(layout: Layout) -> Array:
    lowest = np.full(layout.size, -np.inf)
    lowest[layout.spread_start :] = np.log(SMALLEST_SD)
    return np.where(layout.fixed, -np.inf, lowest)
