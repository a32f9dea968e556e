"""A calibration applied to ratings: the compiled design and where each person stands on the scale."""

from dataclasses import dataclass, replace

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.curvature import gauss_rule
from liangcai.measurement.facets.design import Design
from liangcai.measurement.facets.grids import first_grid, grid_over
from liangcai.measurement.facets.layout import Layout, origins_of
from liangcai.measurement.facets.marginal import Marginal, marginal
from liangcai.measurement.facets.moments import RatingCurves, person_sums
from liangcai.measurement.facets.ratings import Ratings, RatingsInvalid
from liangcai.measurement.facets.setting import Populations, populations_of, problem_of

_ABSCISSAE = 5
_MOST_STEPS = 60
_CLOSE = 1e-9
_LONGEST_MOVE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """The ratings compiled with a calibration's numbering, its parameter vector and its curves."""

    ratings: Ratings
    design: Design
    vector: Array
    curves: RatingCurves


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Abscissae and masses of each person's measure (N × m): a posterior's Gauss rule, or one point of mass 1."""

    points: Array
    masses: Array


def applied(calibration: FacetCalibration, ratings: Ratings) -> Applied:
    """
    Return the ratings ready to be judged by `calibration`.

    Raises:
        RatingsInvalid: an element, a group or a combination of parts was not calibrated.
        ScoresVaryTooLittle: a score is not on the calibrated scale.
    """
    held = calibration.aligned(ratings)
    steps = calibration.steps.shape[1]
    spreads = len(calibration.groups)
    pieces = [
        calibration.measure,
        np.nan_to_num(calibration.steps).ravel(),
        np.nan_to_num(calibration.population_mean),
        np.log(np.where(np.isnan(calibration.population_sd), 1.0, calibration.population_sd)),
    ]
    vector = np.concatenate(pieces)
    layout = Layout(
        calibration.measure.size,
        calibration.steps.shape[0],
        steps,
        calibration.population_mean.size,
        spreads,
        np.ones(vector.size, dtype=bool),
        origins_of(np.full(vector.size, -1), vector.size),
    )
    populations = _calibrated(calibration, populations_of(held, calibration.part))
    design = problem_of(
        held, layout=layout, categories=calibration.categories, populations=populations
    )
    return Applied(held, design, vector, RatingCurves.of(design, vector))


def _calibrated(calibration: FacetCalibration, found: Populations) -> Populations:
    """Return the populations of the persons by their place in the calibration."""
    if calibration.estimation == "joint":
        return replace(found, of_person=np.zeros_like(found.of_person))
    known = {
        (int(group), *map(int, part)): place
        for place, (group, part) in enumerate(
            zip(calibration.population_group, calibration.population_part, strict=True)
        )
    }
    try:
        places = [
            known[int(group), *map(int, part)]
            for group, part in zip(found.group, found.part, strict=True)
        ]
    except KeyError as error:
        raise RatingsInvalid(
            f"a person was rated from parts {error.args[0][1:]} that no calibrated person joined"
        ) from None
    of_person = np.array(places, dtype=np.intp)[found.of_person]
    return Populations(
        of_person,
        calibration.population_part,
        calibration.population_group,
        calibration.populations,
    )


def posterior_of(calibrated: Applied) -> Marginal:
    """Return the persons' posteriors on a grid that resolves them."""
    design, vector = calibrated.design, calibrated.vector
    rough = marginal(design, vector, first_grid(design, vector))
    return marginal(design, vector, grid_over(rough.mean, rough.sd))


def standing_of(calibration: FacetCalibration, calibrated: Applied) -> Standing:
    """Return where persons stand: by their posteriors, or at Warm's estimate for a joint calibration."""
    if calibration.estimation == "joint":
        theta, _ = weighted_likelihood(calibrated)
        return Standing(theta[:, None], np.ones((theta.size, 1)))
    found = posterior_of(calibrated)
    return Standing(*gauss_rule(found.posterior, found.grid.nodes, _ABSCISSAE))


def weighted_likelihood(calibrated: Applied) -> tuple[Array, Array]:
    """
    Return Warm's weighted likelihood estimate of each person and its standard error (N each).

    The score is observed − expected total + ½ Σ third moment / information (Warm, 1989), finite for
    extreme totals as well; the standard error is 1/√information.
    """
    design, curves = calibrated.design, calibrated.curves
    theta = np.zeros(design.persons)
    sums = person_sums(curves, theta)
    for _ in range(_MOST_STEPS):
        score = design.person_total - sums.mean + 0.5 * sums.third / sums.information
        slope = np.maximum(sums.information - 0.5 * sums.excess(), 0.25 * sums.information)
        move = np.clip(score / slope, -_LONGEST_MOVE, _LONGEST_MOVE)
        theta = theta + move
        sums = person_sums(curves, theta)
        if np.abs(move).max(initial=0.0) < _CLOSE:
            break
    return theta, 1.0 / np.sqrt(sums.information)
