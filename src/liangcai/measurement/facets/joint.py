"""Joint estimation with the bias of the person measures taken out: modified profile likelihood.

Maximising over persons and elements together overstates the measures of elements, by about
L/(L − 1) for L ratings a person, since each person's measure is fitted to few ratings. The factor
is right only for complete designs. Here the profile likelihood of the elements is
modified by ½ Σ log information(person) (Barndorff-Nielsen, 1983; Cox & Reid, 1987), which makes
it the saddlepoint approximation of the likelihood given the persons' total scores: it holds for
any sparse design, person by person. Persons with an extreme total carry no information about
elements and take no part.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.design import Design
from liangcai.measurement.facets.moments import RatingCurves, moments_of, person_sums, survival
from liangcai.measurement.facets.sparse_sums import totals

_MOST_STEPS = 60
_LONGEST_MOVE = 1.0
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Value and gradient of the modified profile likelihood; `theta` and `sd` are the persons'."""

    vector: Array
    value: float
    gradient: Array
    theta: Array
    sd: Array


def person_maximum(curves: RatingCurves, theta: Array, *, total: Array) -> tuple[Array, Array]:
    """Return the person measures at which the expected total equals `total` (N), and their information."""
    theta = theta.copy()
    information = np.ones_like(theta)
    for _ in range(_MOST_STEPS):
        sums = person_sums(curves, theta)
        information = sums.information
        move = np.clip((total - sums.mean) / information, -_LONGEST_MOVE, _LONGEST_MOVE)
        if np.abs(move).max() < _CLOSE:
            break
        theta += move
    return theta, information


def profile(design: Design, vector: Array, near: Array) -> Profile:
    """Return the modified profile likelihood; the persons' maxima are sought from `near` (N)."""
    curves = RatingCurves.of(design, vector)
    theta, information = person_maximum(curves, near, total=design.person_total)
    skew = person_sums(curves, theta).third
    value = 0.5 * float(np.log(information).sum())
    by_element = np.empty(design.person.size)
    by_step = np.empty((design.categories.steps, design.person.size))
    for rows in curves.blocks():
        probability = curves.probabilities(theta, rows)
        reach, number = survival(probability), design.number[rows]
        who, weight = design.person[rows], design.weight[rows]
        value += float(weight @ np.log(probability[np.arange(number.size), number]))
        distance = np.arange(probability.shape[1]) - reach.sum(axis=1, keepdims=True)
        # Covariances of reaching a step with the number, and with its squared distance.
        once = survival(probability * distance)
        twice = survival(probability * distance**2) - reach * once.sum(axis=1, keepdims=True)
        tilt = (skew[who] / information[who])[:, None]
        modified = (0.5 / information[who])[:, None] * (tilt * once - twice)
        given = number[:, None] > np.arange(reach.shape[1])
        scores = weight[:, None] * (reach - given + modified)
        by_step[:, rows], by_element[rows] = scores.T, scores.sum(axis=1)
    gradient = _gradient(design, by_element, by_step)
    return Profile(vector, value, gradient, theta, 1.0 / np.sqrt(information))


def information_gain(design: Design, vector: Array, theta: Array) -> Array:
    """
    Return the factor by which conditioning adds to each person's profile information (N).

    1 − (K4/I − K3²/I²) / (2I(1 − 1/L)) with the person's cumulants I, K3, K4 and L the effective
    number of ratings: the curvature of ½ log I where ratings are alike. For L dichotomous ratings
    alike it is L/(L − 1), which is exact. Kept within ½ and 2; 1 for a person with one rating.
    """
    curves = RatingCurves.of(design, vector)
    sums, squares = person_sums(curves, theta), np.zeros_like(theta)
    for rows in curves.blocks():
        variance = moments_of(curves.probabilities(theta, rows)).variance
        squares += totals(design.person[rows], design.weight[rows] * variance**2, theta.size)
    spare = 1.0 - squares / sums.information**2
    share = 2.0 * sums.information * np.where(spare > 1e-9, spare, np.inf)
    return np.asarray(np.clip(1.0 - sums.excess() / share, 0.5, 2.0), dtype=float)


def _gradient(design: Design, by_element: Array, by_step: Array) -> Array:
    layout = design.layout
    gradient = np.zeros(layout.size)
    of_pattern = totals(design.pattern, by_element, design.places.shape[0])
    for column in design.places.T:
        gradient[: layout.elements] += totals(column, of_pattern, layout.elements)
    group = design.group[design.pattern]
    steps = [totals(group, step, layout.step_groups) for step in by_step]
    gradient[layout.step_start : layout.mean_start] = np.stack(steps, axis=1).ravel()
    return gradient
