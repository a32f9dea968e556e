"""Prior densities as they bear on the working parameters: value, gradient, information of each row."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.priors import Beta, LogNormal, Normal, Priors


@dataclass(frozen=True, slots=True)
class PriorTerms:
    """Log prior of each row (I), its gradient (I × P), its positive curvature (I × P × P)."""

    value: Array
    gradient: Array
    information: Array


@dataclass(frozen=True, slots=True)
class _Place:
    """Rows of one family, the working parameters of all, and the share of its prior that each bears."""

    rows: Index
    working: Array
    share: Array


def prior_terms(layout: Layout, working: Array, priors: Priors) -> PriorTerms:
    """Return the terms; a prior bears on free parameters only, and on none of a nominal item."""
    rows, width = working.shape
    terms = PriorTerms(np.zeros(rows), np.zeros((rows, width)), np.zeros((rows, width, width)))
    if priors == Priors():
        return terms
    share = _share(layout)
    for block in layout.blocks:
        if block.family != "nominal":
            steps = [1 + step for step in range(block.steps)]
            at = _Place(block.rows, working, share)
            _add(terms, at, 0, priors.slope)
            for place in steps:
                _add_difficulty(terms, at, place, priors.difficulty)
            if block.family == "logistic":
                _add(terms, at, 2, priors.lower)
                _add(terms, at, 3, priors.upper)
    return terms


def _share(layout: Layout) -> Array:
    """Return the part of a prior that each row's parameter bears (I × P): 0 where it is fixed.

    A parameter that several rows share has one prior, not one for each row.
    """
    own = (layout.local != 0.0).any(axis=2)
    used = layout.shared != 0.0
    sharers = np.maximum(used.sum(axis=0), 1)  # of each shared value, by working parameter
    common = (used / sharers).max(axis=2, initial=0.0)
    return np.where(own, 1.0, common)


def _add(
    terms: PriorTerms, at: _Place, place: int, prior: Normal | LogNormal | Beta | None
) -> None:
    if prior is None:
        return
    rows, working = at.rows[at.share[at.rows, place] > 0.0], at.working
    share = at.share[rows, place]
    value, slope, curvature = prior.at(working[rows, place])
    terms.value[rows] += share * value
    terms.gradient[rows, place] += share * slope
    terms.information[rows, place, place] += share * np.maximum(-curvature, 0.0)


def _add_difficulty(terms: PriorTerms, at: _Place, place: int, prior: Normal | None) -> None:
    """Add the prior of b = −δ/a, by the chain rule in a and δ."""
    if prior is None:
        return
    rows, working = at.rows[at.share[at.rows, place] > 0.0], at.working
    share = np.maximum(at.share[rows, place], at.share[rows, 0])
    a, delta = working[rows, 0], working[rows, place]
    value, slope, curvature = prior.at(-delta / a)
    by_a, by_delta = np.where(at.share[rows, 0] > 0.0, delta / a**2, 0.0), -1.0 / a
    value, slope, curvature = share * value, share * slope, share * curvature
    terms.value[rows] += value
    terms.gradient[rows, 0] += slope * by_a
    terms.gradient[rows, place] += slope * by_delta
    for one, left in ((0, by_a), (place, by_delta)):
        for other, right in ((0, by_a), (place, by_delta)):
            terms.information[rows, one, other] -= curvature * left * right
